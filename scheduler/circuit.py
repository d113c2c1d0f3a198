"""The circuit of one sender, shared by all processes through its row: while nothing gets through, nothing is tried.

A try that never arrives costs a message time, and one that ends without an answer leaves it in doubt for ten minutes;
so after a few of them the rest wait, unmarked, and one message at a time finds out whether the provider is back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.channels.base import Later, Outcome, Refused, Sent, Unknown, Unreached

IN_A_ROW: Final = 5
"""Failures with no answer between them. Two or three are a lost packet or a restart; five at once are an outage."""
WINDOW_SECONDS: Final = 60
AT_LEAST: Final = 20
"""Outcomes in the window before a rate says anything: a batch."""
RATE: Final = 0.5
"""Of the outcomes in the window. A provider that loses every second message leaves more in doubt than it sends."""

_LOOK: Final = text(
    "SELECT sender, open_until, open_until <= now() AS over FROM sender_pace "
    "WHERE sender = ANY(:senders) AND (open_until IS NOT NULL OR failures > 0 OR window_failed > 0)"
)

# Whoever moves the end may try once: the row's lock lets one of many through, and the rest find an end to come.
_PROBE: Final = text(
    "UPDATE sender_pace SET open_until = now() + make_interval(secs => :hold) "
    "WHERE sender = :sender AND open_until <= now() RETURNING open_until"
)

_COUNT: Final = text(
    "UPDATE sender_pace SET failures = CASE WHEN :answered > 0 THEN 0 ELSE failures + :failed END,"
    "  window_failed = :failed + CASE WHEN window_from > now() - make_interval(secs => :window)"
    "    THEN window_failed ELSE 0 END,"
    "  window_answered = :answered + CASE WHEN window_from > now() - make_interval(secs => :window)"
    "    THEN window_answered ELSE 0 END,"
    "  window_from = CASE WHEN window_from > now() - make_interval(secs => :window) THEN window_from ELSE now() END "
    "WHERE sender = :sender RETURNING failures, window_failed, window_answered, open_until IS NOT NULL AS is_open"
)

_OPEN: Final = text(
    "UPDATE sender_pace SET opened_at = COALESCE(opened_at, now()), trouble = :trouble, trouble_detail = :detail,"
    "  open_until = greatest(open_until, now() + make_interval(secs => :hold)) "
    "WHERE sender = :sender"
)

_CLOSE: Final = text(
    "UPDATE sender_pace SET opened_at = NULL, open_until = NULL, trouble = NULL, trouble_detail = NULL, failures = 0,"
    "  window_failed = 0, window_answered = 0, window_from = NULL WHERE sender = :sender"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a batch says about its provider. `login` and `detail` tell of the last failure."""

    failed: int = 0
    answered: int = 0
    login: bool = False
    detail: str = ""


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """A refusal is an answer. What we did not even try says nothing."""
    failed = answered = 0
    login, detail = False, ""
    for outcome in outcomes:
        match outcome:
            case Later(own_login=True, code=code):
                failed, login, detail = failed + 1, True, f"code {code}"
            case Unreached(tried=True, detail=detail) | Unknown(detail=detail):
                failed += 1
            case Sent() | Later() | Refused():
                answered += 1
    return Tally(failed, answered, login, detail)


def should_open(found: Tally, in_a_row: int, failed: int, answered: int) -> bool:
    """Whether this batch, and what was counted with it, is an outage. A refused login never mends itself."""
    if not found.failed:
        return False
    counted = failed + answered
    return found.login or in_a_row >= IN_A_ROW or (counted >= AT_LEAST and failed >= RATE * counted)


@dataclass(slots=True)
class Circuits:
    """One process's part in it. `unwell` are the senders with failures in their row: only of those are successes
    worth a write; `probing` are those for which this process has had the one try."""

    unwell: set[str] = field(default_factory=set)
    probing: set[str] = field(default_factory=set)

    async def most(self, connection: AsyncConnection, sender: str, most: int) -> int:
        """How many are worth claiming: none while nothing gets through, and one for a try. What is due stays where it
        is, and is not written twice in each hold."""
        row = (await connection.execute(_LOOK, {"senders": [sender]})).one_or_none()
        if row is None or row.open_until is None:
            return most
        return 1 if row.over else 0

    async def waits(
        self, connection: AsyncConnection, senders: Collection[str], hold: float
    ) -> tuple[dict[str, datetime], set[str]]:
        """The senders that have to wait, and until when; and those of them of which one message may be tried now."""
        rows = (await connection.execute(_LOOK, {"senders": list(senders)})).all()
        self.unwell.difference_update(senders)
        self.unwell.update(row.sender for row in rows)
        waits = {row.sender: row.open_until for row in rows if row.open_until is not None}
        self.probing.difference_update(set(senders) - set(waits))
        may_try = set[str]()
        for sender in [row.sender for row in rows if row.over]:
            granted = await connection.scalar(_PROBE, {"sender": sender, "hold": hold})
            if granted is not None:
                may_try.add(sender)
                waits[sender] = granted
        self.probing |= may_try
        return waits, may_try

    def worth_telling(self, sender: str, found: Tally) -> bool:
        return found.failed > 0 or (found.answered > 0 and sender in self.unwell)

    async def tell(
        self, connection: AsyncConnection, sender: str, found: Tally, hold: float
    ) -> Literal["opened", "closed"] | None:
        """Counts what became of a batch, and opens or closes the circuit."""
        counts = {"sender": sender, "failed": found.failed, "answered": found.answered, "window": WINDOW_SECONDS}
        row = (await connection.execute(_COUNT, counts)).one_or_none()
        if row is None:
            return None
        if row.is_open and sender in self.probing and found.answered:
            await connection.execute(_CLOSE, {"sender": sender})
            return "closed"
        if row.is_open:
            stays = found.failed > 0
        else:
            stays = should_open(found, row.failures, row.window_failed, row.window_answered)
        if stays:
            trouble = "login" if found.login else "silent"
            values = {"trouble": trouble, "detail": found.detail[:200], "sender": sender, "hold": hold}
            await connection.execute(_OPEN, values)
        return "opened" if stays and not row.is_open else None
