"""Writes a whole database down, as one snapshot sees it. Reads only; may be killed at any moment."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from service.backups.manifest import DUMP, FORMAT, Manifest, Say, fingerprint, write_manifest
from service.backups.programs import Programs
from service.backups.telling import told
from service.errors import WrongSettings

_UNFINISHED: Final = ".unfinished-"
_BLIND: Final = (
    "the login of the backup must see every clinic, and row-level security shows it none; a superuser gives it that: "
    "ALTER ROLE … BYPASSRLS; GRANT pg_read_all_data TO …"
)


def back_up(url: str, into: Path, now: datetime, say: Say) -> Path:
    """The folder of a new backup below `into`. Whole or not there at all.

    Raises WrongSettings when another backup is being made there, or the login cannot see everything.
    """
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"clamshell-{now:%Y%m%dT%H%M%SZ}"
    if (into / name).exists():
        raise WrongSettings(f"{into / name} is there already; wait a second")
    with _alone(into):
        unfinished = into / f"{_UNFINISHED}{name}"
        unfinished.mkdir(mode=0o700)
        write_manifest(unfinished, _write_down(url, unfinished / DUMP, now, say))
        unfinished.rename(into / name)
        _keep_name(into)
    return into / name


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """What a killed one left behind is removed: nobody else is at it."""
    lock = os.open(into / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in into.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        yield
    except BlockingIOError:
        raise WrongSettings(f"another backup is being made in {into}; wait for it, or choose another folder") from None
    finally:
        os.close(lock)


def _write_down(url: str, file: Path, now: datetime, say: Say) -> Manifest:
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if not _scalar(connection, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"):
            raise WrongSettings(_BLIND)
        revision = str(_scalar(connection, "SELECT version_num FROM public.alembic_version"))
        server = connection.info.server_version // 10_000
        key = _key_of(connection)
        snapshot = str(_scalar(connection, "SELECT pg_export_snapshot()"))
        tables = tables_of(connection)
        for line in told(Programs(url, server).dump(file, snapshot), len(tables), "written down"):
            say(line)
        rows = {table: count_rows(connection, table) for table in tables}
    _settle(file)
    return Manifest(FORMAT, now, revision, server, rows, file.stat().st_size, fingerprint(file), key)


def _key_of(connection: psycopg.Connection) -> str | None:
    if _scalar(connection, "SELECT to_regclass('public.key_check')") is None:
        return None
    found = _scalar(connection, "SELECT key_id FROM public.key_check")
    return str(found) if found else None


def tables_of(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [str(name) for (name,) in rows]


def count_rows(connection: psycopg.Connection, table: str) -> int:
    counted = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
    row = connection.execute(counted).fetchone()
    return int(row[0]) if row else 0


def _scalar(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _settle(file: Path) -> None:
    """On disk, and for nobody else to read."""
    file.chmod(0o600)
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _keep_name(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)
