"""What one machine keeps below a data folder: an embedded PostgreSQL, its logins, and the secrets of both."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import sleep

import psycopg
from psycopg import sql

from service.clock import monotonic
from service.database.embedded import DataFolderInUse, EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.migrate import login_of, migrate

DATABASE = "clamshell"
_JOIN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once for a data folder, readable by its user only."""

    secret_key: str
    app_password: str
    notifier_password: str


def read_secrets(folder: Path) -> Secrets:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.json"
    if not path.exists():
        _make_secrets(path)
    return Secrets(**json.loads(path.read_text()))


def _make_secrets(path: Path) -> None:
    """Whole or not at all; when two processes make them at once, the first wins for both."""
    with NamedTemporaryFile("w", dir=path.parent, prefix="secrets.") as unfinished:
        json.dump({name: secrets.token_urlsafe(32) for name in Secrets.__slots__}, unfinished)
        unfinished.flush()
        with suppress(FileExistsError):
            os.link(unfinished.name, path)


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._secrets = read_secrets(folder)
        self._postgres = EmbeddedPostgres(folder / "postgres")

    def start(self) -> None:
        """Returns with an up-to-date database. Raises DataFolderInUse when another process runs it."""
        self._postgres.start()
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        logins = [login_of(self.app_url, APP), login_of(self.notifier_url, NOTIFIER)]
        migrate(self._postgres.superuser_url(DATABASE), logins)

    def start_again(self) -> None:
        self._postgres.stop()
        self._postgres.start()

    def join(self) -> bool:
        """Uses the database that another process runs; False when its logins do not work yet."""
        if not self._postgres.join():
            return False
        try:
            psycopg.connect(self.app_url).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        self._postgres.stop()

    @property
    def running(self) -> bool:
        return self._postgres.running

    @property
    def app_url(self) -> str:
        return self._postgres.url("clamshell_api", self._secrets.app_password, DATABASE)

    @property
    def notifier_url(self) -> str:
        return self._postgres.url("clamshell_scheduler", self._secrets.notifier_password, DATABASE)

    @property
    def secret_key(self) -> str:
        return self._secrets.secret_key

    def environ(self, given: Mapping[str, str]) -> dict[str, str]:
        """What is given, with this database and, where none is given, this secret key and this place to remember:
        beside the folder, so that bringing back an old copy of it does not bring back the memory too."""
        beside = self.folder.absolute().with_name(f"{self.folder.absolute().name}.state")
        return {
            "CLAMSHELL_STATE_FOLDER": str(beside),
            **given,
            "DATABASE_URL": self.app_url,
            "CLAMSHELL_NOTIFIER_DATABASE_URL": self.notifier_url,
            "CLAMSHELL_SECRET_KEY": given.get("CLAMSHELL_SECRET_KEY") or self.secret_key,
        }


@contextmanager
def opened(folder: Path) -> Iterator[Installation]:
    """The one that a process runs already, or else started for this moment."""
    installation = Installation(folder)
    try:
        _start_or_join(installation)
        yield installation
    finally:
        installation.stop()


def _start_or_join(installation: Installation) -> None:
    until = monotonic() + _JOIN_SECONDS
    while True:
        try:
            return installation.start()
        except DataFolderInUse:
            if installation.join():
                return None
            if monotonic() > until:
                raise
            sleep(0.05)
