"""`clamshell migrate --check`: only says whether tables and migrations agree."""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine, make_url

from service.all_tables import metadata
from service.data_keys import KeySource, new_key
from service.database import box
from service.database.embedded import EmbeddedPostgres
from service.database.reaching import answering, knock
from service.migrate import config, migrate
from service.terminal import say

_VARIABLE = "CLAMSHELL_OWNER_DATABASE_URL"


@answering()
def run(_: argparse.Namespace) -> int:
    owner = os.environ.get(_VARIABLE)
    if not owner:
        return _check_migrations()
    knock(owner, _VARIABLE)
    return _say_drift(owner)


def _check_migrations() -> int:
    """On an empty database of its own: do the migrations make what the tables say?"""
    box.use(KeySource((new_key(),)))
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
