"""Reminders from their clock to a provider on loopback: planned, claimed, re-checked, marked, sent, recorded.

One process against a PostgreSQL that keeps what it commits. The far end is another process on the same machine, which
answers at once or after a while. CPU counts this process and all of PostgreSQL.
"""

import argparse
import asyncio
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median

import psycopg
import uvloop

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
from service.loading import look_for_garbage_less
from service.settings import Settings, SmsProvider
from tests.crowd import fill

_LATE = (
    "SELECT extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY accepted_at - %s)) FROM message"
    " WHERE state = 'accepted'"
)


WARM_UP = 4_000
"""Of the first round, which is not counted: every connection has then sent each statement often enough."""
SETTINGS = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")


@asynccontextmanager
async def planner_on(url: str) -> AsyncIterator[Planner]:
    database = Database(url, plan_once=True)
    try:
        yield Planner(database, SETTINGS.secret_key)
    finally:
        await database.close()


@asynccontextmanager
async def sending(url: str, port: int) -> AsyncIterator[Delivery]:
    """Texts to the far end on that port."""
    database = Database(url, plan_once=True)
    provider = SmsProvider(f"http://127.0.0.1:{port}", "AC1", "token", "+13035550100", 10_000)
    channel = SmsChannel(provider, NORMAL)
    try:
        yield Delivery(database, {"sms": channel}, Renderer(SETTINGS), "bench", asyncio.Event())
    finally:
        await channel.close()
        await database.close()


@dataclass(frozen=True)
class Running:
    """A planner and a delivery that have worked before: a scheduler runs for weeks, and its connections have prepared
    what they send."""

    server: EmbeddedPostgres
    postmaster: int
    planner: Planner
    delivery: Delivery

    async def round(self, due: int, clinics: int) -> list[Figures]:
        """What planning and what sending cost."""
        owner = self.server.superuser_url("bench")
        fill(owner, clinics, due // clinics, due // clinics)
        remember(owner)
        planned = await measure(self.planner.tick(), self.postmaster)
        assert planned.done == due, f"{planned.done} planned of {due}"
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
            connection.execute("VACUUM ANALYZE")
            started = connection.execute("SELECT clock_timestamp()").fetchone()
        sent = await measure(self.delivery.tick(), self.postmaster)
        with psycopg.connect(owner) as connection:
            states = connection.execute("SELECT state, count(*) FROM message GROUP BY state ORDER BY state").fetchall()
            late = connection.execute(_LATE, started).fetchone()
        assert states == [("accepted", due), ("delivered", due)], states
        assert late
        return [planned, replace(sent, late=float(late[0]))]


@asynccontextmanager
async def running(server: EmbeddedPostgres, url: str, postmaster: int, port: int) -> AsyncIterator[Running]:
    async with planner_on(url) as planner, sending(url, port) as delivery:
        one = Running(server, postmaster, planner, delivery)
        await one.round(WARM_UP, 10)
        yield one


async def rounds(server: EmbeddedPostgres, url: str, postmaster: int, port: int, options: Namespace) -> None:
    async with running(server, url, postmaster, port) as one:
        found = []
        for number in range(options.rounds):
            found.append(await one.round(options.due, options.clinics))
            for word, figure in zip(("planned", "sent"), found[-1], strict=True):
                print(f"round {number + 1}, {word:8}{figure.told()}", flush=True)
        for place, word in enumerate(("planned", "sent")):
            middle, cpu = median(each[place].rate for each in found), median(each[place].cpu for each in found)
            print(f"{word}: median {middle:,.0f}/s, {cpu:.3f} CPU-s per 1,000", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run bench notifier", description=__doc__)
    parser.add_argument("--due", type=int, default=10_000, help="reminders due at once (default 10,000)")
    parser.add_argument("--clinics", type=int, default=10, help="spread over so many clinics (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is quoted (default 3)")
    options = parser.parse_args(arguments)
    look_for_garbage_less()  # as the scheduler does
    with installed() as (server, url, pid):
        for milliseconds in (0, 50):
            print(f"far end {milliseconds} ms")
            with serving(milliseconds / 1000) as port:
                uvloop.run(rounds(server, url, pid, port, options))
    print(f"peak memory of the process: {peak_memory():.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
