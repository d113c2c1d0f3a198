"""`clamshell migrate`: brings the database up to date, or says whether tables and migrations agree."""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine, make_url

from service.all_tables import metadata
from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.database.reaching import answering, knock
from service.errors import WrongSettings
from service.migrate import Login, config, login_of, migrate
from service.settings import read_settings
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    if options.check and not os.environ.get("CLAMSHELL_OWNER_DATABASE_URL"):
        return _check_migrations()
    settings = read_settings()
    owner = settings.owner_database_url
    if owner is None:
        raise WrongSettings("CLAMSHELL_OWNER_DATABASE_URL must be set: the login that owns the database")
    logins = [
        *_login(settings.database_url, APP, "DATABASE_URL"),
        *_login(settings.notifier_database_url, NOTIFIER, "CLAMSHELL_NOTIFIER_DATABASE_URL"),
    ]
    knock(owner, "CLAMSHELL_OWNER_DATABASE_URL")
    if options.check:
        return _say_drift(owner)
    migrate(owner, logins)
    say("the database is up to date")
    return 0


def _login(url: str | None, role: str, variable: str) -> list[Login]:
    try:
        return [login_of(url, role)] if url else []
    except WrongSettings as error:
        raise WrongSettings(f"{variable}: {error}") from None


def _check_migrations() -> int:
    """On an empty database of its own: do the migrations make what the tables say?"""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
        migrate(server.superuser_url())
        return _say_drift(server.superuser_url())


def _say_drift(owner_url: str) -> int:
    found = _drift(owner_url)
    say(found or "tables and migrations agree")
    return 1 if found else 0


def _drift(owner_url: str) -> str | None:
    """What the tables in code have that the migrations have not, or None when they agree."""
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            checked = config(connection)
            checked.attributes["metadata"] = metadata
            command.check(checked)
    except CommandError as error:
        return str(error)
    finally:
        engine.dispose()
    return None
