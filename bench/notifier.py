"""Reminders from their clock to a provider on loopback: planned, claimed, re-checked, marked, sent, recorded.

One process against a PostgreSQL that keeps what it commits. The far end is another process on the same machine, which
answers at once or after a while. CPU counts this process and all of PostgreSQL.
"""

import argparse
import asyncio
import os
import resource
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench.far_end import serving
from bench.yesterday import remember
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.render import Renderer
from scheduler.timing import NORMAL
from service.clock import monotonic
from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.database.tenancy import Database
from service.migrate import Login, migrate
from service.settings import Settings, SmsProvider
from tests.crowd import fill

SECRET = "only-for-measuring"


@dataclass(frozen=True)
class Figures:
    """`cpu`: seconds of this process and of PostgreSQL together."""

    done: int
    seconds: float
    client_cpu: float
    server_cpu: float

    def told(self) -> str:
        cpu = (self.client_cpu + self.server_cpu) / self.done * 1000
        return (
            f"{self.done / self.seconds:8,.0f}/s  {cpu:6.3f} CPU-s per 1,000 "
            f"(client {self.client_cpu / self.done * 1000:.3f}, PostgreSQL {self.server_cpu / self.done * 1000:.3f})"
        )


def server_cpu(postmaster: int) -> float:
    """User and system seconds of PostgreSQL, those of processes that have ended included."""
    total, tick = 0, os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) == postmaster or int(fields[1]) == postmaster:
            total += sum(map(int, fields[11:13]))
            if int(entry.name) == postmaster:
                total += sum(map(int, fields[13:15]))
    return total / tick


@contextmanager
def installed() -> Iterator[tuple[EmbeddedPostgres, str, int]]:
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as server:
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        migrate(server.superuser_url("bench"), [Login("b_app", SECRET, APP), Login("b_notifier", SECRET, NOTIFIER)])
        pid = int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0])
        yield server, server.url("b_notifier", SECRET, "bench"), pid


async def measure(work: Coroutine[Any, Any, int], postmaster: int) -> Figures:
    before, server_before = resource.getrusage(resource.RUSAGE_SELF), server_cpu(postmaster)
    started = monotonic()
    done = await work
    seconds = monotonic() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    client = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(done, seconds, client, server_cpu(postmaster) - server_before)


async def one_round(server: EmbeddedPostgres, url: str, pid: int, due: int, port: int, clinics: int) -> list[Figures]:
    owner = server.superuser_url("bench")
    fill(owner, clinics, due // clinics, due // clinics)
    remember(owner)
    database = Database(url)
    settings = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")
    provider = SmsProvider(f"http://127.0.0.1:{port}", "AC1", "token", "+15550100", 10_000)
    channel = SmsChannel(provider, NORMAL)
    planner = Planner(database, settings.secret_key)
    delivery = Delivery(database, {"sms": channel}, Renderer(settings), "bench", asyncio.Event())
    try:
        planned = await measure(planner.tick(), pid)
        assert planned.done == due, f"{planned.done} planned of {due}"
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
            connection.execute("VACUUM ANALYZE")
        sent = await measure(delivery.tick(), pid)
        with psycopg.connect(owner) as connection:
            states = connection.execute("SELECT state, count(*) FROM message GROUP BY state ORDER BY state").fetchall()
        assert states == [("accepted", due), ("delivered", due)], states
        return [planned, sent]
    finally:
        await channel.close()
        await database.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run bench notifier", description=__doc__)
    parser.add_argument("--due", type=int, default=10_000, help="reminders due at once (default 10,000)")
    parser.add_argument("--clinics", type=int, default=10, help="spread over so many clinics (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is quoted (default 3)")
    options = parser.parse_args(arguments)
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
                middle = median(round_[place].done / round_[place].seconds for round_ in rounds)
                print(f"far end {milliseconds:2} ms, {word}: median {middle:,.0f}/s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {peak:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
