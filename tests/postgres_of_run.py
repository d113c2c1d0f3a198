"""The PostgreSQL of a run: migrated once into a template, which each worker has a copy of."""

import fcntl
import os
import shutil
from pathlib import Path

import psycopg
import pytest

from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.migrate import Login, migrate

PASSWORD = "only-for-tests"
TEMPLATE = "template_clamshell"
ROOM_IN_MEMORY = 2 << 30
RUN = Path(f"/dev/shm/clamshell-tests-{os.getpid()}")
"""Of the process that collects the tests, for all workers."""


def migrated_in(run: Path) -> Path:
    """Made by whoever needs it first; the others wait."""
    run.mkdir(exist_ok=True)
    with open(run / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (run / "migrated").exists():
            shutil.rmtree(run / "unfinished", ignore_errors=True)  # Of a try that failed.
            _make_migrated(run / "unfinished")
            (run / "unfinished").rename(run / "migrated")
    return run / "migrated"


def _make_migrated(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as server:
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        logins = [Login("test_app", PASSWORD, APP), Login("test_notifier", PASSWORD, NOTIFIER)]
        migrate(server.superuser_url(TEMPLATE), logins)


def folder_of_run(otherwise: pytest.TempPathFactory) -> Path:
    """A database is a thousand files: made and removed at once where no disk is asked."""
    memory = RUN.parent
    if memory.is_dir() and shutil.disk_usage(memory).free >= ROOM_IN_MEMORY:
        return RUN
    return otherwise.getbasetemp() / "postgres"


def remove_left() -> None:
    """Whatever is left of this run, and of those that were killed."""
    for left in RUN.parent.glob("clamshell-tests-*"):
        process = Path("/proc", left.name.rpartition("-")[2])
        if left == RUN or not process.exists():
            shutil.rmtree(left, ignore_errors=True)
