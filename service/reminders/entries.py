"""The ledger as people read it: every due moment, the days on which nothing was due, and what was tried."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlmodel import col

from service.accounts.tables import Client
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.reminders import queries
from service.reminders.queries import LedgerLine
from service.reminders.reasons import NoMoment, Reason
from service.reminders.recurrence import no_moment, rule_of, slots_of_day
from service.reminders.rules import DAY, local_day
from service.reminders.tables import Reminder

_CHANGED = text(
    "SELECT record_id, max(at) AS at FROM audit_entry WHERE clinic_id = :clinic_id AND client_id = :client_id"
    " AND record_kind = 'reminder' AND action = 'set' GROUP BY record_id"
)
# Never `detail`: a provider repeats the address in it.
_ATTEMPTS = text(
    "SELECT o.id AS occurrence_id, m.channel, a.provider, a.started_at, a.outcome, a.status_code, a.provider_code "
    "FROM occurrence o JOIN message m ON m.clinic_id = o.clinic_id AND m.occurrence_id = o.id"
    " JOIN attempt a ON a.clinic_id = m.clinic_id AND a.message_id = m.id "
    "WHERE o.clinic_id = :clinic_id AND o.client_id = :client_id AND o.day BETWEEN :first AND :last "
    "ORDER BY a.started_at, a.number"
)


FURTHEST = timedelta(days=3653)
_IN_DOUBT = ("in_flight", "uncertain")


@dataclass(frozen=True, slots=True)
class Attempted:
    """One try that may have reached a provider; no outcome while its answer is out."""

    occurrence_id: UUID
    channel: str
    provider: str
    started_at: datetime
    outcome: str | None
    status_code: int | None
    provider_code: str | None


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A day of one reminder without a due moment, or a moment that is not in the ledger (yet).

    `kind` is missing when no reminder was set at all. `changed_on` is there when the reminder changed after that day:
    what its days were before is not kept.
    """

    day: date
    reason: NoMoment | Reason
    kind: str | None = None
    at: datetime | None = None
    changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    first: date
    last: date
    began_on: date
    """The first day of which anything can be told."""
    lines: Sequence[LedgerLine]
    unwritten: Sequence[Unwritten]
    attempts: Mapping[UUID, Sequence[Attempted]]


async def ledger(
    session: ClinicSession, client: Client, first: date, last: date, now: datetime, *, evidence: bool
) -> Ledger:
    """Of those local days, newest first; `evidence` is for staff. As many statements for one day as for all."""
    lines = await queries.ledger(session, client.id, first, last)
    reminders = await _ever(session, client.id)
    changed = await _changed(session, client.id)
    attempts = await _attempts(session, client.id, first, last) if evidence else {}
    written = {(line.kind, line.day, line.slot) for line in lines}
    days = [last - timedelta(days=back) for back in range((last - first).days + 1)]
    unwritten = [one for day in days for one in _unwritten(reminders, changed, written, day, client.zone, now)]
    began = min([local_day(reminder.created_at, client.zone) for reminder in reminders], default=first)
    return Ledger(first, last, began, lines, unwritten, attempts)


async def _ever(session: ClinicSession, client_id: UUID) -> list[Reminder]:
    """Also those that were ended: they explain days gone by."""
    statement = (
        select(Reminder)
        .where(col(Reminder.clinic_id) == session.clinic_id, col(Reminder.client_id) == client_id)
        .order_by(col(Reminder.kind), col(Reminder.created_at))
    )
    return list((await session.scalars(statement)).all())


async def _changed(session: ClinicSession, client_id: UUID) -> dict[UUID, datetime]:
    values = {"clinic_id": session.clinic_id, "client_id": client_id}
    return {row.record_id: row.at for row in await session.execute(_CHANGED, values)}


async def _attempts(
    session: ClinicSession, client_id: UUID, first: date, last: date
) -> Mapping[UUID, Sequence[Attempted]]:
    values = {"clinic_id": session.clinic_id, "client_id": client_id, "first": first, "last": last}
    found: dict[UUID, list[Attempted]] = defaultdict(list)
    for row in await session.execute(_ATTEMPTS, values):
        found[row.occurrence_id].append(Attempted(**row._mapping))
    return found


