"""Statements that go to the driver past SQLAlchemy, whose own part would cost more than the driver's and ours.

Their errors are SQLAlchemy's all the same, which are what everybody looks for.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NoReturn

from psycopg import AsyncClientCursor, AsyncConnection, AsyncRawCursor, Error
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext import asyncio

_VALUE: Final = re.compile(r"%\((\w+)\)s")


async def run_together(connection: asyncio.AsyncConnection, statements: Sequence[str], values: Sequence[Any]) -> None:
    """Several in one round trip: for that their values, `%s`, are written into the text, by the driver."""
    script = "; ".join(statements)
    try:
        await AsyncClientCursor(_driver(connection)).execute(script, values or None)
    except Error as error:
        await _fail(connection, script, error)


async def one_row(connection: asyncio.AsyncConnection, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of a statement that always brings one; its values are `%(name)s`."""
    announce(connection, statement, values)
    written, names = as_sent(statement)
    try:
        cursor = await AsyncRawCursor(_driver(connection)).execute(written, [values[name] for name in names])
        [row] = await cursor.fetchall()
    except Error as error:
        await _fail(connection, statement, error)
    return row


def announce(connection: asyncio.AsyncConnection, statement: str, values: Any) -> None:
    """To whoever listens to what SQLAlchemy is about to execute."""
    asked: Any = connection.sync_connection
    for told in asked.dispatch.before_cursor_execute:
        told(asked, None, statement, values, None, False)


@cache
def as_sent(statement: str) -> tuple[str, Sequence[str]]:
    """With the places of its values numbered, and which stands in each."""
    names = list(dict.fromkeys(_VALUE.findall(statement)))
    return _VALUE.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names


def _driver(connection: asyncio.AsyncConnection) -> AsyncConnection[tuple[Any, ...]]:
    found: AsyncConnection[tuple[Any, ...]] = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr,assignment]
    return found


async def _fail(connection: asyncio.AsyncConnection, statement: str, error: Error) -> NoReturn:
    if _driver(connection).closed:
        # It fails once more, and SQLAlchemy learns that the connection is gone.
        await connection.exec_driver_sql("SELECT 1")
    # Without the values, as everywhere.
    raise DBAPIError.instance(
        statement, None, error, Error, hide_parameters=True, dialect=connection.dialect
    ) from error
