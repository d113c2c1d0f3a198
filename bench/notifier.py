"""Reminders from their clock to a provider on loopback: planned, claimed, re-checked, marked, sent, recorded.

One process against a PostgreSQL that keeps what it commits. The far end is another process on the same machine, which
answers at once or after a while. CPU counts this process and all of PostgreSQL.
"""

import argparse
import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from statistics import median

import psycopg

from bench._measuring import Figures, installed, measure
from bench._yesterday import remember
from bench.far_end import serving
from bench.peer.work import peak_memory
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.render import Renderer
from scheduler.timing import NORMAL
from service.database.embedded import EmbeddedPostgres
from service.database.tenancy import Database
from service.settings import Settings, SmsProvider
from tests.crowd import fill

_LATE = (
    "SELECT extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY accepted_at - %s)) FROM message"
    " WHERE state = 'accepted'"
)


SETTINGS = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")


@asynccontextmanager
async def planner_on(url: str) -> AsyncIterator[Planner]:
    database = Database(url)
    try:
        yield Planner(database, SETTINGS.secret_key)
    finally:
        await database.close()


@asynccontextmanager
async def sending(url: str, port: int) -> AsyncIterator[Delivery]:
    """Texts to the far end on that port."""
    database = Database(url)
    provider = SmsProvider(f"http://127.0.0.1:{port}", "AC1", "token", "+15550100", 10_000)
    channel = SmsChannel(provider, NORMAL)
    try:
        yield Delivery(database, {"sms": channel}, Renderer(SETTINGS), "bench", asyncio.Event())
    finally:
        await channel.close()
        await database.close()


async def one_round(server: EmbeddedPostgres, url: str, pid: int, due: int, port: int, clinics: int) -> list[Figures]:
    owner = server.superuser_url("bench")
    fill(owner, clinics, due // clinics, due // clinics)
    remember(owner)
    async with planner_on(url) as planner:
        planned = await measure(planner.tick(), pid)
    assert planned.done == due, f"{planned.done} planned of {due}"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
        connection.execute("VACUUM ANALYZE")
        started = connection.execute("SELECT clock_timestamp()").fetchone()
    async with sending(url, port) as delivery:
        sent = await measure(delivery.tick(), pid)
    with psycopg.connect(owner) as connection:
        states = connection.execute("SELECT state, count(*) FROM message GROUP BY state ORDER BY state").fetchall()
        late = connection.execute(_LATE, started).fetchone()
    assert states == [("accepted", due), ("delivered", due)], states
    assert late
    return [planned, replace(sent, late=float(late[0]))]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run bench notifier", description=__doc__)
    parser.add_argument("--due", type=int, default=10_000, help="reminders due at once (default 10,000)")
    parser.add_argument("--clinics", type=int, default=10, help="spread over so many clinics (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is quoted (default 3)")
    options = parser.parse_args(arguments)
    gc.freeze()  # as the scheduler does
    with installed() as (server, url, pid):
        for milliseconds in (0, 50):
            rounds = []
            with serving(milliseconds / 1000) as port:
                for number in range(options.rounds):
                    figures = asyncio.run(one_round(server, url, pid, options.due, port, options.clinics))
                    rounds.append(figures)
                    print(f"far end {milliseconds:2} ms, round {number + 1}")
                    for word, figure in zip(("planned", "sent"), figures, strict=True):
                        print(f"  {word:8}{figure.told()}", flush=True)
            for place, word in enumerate(("planned", "sent")):
                middle = median(round_[place].rate for round_ in rounds)
                print(f"far end {milliseconds:2} ms, {word}: median {middle:,.0f}/s", flush=True)
    print(f"peak memory of the process: {peak_memory():.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
