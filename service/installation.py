"""What one machine keeps below a data folder: an embedded PostgreSQL, its logins, and the secrets of both."""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import sleep

import psycopg
from psycopg import sql

from service.clock import monotonic
from service.data_keys import FILE, KEY, key_source, new_key, write_file
from service.database import box
from service.database.embedded import DataFolderInUse, EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.loading import load

DATABASE = "clamshell"
_RESTORING = "clamshell_restoring"
_BEFORE = "clamshell_before"
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
    def __init__(self, folder: Path, given: Mapping[str, str] = os.environ) -> None:
        self.folder = folder
        self._given = given
        self._secrets = read_secrets(folder)
        self._postgres = EmbeddedPostgres(folder / "postgres")

    def start(self) -> None:
        """Returns with an up-to-date database. Raises DataFolderInUse when another process runs it."""
        self._postgres.start()
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        self._take_key()
        self._migrate(DATABASE)

    def replace(self, fill: Callable[[str], None]) -> None:
        """Gives `fill` the address of an empty database, and puts what it made in the place of the present one, which
        is kept until the next time. Killed at any moment, the present one or the new one is there, whole."""
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            _drop(connection, _RESTORING)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_RESTORING)))
            fill(self._postgres.superuser_url(_RESTORING))
            self._migrate(_RESTORING)
            _drop(connection, _BEFORE)
            with connection.transaction():
                for old, new in ((DATABASE, _BEFORE), (_RESTORING, DATABASE)):
                    renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    connection.execute(renamed.format(sql.Identifier(old), sql.Identifier(new)))

    def _migrate(self, database: str) -> None:
        # Whoever joins a server that runs goes without all that it takes.
        migrating = load("service.migrate")
        logins = [migrating.login_of(self.app_url, APP), migrating.login_of(self.notifier_url, NOTIFIER)]
        migrating.migrate(self._postgres.superuser_url(database), logins)

    def _take_key(self) -> None:
        """Made once, before anything is kept under it: where a database knows a key, one of ours must be that."""
        ours = _beside(self.folder, "key")
        if key_environ(self.folder, self._given) != self._given and not ours.exists() and not self._knows_key():
            write_file(ours, (new_key(),))
        self.use_key()

    def use_key(self) -> None:
        """Raises WrongSettings when it is not there."""
        box.use(key_source(key_environ(self.folder, self._given)))

    def _knows_key(self) -> bool:
        with psycopg.connect(self._postgres.superuser_url(DATABASE)) as connection:
            if connection.execute("SELECT to_regclass('public.key_check')").fetchone() == (None,):
                return False
            return bool(connection.execute("SELECT FROM key_check").rowcount)

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
        self.use_key()
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
    def superuser_url(self) -> str:
        """Owns everything and sees every clinic: for what copies the whole."""
        return self._postgres.superuser_url(DATABASE)

    @property
    def secret_key(self) -> str:
        return self._secrets.secret_key

    def state_folder(self, given: Mapping[str, str]) -> Path:
        """Beside the folder, so that bringing back an old copy of it does not bring back the memory too."""
        return Path(given.get("CLAMSHELL_STATE_FOLDER") or _beside(self.folder, "state"))

    def environ(self, given: Mapping[str, str]) -> dict[str, str]:
        """What is given, with this database and, where none is given, this secret key and this place to remember."""
        return {
            **key_environ(self.folder, given),
            "CLAMSHELL_STATE_FOLDER": str(self.state_folder(given)),
            "DATABASE_URL": self.app_url,
            "CLAMSHELL_NOTIFIER_DATABASE_URL": self.notifier_url,
            "CLAMSHELL_SECRET_KEY": given.get("CLAMSHELL_SECRET_KEY") or self.secret_key,
        }


def _drop(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def key_environ(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What is given and, where that names no key, the one beside the folder: a copy of it does not bring along what
    opens it."""
    if given.get(KEY) or given.get(FILE):
        return dict(given)
    return {**given, FILE: str(_beside(folder, "key"))}


def _beside(folder: Path, name: str) -> Path:
    return folder.absolute().with_name(f"{folder.absolute().name}.{name}")


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
