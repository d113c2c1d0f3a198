"""A PostgreSQL that keeps what it commits, and what a piece of work costs on it."""

import os
import resource
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

import tests.conftest  # noqa: F401  (before the key: it forks a process that has none)
from service.clock import monotonic
from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.migrate import Login, migrate
from tests.key import KEY as KEY
from tests.waiting import in_the_loop

SECRET = "only-for-measuring"


@dataclass(frozen=True)
class Figures:
    """CPU in seconds; `late`: of the 99th of a hundred, since the work began."""

    done: int
    seconds: float
    client_cpu: float
    server_cpu: float
    late: float = 0.0

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    @property
    def cpu(self) -> float:
        """A thousand."""
        return (self.client_cpu + self.server_cpu) / self.done * 1000

    def told(self) -> str:
        return (
            f"{self.rate:8,.0f}/s  {self.cpu:6.3f} CPU-s per 1,000 "
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
    # As a process of ours waits for its database, not as the tests do.
    psycopg.AsyncConnection.wait = in_the_loop  # type: ignore[method-assign]
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