def _unwritten(
    reminders: Sequence[Reminder],
    changed: Mapping[UUID, datetime],
    written: set[tuple[str, date, int]],
    day: date,
    zone: str,
    now: datetime,
) -> Iterator[Unwritten]:
    there = [reminder for reminder in reminders if _there_on(reminder, day, zone)]
    told = {kind for kind, on, _ in written if on == day}
    if not there and not told:
        ended = any(reminder.ended_at and local_day(reminder.ended_at, zone) < day for reminder in reminders)
        yield Unwritten(day, NoMoment.ENDED if ended else NoMoment.NO_REMINDER)
    for reminder in there:
        changed_at = changed.get(reminder.id) if reminder.revision > 1 else None
        yield from _of_reminder(reminder, changed_at, written, day, zone, now, silent=reminder.kind in told)


def _there_on(reminder: Reminder, day: date, zone: str) -> bool:
    ended_on = local_day(reminder.ended_at, zone) if reminder.ended_at else date.max
    return local_day(reminder.created_at, zone) <= day <= ended_on


def _of_reminder(
    reminder: Reminder,
    changed_at: datetime | None,
    written: set[tuple[str, date, int]],
    day: date,
    zone: str,
    now: datetime,
    *,
    silent: bool,
) -> Iterator[Unwritten]:
    """`silent`: what stands in the ledger for that day and kind is the answer; only what is to come is added."""
    rule = rule_of(reminder)
    changed_on = local_day(changed_at, zone) if changed_at and local_day(changed_at, zone) > day else None
    against = no_moment(rule, day)
    if against is not None and not silent:
        yield Unwritten(day, against, reminder.kind, changed_on=changed_on)
    for slot in slots_of_day(rule, zone, day):
        if (reminder.kind, day, slot.slot) in written:
            continue
        reason = slot.reason or _why_unwritten(reminder, changed_at, slot.at, now)
        if reason in (NoMoment.TO_COME, Reason.PAUSED) or not silent:
            yield Unwritten(day, reason, reminder.kind, slot.at, changed_on)


def _why_unwritten(reminder: Reminder, changed_at: datetime | None, at: datetime, now: datetime) -> NoMoment:
    if reminder.ended_at is not None and at >= reminder.ended_at:
        return NoMoment.ENDED
    if at > now - timedelta(minutes=1):
        return NoMoment.TO_COME
    if at < reminder.created_at:
        return NoMoment.SET_LATER
    return NoMoment.CHANGED_LATER if changed_at is not None and at < changed_at else NoMoment.NOT_WRITTEN


def refuse_far(day: date, today: date) -> None:
    if abs(day - today) > FURTHEST:
        raise Refused.one("/day", "range", "Use a day less than ten years away.")


def answer(ledger: Ledger, day: date) -> list[Sentence]:
    """Why no message came on a day, or that one did: one or two sentences."""
    # A moment that was due says more than a reminder that had none.
    moments = [line.words for line in ledger.lines] + [one.reason.msgid for one in ledger.unwritten if one.at]
    whys = list(dict.fromkeys(moments or [one.reason.msgid for one in ledger.unwritten]))
    first = _went_out(ledger, day)
    if len(whys) > 1:
        return [first, Sentence("Each reminder's reason is below.")]
    changed = next((one.changed_on for one in ledger.unwritten if one.changed_on is not None), None)
    if changed is None or ledger.lines:
        return [first, Sentence(whys[0])]
    words = "The reminder was changed on %(day)s; before that it may have had other days."
    return [Sentence(whys[0]), Sentence(words, {"day": changed})]


def _went_out(ledger: Ledger, day: date) -> Sentence:
    sent = [line.sent_at.astimezone(ZoneInfo(line.zone)) for line in ledger.lines if line.sent_at is not None]
    if len(sent) == 1:
        return Sentence("A message went out on %(day)s at %(time)s.", {"day": sent[0].date(), "time": sent[0]})
    if sent:
        return Sentence("More than one message went out on %(day)s.", {"day": day})
    if any(line.reason == Reason.UNCERTAIN or line.message_state in _IN_DOUBT for line in ledger.lines):
        return Sentence("We do not know if a message went out on %(day)s.", {"day": day})
    if any(line.state == "queued" for line in ledger.lines) or any(
        one.reason is NoMoment.TO_COME for one in ledger.unwritten
    ):
        return Sentence("No message has gone out for %(day)s yet.", {"day": day})
    return Sentence("No message went out on %(day)s.", {"day": day})


def earlier(found: Ledger) -> tuple[date, date] | None:
    """The same number of days before these; None when there is nothing to tell of them."""
    days = found.last - found.first + DAY
    return (found.first - days, found.last - days) if found.first > found.began_on else None
