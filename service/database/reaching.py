"""Whether a database takes a login, said in sentences that name the variable to mend."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import sleep

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.clock import monotonic
from service.database.key_check import check_key
from service.database.protection import APP, refuse_unsafe_login
from service.database.tenancy import Across, Database
from service.errors import WrongSettings

PATIENCE_SECONDS = 60
_KNOCK_SECONDS = 5
_LOOK_SECONDS = 0.2
_SAY_SECONDS = 1


class NotUp(WrongSettings):
    """Nothing answers there, or not yet: it may be worth waiting for."""


def wait_for(url: str, variable: str, say: Callable[[str], None], seconds: float = PATIENCE_SECONDS) -> None:
    """Returns when the database takes this login; says every second what it waits for.

    Raises NotUp when the time is over, and at once WrongSettings for what no waiting mends.
    """
    until, said = monotonic() + seconds, -inf
    while True:
        try:
            return knock(url, variable)
        except NotUp as error:
            if monotonic() >= until:
                raise
            if monotonic() - said >= _SAY_SECONDS:
                say(f"waiting: {error}")
                said = monotonic()
            sleep(_LOOK_SECONDS)


def knock(url: str, variable: str) -> None:
    """Returns when the database takes this login. Raises NotUp or WrongSettings."""
    try:
        address = make_conninfo(url, connect_timeout=_KNOCK_SECONDS)
    except psycopg.ProgrammingError:
        raise WrongSettings(
            f"{variable} must look like postgresql://user:password@host:5432/database, with %40 for @ and the like "
            "inside the password"
        ) from None
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError as error:
        raise _refusal(address, variable, _reason(error)) from None


def _refusal(address: str, variable: str, reason: str) -> WrongSettings:
    """Asks the server itself whether it is up: what it says when it refuses may be in any language."""
    parts = conninfo_to_dict(address)
    place = f"{parts.get('host', 'this machine')}:{parts.get('port', 5432)}"
    if pq.PGconn.ping(address.encode()) == pq.Ping.OK:
        return WrongSettings(
            f"{variable}: the database at {place} refuses this login ({reason}); "
            "it must name a user, its password and a database that exist there"
        )
    return NotUp(f"{variable}: the database at {place} does not answer ({reason}); start it, or put in where it is")


def _reason(error: psycopg.OperationalError) -> str:
    """The first of the server's words, without where they were said."""
    return str(error).splitlines()[0].rpartition("failed: ")[2].rpartition(":  ")[2]


async def check_login(url: str, variable: str, role: str) -> str:
    """The version of the server. Raises WrongSettings when the login can do too much or too little for this role, or
    when the database is kept under another key than this process has."""
    database = Database(url)
    try:
        async with database.installation_tx() as connection:
            await refuse_unsafe_login(connection, role)
            await check_key(connection, may_claim=role == APP)
            return str(await connection.scalar(text("SHOW server_version")))
    except WrongSettings as error:
        raise WrongSettings(f"{variable}: {error}") from None
    finally:
        await database.close()


def has_clinic(url: str) -> bool:
    """Whether anybody could sign in to manage one."""
    with psycopg.connect(url) as connection:
        connection.execute(f"SET LOCAL app.across TO '{Across.FIND_ADDRESS.value}'".encode())
        return bool(connection.execute("SELECT FROM staff LIMIT 1").rowcount)


@contextmanager
def answering() -> Iterator[None]:
    """A database that goes away meanwhile is one sentence, not a traceback."""
    try:
        yield
    except OperationalError as error:
        raise WrongSettings(f"the database stopped answering: {error.orig}") from None
    except psycopg.OperationalError as error:
        raise WrongSettings(f"the database stopped answering: {error}") from None
