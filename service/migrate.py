"""Migrations, and the roles and logins the processes use. Only the owner of the tables runs this."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from service.catalogue.library import Library, shipped
from service.database.key_check import CLAIM, READ, ours, refuse_other_key
from service.database.protection import APP, NOTIFIER
from service.errors import WrongSettings

MIGRATIONS = Path(__file__).parent / "migrations"
_WEAK = "CLAMSHELL_OWNER_DATABASE_URL must name a login that owns the database and may create roles"


@dataclass(frozen=True, slots=True)
class Login:
    """A database login of a process: a member of one role, with limits that keep one bad query from hurting all."""

    username: str
    password: str
    role: str


def login_of(url: str, role: str) -> Login:
    address = make_url(url)
    if not address.username or not address.password:
        raise WrongSettings(f"the database address of {role} must name a user and a password")
    return Login(address.username, str(address.password), role)


def migrate(owner_url: str, logins: Sequence[Login] = ()) -> None:
    """Brings the schema, the shipped catalogue, the roles and the logins up to date; twice changes nothing.

    Raises WrongSettings when the owner's login may not do all of that; nothing is changed then.
    """
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            _refuse_weak_owner(connection)
            _check_key(connection)
            _make_roles(connection, logins)
            command.upgrade(config(connection), "head")
            connection.execute(CLAIM, ours())
            _load_catalogue(connection)
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise WrongSettings(f"{_WEAK}: {error.orig.diag.message_primary}") from None
        raise
    finally:
        engine.dispose()


def prepare_roles(owner_url: str) -> None:
    """What the grants and policies of a backup name, before it is brought back. Raises WrongSettings."""
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            _refuse_weak_owner(connection)
            _make_roles(connection, ())
    finally:
        engine.dispose()


def config(connection: Connection) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_weak_owner(connection: Connection) -> None:
    login = connection.execute(
        text(
            "SELECT rolname, rolsuper OR rolcreaterole AS strong, quote_ident(rolname) AS quoted "
            "FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    if not login.strong:
        raise WrongSettings(f"{_WEAK}; a superuser grants the second: ALTER ROLE {login.quoted} CREATEROLE")


def _check_key(connection: Connection) -> None:
    """Before anything is touched."""
    if connection.scalar(text("SELECT to_regclass('public.key_check') IS NOT NULL")):
        refuse_other_key(connection.execute(READ).one_or_none())


def _make_roles(connection: Connection, logins: Sequence[Login]) -> None:
    for role in (APP, NOTIFIER):
        if not _role_exists(connection, role):
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    for login in logins:
        _make_login(connection, login)


def _role_exists(connection: Connection, name: str) -> bool:
    return bool(connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :name"), {"name": name}))


def _make_login(connection: Connection, login: Login) -> None:
    name = sql.Identifier(login.username).as_string()
    if not _role_exists(connection, login.username):
        password = sql.Literal(login.password).as_string()
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD {password}".replace("%", "%%"))
    connection.exec_driver_sql(f"GRANT {login.role} TO {name}")
    for limit in (
        "statement_timeout = '30s'",
        "lock_timeout = '5s'",
        "idle_in_transaction_session_timeout = '30s'",
    ):
        connection.exec_driver_sql(f"ALTER ROLE {name} SET {limit}")


def _load_catalogue(connection: Connection) -> None:
    """The shipped catalogue is data of the product: replaced as a whole, in the transaction of the migration."""
    connection.execute(text("DELETE FROM shipped_entry"))
    connection.execute(
        text(
            "INSERT INTO shipped_entry (kind, code, position, body) "
            "VALUES (:kind, :code, :position, CAST(:body AS jsonb))"
        ),
        list(_entries(shipped())),
    )


def _entries(library: Library) -> Iterator[dict[str, Any]]:
    kinds: dict[str, Sequence[Any]] = {
        "exercise": library.exercises,
        "programme": library.programmes,
        "habit": library.habits,
        "site": library.sites,
        "red_flag": library.red_flags,
        "context": library.contexts,
        "source": library.sources,
    }
    for kind, listed in kinds.items():
        for position, entry in enumerate(listed):
            yield {
                "kind": kind,
                "code": entry.id,
                "position": position,
                "body": msgspec.json.encode(entry).decode(),
            }
