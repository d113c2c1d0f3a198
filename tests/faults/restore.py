"""A restore in the middle of a fault run: a copy of some seconds ago takes the database's place, and what was written
since is forgotten by everybody but the far ends, and the judge."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.exc import SQLAlchemyError

from service.cli_recover import recover

FORGETS_SECONDS: Final = 12.0
"""More than a beat, so that somebody remembers more than the copy."""

_MESSAGES: Final = (
    "SELECT m.id, o.reminder_id, o.due_at FROM message m"
    " LEFT JOIN occurrence o ON o.clinic_id = m.clinic_id AND o.id = m.occurrence_id"
)
_ATTEMPTS: Final = "SELECT id, message_id FROM attempt"
_MAILS: Final = "SELECT id, staff_id, day FROM digest_mail"


@dataclass
class Forgotten:
    """What stood in a database before a copy took its place. A moment is a reminder's, or None for other messages."""

    moments: dict[UUID, tuple[UUID, datetime] | None] = field(default_factory=dict)
    message_of: dict[UUID, UUID] = field(default_factory=dict)
    mails: dict[UUID, tuple[UUID, date]] = field(default_factory=dict)

    def read(self, url: str) -> None:
        with psycopg.connect(url, row_factory=namedtuple_row) as connection:
            messages, attempts, mails = (_rows(connection, query) for query in (_MESSAGES, _ATTEMPTS, _MAILS))
        for row in messages:
            self.moments[row.id] = (row.reminder_id, row.due_at) if row.reminder_id else None
        self.message_of |= {row.id: row.message_id for row in attempts}
        self.mails |= {row.id: (row.staff_id, row.day) for row in mails}


def _rows(connection: psycopg.Connection[Any], query: LiteralString) -> list[Any]:
    return connection.execute(query).fetchall()


@dataclass
class Restorer:
    """Copies the database at its first time, and brings the copy back at its second; both in seconds of the run."""

    copy_at: float
    back_at: float
    copied: bool = False
    brought_back: bool = False


def restores_of(count: int, seconds: float) -> list[Restorer]:
    """Spread over the run, none of them in its last fifth."""
    starts = [seconds * 0.8 * (number + 0.5) / count for number in range(count)]
    return [Restorer(start, start + FORGETS_SECONDS) for start in starts]


def keep_recovering(url: str, say: Callable[[str], None]) -> None:
    """`clamshell recover`, as somebody types it who has made sure that nobody else sends; until it is recovered."""
    threading.Thread(target=lambda: asyncio.run(_recover(url, say)), daemon=True).start()


async def _recover(url: str, say: Callable[[str], None]) -> None:
    found = False
    while True:
        heard: list[str] = []
        with suppress(SQLAlchemyError, OSError):
            await recover(url, heard.append, patience=60)
        found = found or any(line.startswith("Sending is on hold") for line in heard)
        ended = [line for line in heard if line.startswith(("Recovered", "Sending is not on hold"))]
        if found and ended:
            say(f"  {ended[0]}")
            return
        await asyncio.sleep(0.5)
