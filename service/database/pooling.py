"""Whether a connection of the pool still leads anywhere, asked without a round trip where that can be told without."""

from select import POLLIN, poll
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from service.clock import monotonic

_TRUSTED_SECONDS: Final = 30
"""Shorter than what lies between us and the database takes to forget a connection that says nothing."""


def watch(engine: Engine) -> None:
    """Before each transaction; a ping of the pool's own (`pool_pre_ping`) takes as long as a statement."""

    def asked(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
        left_at = entry.info.get("left_at")
        if left_at is None or (monotonic() - left_at < _TRUSTED_SECONDS and not _has_news(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "checkout", asked)
    event.listen(engine, "checkin", _left)


def _left(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["left_at"] = monotonic()


def _has_news(connection: Any) -> bool:
    """Nothing is owed to us: what has come is a goodbye, or the end of the line."""
    line = poll()
    line.register(connection.driver_connection.fileno(), POLLIN)
    return bool(line.poll(0))
