"""What a distributed PostgreSQL refuses, or answers wrongly, must not be written anywhere; the whole suite is watched.

Each pattern stands for one line of the list in docs/decisions/0002-statements-a-distributed-database-takes.md.
"""

import re
from functools import lru_cache
from typing import Any, Final
from weakref import WeakSet

from psycopg._connection_base import BaseConnection
from psycopg._cursor_base import BaseCursor
from psycopg._queries import PostgresQuery
from psycopg.sql import as_string

FORBIDDEN = {
    "set_config() does not reach the workers": re.compile(r"\bset_config\s*\("),
    "a volatile function in an UPDATE is refused": re.compile(
        r"(^\s*(WITH\b.*)?|\bDO\s+)UPDATE\b.*\b(clock_timestamp|gen_random_uuid|random)\s*\(", re.DOTALL | re.IGNORECASE
    ),
    "clock_timestamp() cannot use the index": re.compile(r"\bclock_timestamp\s*\(", re.IGNORECASE),
    "a sequence shared by clinics": re.compile(r"\bnextval\s*\(", re.IGNORECASE),
    "COPY FROM under row-level security": re.compile(r"^\s*COPY\b.*\bFROM\b", re.DOTALL | re.IGNORECASE),
    "SET that outlives the transaction": re.compile(r"^\s*SET\s+(?!LOCAL\b|TRANSACTION\b)", re.IGNORECASE),
    "locking rows across clinics": re.compile(
        r"^(?!.*\bclinic_id\b).*\bFOR\s+(NO KEY\s+)?(UPDATE|SHARE)\b", re.DOTALL | re.IGNORECASE
    ),
}


@lru_cache(maxsize=5000)
def objection(sent: str) -> str | None:
    """Why this may not be sent, one statement or several, or None."""
    each = sent.split(";")
    return next((why for one in each for why, pattern in FORBIDDEN.items() if pattern.search(one)), None)


_watched: Final[WeakSet[BaseConnection[Any]]] = WeakSet()
_convert: Final = BaseCursor._convert_query


def watch(connection: BaseConnection[Any]) -> None:
    """A listener of SQLAlchemy's would make each statement ask for listeners of every kind, which takes 2 %
    of the suite's time, and hears nothing of what is sent past it."""
    _watched.add(connection)


def _checked(cursor: BaseCursor[Any, Any], query: Any, params: Any = None) -> PostgresQuery:
    """Where all pass, prepared or not, one or many."""
    if cursor._conn in _watched:
        sent = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else as_string(query)
        why = objection(sent)
        assert why is None, f"{why}: {sent}"
    return _convert(cursor, query, params)


BaseCursor._convert_query = _checked  # type: ignore[assignment, method-assign]
