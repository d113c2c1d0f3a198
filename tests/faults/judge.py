"""What a fault run must have kept, judged from the far ends' ledger and the tables alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from tests.faults.far_end import Accepted
from tests.faults.people import Moment, is_quiet

FINAL = ("accepted", "delivered", "undelivered", "failed", "expired", "suppressed")
# How often the far end took what the ledger calls so. In doubt for ever: once or never.
TAKEN = {"sent": (1,), "expired:uncertain": (0, 1)}

_MESSAGES = "SELECT id, kind, state, reason, occurrence_id FROM message"
_OCCURRENCES = "SELECT id, reminder_id, day, due_at, state, reason FROM occurrence"
_ATTEMPTS = (
    "SELECT a.id, a.message_id, a.started_at, c.address FROM attempt a "
    "JOIN message m ON m.clinic_id = a.clinic_id AND m.id = a.message_id "
    "JOIN contact_point c ON c.clinic_id = m.clinic_id AND c.id = m.contact_point_id"
)


@dataclass(frozen=True)
class Stop:
    """A STOP that the product has answered: after that, nothing more is marked for this phone."""

    phone: str
    answered_at: datetime


@dataclass
class Verdict:
    due: int
    accepted: int
    states: Counter[str]
    twice: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    outside_hours: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    after_stop: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        return [*self.twice, *self.unexplained, *self.outside_hours, *self.early, *self.after_stop]

    @property
    def line(self) -> str:
        return (
            f"{self.due} due, {self.accepted} accepted, {len(self.twice)} twice, "
            f"{len(self.unexplained)} unexplained, {len(self.outside_hours)} outside hours"
        )


@dataclass(frozen=True)
class Evidence:
    """The tables, keyed by id, and the far ends' ledger, each read once."""

    messages: dict[UUID, Any]
    occurrences: dict[UUID, Any]
    attempts: dict[UUID, Any]
    ledger: Sequence[Accepted]


def read_evidence(url: str, ledger: Sequence[Accepted]) -> Evidence:
    with psycopg.connect(url, row_factory=namedtuple_row) as connection:
        return Evidence(
            _by_id(connection.execute(_MESSAGES)),
            _by_id(connection.execute(_OCCURRENCES)),
            _by_id(connection.execute(_ATTEMPTS)),
            ledger,
        )


def _by_id(rows: Iterable[Any]) -> dict[UUID, Any]:
    return {row.id: row for row in rows}


def judge(evidence: Evidence, moments: Sequence[Moment], stops: Sequence[Stop]) -> Verdict:
    of_message: dict[UUID, list[Accepted]] = defaultdict(list)
    for line in evidence.ledger:
        attempt = evidence.attempts.get(UUID(line.key))
        of_message[attempt.message_id if attempt else UUID(line.key)].append(line)
    of_moment: dict[UUID, list[Accepted]] = defaultdict(list)
    for message in evidence.messages.values():
        if message.occurrence_id:
            of_moment[message.occurrence_id] += of_message[message.id]
    states = Counter(_named(row) for row in evidence.occurrences.values())
    verdict = Verdict(len(moments), sum(map(len, of_moment.values())), states)
    _messages(verdict, evidence, of_message)
    _moments(verdict, evidence, moments, of_moment)
    _stops(verdict, evidence, stops)
    return verdict


def _named(occurrence: Any) -> str:
    return f"{occurrence.state}:{occurrence.reason}" if occurrence.reason else str(occurrence.state)


def _messages(verdict: Verdict, evidence: Evidence, taken: dict[UUID, list[Accepted]]) -> None:
    unknown = [line for message_id, lines in taken.items() if message_id not in evidence.messages for line in lines]
    verdict.unexplained += [f"taken without a mark: {line}" for line in unknown]
    for message in evidence.messages.values():
        if message.state not in FINAL:
            verdict.unexplained.append(f"message {message.id} ({message.kind}) is still {message.state}")
        if len(taken[message.id]) > 1:
            verdict.twice.append(f"message {message.id} ({message.kind}): {taken[message.id]}")


def _moments(
    verdict: Verdict, evidence: Evidence, moments: Sequence[Moment], taken: dict[UUID, list[Accepted]]
) -> None:
    by_due = {(row.reminder_id, row.due_at): row for row in evidence.occurrences.values()}
    if len(by_due) != len(evidence.occurrences):
        verdict.twice.append(f"{len(evidence.occurrences) - len(by_due)} due moments have two rows in the ledger")
    for moment in moments:
        row = by_due.pop((moment.reminder_id, moment.due_at), None)
        if row is None or row.day != moment.day:
            verdict.unexplained.append(f"no ledger row for {moment}")
            continue
        lines = taken[row.id]
        if len(lines) > 1:
            verdict.twice.append(f"{_named(row)} {moment}: {lines}")
        elif len(lines) not in TAKEN.get(_named(row), (0,)):
            verdict.unexplained.append(f"{_named(row)} but taken {len(lines)} times: {moment}")
        verdict.outside_hours += [f"{moment}: {line}" for line in lines if is_quiet(line.at, moment.house)]
        verdict.early += [f"{moment}: {line}" for line in lines if line.at < moment.due_at]
    verdict.unexplained += [f"nobody wished {row}" for row in by_due.values()]


def _stops(verdict: Verdict, evidence: Evidence, stops: Sequence[Stop]) -> None:
    stopped = {stop.phone: stop.answered_at for stop in stops}
    for attempt in evidence.attempts.values():
        after = stopped.get(attempt.address)
        kind = evidence.messages[attempt.message_id].kind
        if after is not None and attempt.started_at > after and kind != "stopped":
            verdict.after_stop.append(f"{kind} marked at {attempt.started_at} for a phone stopped at {after}")
