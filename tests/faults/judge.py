"""What a fault run must have kept, judged from the far ends' ledger and the tables alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from service.accounts.tables import ContactPoint
from service.database.sealing import opened, packed
from tests.faults.far_end import Accepted
from tests.faults.people import Moment, is_quiet
from tests.faults.restore import Forgotten
from tests.faults.staff import Morning

FINAL = ("accepted", "delivered", "undelivered", "failed", "expired", "suppressed")
# How often the far end took what the ledger calls so. In doubt for ever: once or never.
TAKEN = {"sent": (1,), "expired:uncertain": (0, 1)}

_MESSAGES = (
    "SELECT m.id, m.kind, m.state, m.reason, m.occurrence_id, format('channel %s, due %s, expires %s, attempts %s (%s),"
    " checks %s, check at %s, leased until %s, written %s', m.channel, m.due_at, m.expires_at, m.attempts,"
    " (SELECT string_agg(coalesce(a.outcome, 'no answer'), ', ' ORDER BY a.number) FROM attempt a"
    "   WHERE a.clinic_id = m.clinic_id AND a.message_id = m.id),"
    " m.checks, m.check_at, m.lease_until, m.updated_at) AS told FROM message m"
)
_MAILS = (
    "SELECT id, staff_id, day, state, reason, format('due %s, soft fails %s, leased until %s', due_at, soft_fails,"
    " lease_until) AS told FROM digest_mail"
)
_OCCURRENCES = "SELECT id, reminder_id, day, due_at, state, reason FROM occurrence"
_ATTEMPTS = (
    f"SELECT a.id, a.message_id, a.started_at, a.body_sha256 = '' AS only_doubted,"
    f" {packed(ContactPoint, 'address', 'c')} AS address FROM attempt a "
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
    mails: Counter[str] = field(default_factory=Counter)
    strays: list[Accepted] = field(default_factory=list)
    """Taken for no moment, in a time that the database forgot."""
    doubted: list[Accepted] = field(default_factory=list)
    """Taken for a moment of which a restore left nobody who knows whether it was."""
    stood_for: list[tuple[str, str]] = field(default_factory=list)
    """Address and moment: what is called sent because one of those was found in its place."""

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
    mails: dict[UUID, Any]
    """To staff, about the caseload."""
    forgotten: Forgotten = field(default_factory=Forgotten)


def read_evidence(url: str, ledger: Sequence[Accepted], forgotten: Forgotten) -> Evidence:
    with psycopg.connect(url, row_factory=namedtuple_row) as connection:
        return Evidence(
            _by_id(connection.execute(_MESSAGES)),
            _by_id(connection.execute(_OCCURRENCES)),
            _by_id(_opened(row) for row in connection.execute(_ATTEMPTS)),
            ledger,
            _by_id(connection.execute(_MAILS)),
            forgotten,
        )


def _opened(row: Any) -> Any:
    return row._replace(address=opened(ContactPoint, "address", row.address))


def _by_id(rows: Iterable[Any]) -> dict[UUID, Any]:
    return {row.id: row for row in rows}


def judge(
    evidence: Evidence, moments: Sequence[Moment], stops: Sequence[Stop], mornings: Sequence[Morning] = ()
) -> Verdict:
    of_message: dict[UUID, list[Accepted]] = defaultdict(list)
    for line in evidence.ledger:
        of_message[_message_of(evidence, UUID(line.key))].append(line)
    of_moment: dict[UUID, list[Accepted]] = defaultdict(list)
    for message in evidence.messages.values():
        if message.occurrence_id:
            of_moment[message.occurrence_id] += of_message[message.id]
    states = Counter(_named(row) for row in evidence.occurrences.values())
    verdict = Verdict(len(moments), 0, states)
    _remember(verdict, evidence, of_message, of_moment)
    verdict.accepted = sum(map(len, of_moment.values()))
    _mornings(verdict, evidence, mornings, of_message)
    _messages(verdict, evidence, of_message)
    _moments(verdict, evidence, moments, of_moment)
    _stops(verdict, evidence, stops)
    return verdict


def _message_of(evidence: Evidence, key: UUID) -> UUID:
    attempt = evidence.attempts.get(key)
    return attempt.message_id if attempt else evidence.forgotten.message_of.get(key, key)


def _remember(
    verdict: Verdict, evidence: Evidence, taken: dict[UUID, list[Accepted]], of_moment: dict[UUID, list[Accepted]]
) -> None:
    """What was taken of messages that a restore forgot counts for the rows that took their place."""
    by_due = {(row.reminder_id, row.due_at): row.id for row in evidence.occurrences.values()}
    for message_id, moment in evidence.forgotten.moments.items():
        lines = [] if message_id in evidence.messages else taken.pop(message_id, [])
        if moment in by_due:
            of_moment[by_due[moment]] += lines
        elif len(lines) > 1:
            verdict.twice.append(f"forgotten message {message_id}: {lines}")
        else:
            verdict.strays += lines


def _named(row: Any) -> str:
    return f"{row.state}:{row.reason}" if row.reason else str(row.state)


def _messages(verdict: Verdict, evidence: Evidence, taken: dict[UUID, list[Accepted]]) -> None:
    unknown = [line for message_id, lines in taken.items() if message_id not in evidence.messages for line in lines]
    verdict.unexplained += [f"taken without a mark: {line}" for line in unknown]
    for message in evidence.messages.values():
        if message.state not in FINAL:
            verdict.unexplained.append(
                f"message {message.id} ({message.kind}) is still {_named(message)}: {message.told}"
            )
        if len(taken[message.id]) > 1:
            verdict.twice.append(f"message {message.id} ({message.kind}): {taken[message.id]}")


def _moments(
    verdict: Verdict, evidence: Evidence, moments: Sequence[Moment], taken: dict[UUID, list[Accepted]]
) -> None:
    by_due = {(row.reminder_id, row.due_at): row for row in evidence.occurrences.values()}
    of_doubt = _doubted_addresses(evidence)
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
            told = f"{_named(row)} but taken {len(lines)} times: {moment}"
            if row.state == "sent" and row.id in of_doubt:
                verdict.stood_for.append((of_doubt[row.id], told))
            else:
                verdict.unexplained.append(told)
        elif _named(row) == "expired:uncertain" and row.id in of_doubt:
            verdict.doubted += lines
        verdict.outside_hours += [f"{moment}: {line}" for line in lines if is_quiet(line.at, moment.house)]
        verdict.early += [f"{moment}: {line}" for line in lines if line.at < moment.due_at]
    verdict.unexplained += [f"nobody wished {row}" for row in by_due.values()]
    _stand_ins(verdict)


def _doubted_addresses(evidence: Evidence) -> dict[UUID | None, str]:
    """Where the moments went that a restore left in doubt."""
    doubts = (attempt for attempt in evidence.attempts.values() if attempt.only_doubted)
    return {evidence.messages[attempt.message_id].occurrence_id: attempt.address for attempt in doubts}


def _stand_ins(verdict: Verdict) -> None:
    """Each text stands for one moment of its own address, and no more."""
    left = Counter(line.to for line in (*verdict.strays, *verdict.doubted))
    for address, told in verdict.stood_for:
        if not left[address]:
            verdict.unexplained.append(told)
        left[address] -= 1


def _mornings(
    verdict: Verdict, evidence: Evidence, mornings: Sequence[Morning], of_message: dict[UUID, list[Accepted]]
) -> None:
    """Each has one row, which says truly what became of its mail."""
    verdict.mails = Counter(f"mail to staff {_named(row)}" for row in evidence.mails.values())
    by_day = {(row.staff_id, row.day): row for row in evidence.mails.values()}
    taken = {mail_id: of_message.pop(mail_id, []) for mail_id in evidence.mails}
    for mail_id, day in evidence.forgotten.mails.items():
        if mail_id not in evidence.mails and day in by_day:
            taken[by_day[day].id] += of_message.pop(mail_id, [])
    if len(by_day) != len(evidence.mails):
        verdict.twice.append(f"{len(evidence.mails) - len(by_day)} days of staff have two rows in the ledger")
    for morning in mornings:
        row = by_day.pop((morning.staff_id, morning.day), None)
        if row is None:
            verdict.unexplained.append(f"no ledger row for {morning}")
            continue
        lines = taken[row.id]
        if len(lines) > 1:
            verdict.twice.append(f"{_named(row)} {morning}: {lines}")
        elif row.state in ("queued", "in_flight") or len(lines) not in TAKEN.get(_named(row), (0,)):
            verdict.unexplained.append(f"{_named(row)} but taken {len(lines)} times: {morning}, {row.told}")
        verdict.early += [f"{morning}: {line}" for line in lines if line.at < morning.due_at]
    verdict.unexplained += [f"nobody wished {row}" for row in by_day.values()]


def _stops(verdict: Verdict, evidence: Evidence, stops: Sequence[Stop]) -> None:
    """What a recovery writes down as doubted is no mark: it may have left before."""
    stopped = {stop.phone: stop.answered_at for stop in stops}
    for attempt in evidence.attempts.values():
        after = stopped.get(attempt.address)
        kind = evidence.messages[attempt.message_id].kind
        if after is not None and attempt.started_at > after and kind != "stopped" and not attempt.only_doubted:
            verdict.after_stop.append(f"{kind} marked at {attempt.started_at} for a phone stopped at {after}")
