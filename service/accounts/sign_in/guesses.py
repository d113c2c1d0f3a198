"""How often an account's password or code may be guessed, and how those it belongs to still get in.

Who was signed in here before is counted apart from strangers: a stranger's tries lock out strangers only. Each may try
ten times a day, so that an account is tried at most twenty times, over all processes and addresses. A try that was
right is none.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.accounts.codes import link_token
from service.accounts.sign_in import count_try, hashed

GUESSES: Final = 10
DEVICE_KNOWN: Final = timedelta(days=365)
"""How long a browser keeps the mark."""

_DAY: Final = timedelta(days=1)
_MOST_MARKS: Final = 6


async def count_guess(connection: AsyncConnection, what: str, account: str, now: datetime, *, known: bool) -> None:
    """Raises TooMany past the day's number."""
    await count_try(connection, _parts(what, account, known), GUESSES, _DAY, now)


async def give_back(connection: AsyncConnection, what: str, account: str, now: datetime, *, known: bool) -> None:
    """It was right after all."""
    seconds = int(_DAY.total_seconds())
    await connection.execute(
        text("UPDATE attempt_limit SET tries = greatest(tries - 1, 0) WHERE key = :key AND window_starts_at = :starts"),
        {
            "key": hashed("|".join(_parts(what, account, known))),
            "starts": datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC),
        },
    )


def _parts(what: str, account: str, known: bool) -> Sequence[str]:
    return [what, account, "known" if known else "stranger"]


def device_mark(secret_key: str, email: str) -> str:
    """What a browser keeps in which somebody signed in with this email. It signs nobody in."""
    return link_token(secret_key, "device", email.lower())


def is_known(secret_key: str, email: str, marks: str) -> bool:
    wanted = device_mark(secret_key, email).encode()
    return any([hmac.compare_digest(mark.encode(), wanted) for mark in marks.split(".")[:_MOST_MARKS]])


def with_mark(secret_key: str, email: str, marks: str) -> str:
    """The newest first; a computer that many people use keeps the last few."""
    mark = device_mark(secret_key, email)
    return ".".join([mark, *(one for one in marks.split(".") if one and one != mark)][:_MOST_MARKS])
