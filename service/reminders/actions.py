from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from tzdata import IANA_VERSION

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id
from service.plans.rules import DAYS_A_WEEK
from service.reminders.recurrence import (
    MOST_DAYS_APART,
    MOST_EXCEPTIONS,
    MOST_TIMES,
    next_due,
    next_slot,
    rule_of,
    slots_after_edit,
)
from service.reminders.rules import CATCH_UP, Reason, Slot, anchor_problem
from service.reminders.tables import KINDS, Reminder

_WIND = text(
    "INSERT INTO reminder_clock (clinic_id, reminder_id, next_at, tzdata) "
    "VALUES (:clinic_id, :reminder_id, :next_at, :tzdata) "
    "ON CONFLICT (clinic_id, reminder_id) DO UPDATE SET next_at = :next_at, tzdata = :tzdata"
)
# The sooner of the two; a client who was looked at for nobody's sake is looked at again.
_WAKE = text(
    "INSERT INTO reminder_rhythm (clinic_id, client_id, next_at, wants_daily, rung) "
    "VALUES (:clinic_id, :client_id, :at, false, 0) ON CONFLICT (clinic_id, client_id) "
    "DO UPDATE SET next_at = LEAST(reminder_rhythm.next_at, EXCLUDED.next_at)"
)
_STOP_CLOCK = text("DELETE FROM reminder_clock WHERE clinic_id = :clinic_id AND reminder_id = :reminder_id")

# The ledger decides who was first: planning a moment twice finds the row and adds nothing.
_ADD_OCCURRENCE = text(
    "INSERT INTO occurrence (clinic_id, id, client_id, reminder_id, kind, day, slot, due_at, zone, tzdata, state,"
    "  reason, channel, created_at, settled_at) "
    "VALUES (:clinic_id, :id, :client_id, :reminder_id, :kind, :day, :slot, :due_at, :zone, :tzdata, :state, :reason,"
    "  :channel, :now, :settled_at) "
    "ON CONFLICT (clinic_id, reminder_id, day, slot) DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reminder should be: `channels` in the order to try, and the fields of a `Rule`."""

    kind: str
    local_times: Sequence[time]
    weekdays: int | None
    channels: Sequence[str]
    starts_on: date
    anchor: str | None = None
    every_days: int | None = None
    times_per_week: int | None = None
    ends_on: date | None = None
    except_on: Sequence[date] = ()
    paused_until: date | None = None

    @property
    def slots(self) -> Sequence[int]:
        return range(len(self.local_times))


def wish_of(reminder: Reminder) -> Wish:
    """The wish that would leave the reminder as it is."""
    return Wish(**{field.name: getattr(reminder, field.name) for field in fields(Wish)})


async def set_reminder(session: ClinicSession, client: Client, wish: Wish, now: datetime) -> Reminder:
    """Makes the client's reminder of this kind what was wished; what was planned and not sent follows it."""
    _refuse_impossible(wish)
    seq = await next_seq(session, client.id)
    reminder = await _running(session, client.id, wish.kind)
    # Asked for at 9:30:12, a reminder of 9:30 is still meant for today. A time moved to earlier today, and not sent
    # yet, is sent now if it still makes sense.
    since = now - (timedelta(minutes=1) if reminder is None else CATCH_UP)
    _refuse_never_due(wish, client.zone, since)
    if reminder is None:
        reminder = _new(session, client, wish, seq, now)
        session.add(reminder)
    else:
        _update(reminder, wish, seq)
    await session.flush()
    await _plan_anew(session, reminder, client.zone, since, now)
    await wake(session, client.id, now)
    record(session, now, "set", "reminder", reminder.id, client_id=client.id)
    return reminder


async def end_reminder(session: ClinicSession, client_id: UUID, kind: str, now: datetime) -> None:
    """Nothing more is planned; what was planned and has not left is taken back."""
    seq = await next_seq(session, client_id)
    reminder = await _running(session, client_id, kind)
    if reminder is None:
        return
    reminder.ended_at, reminder.sync_seq = now, seq
    await _drop_planned(session, reminder.id, now, also_extra=True)
    await wind_clock(session, reminder.id, None)
    record(session, now, "end", "reminder", reminder.id, client_id=client_id)


def _refuse_impossible(wish: Wish) -> None:
    problems = [*_time_problems(wish), *_day_problems(wish), *_range_problems(wish), *_anchor_problems(wish.anchor)]
    if problems:
        raise Refused(problems)


def _time_problems(wish: Wish) -> Iterator[FieldProblem]:
    if wish.kind not in KINDS:
        yield FieldProblem("/kind", "unknown", "Use check_in, plan or habit.")
    if not 1 <= len(wish.local_times) <= MOST_TIMES or len(set(wish.local_times)) != len(wish.local_times):
        yield FieldProblem("/local_times", "times", f"Give 1 to {MOST_TIMES} different times.")
    if any(wall.tzinfo is not None for wall in wish.local_times):
        yield FieldProblem("/local_times", "zone", "Give local times without an offset, such as 08:00.")
    if not wish.channels or not set(wish.channels) <= {"sms", "email"} or len(set(wish.channels)) < len(wish.channels):
        yield FieldProblem("/channels", "channels", "Use sms, email or both, each once.")


def _anchor_problems(anchor: str | None) -> Iterator[FieldProblem]:
    problem = anchor_problem(anchor) if anchor is not None else None
    if problem is not None:
        yield FieldProblem("/anchor", *problem)


def _day_problems(wish: Wish) -> Iterator[FieldProblem]:
    given = [way for way in ("weekdays", "every_days", "times_per_week") if getattr(wish, way) is not None]
    if len(given) != 1:
        pointer = f"/{given[-1]}" if given else "/weekdays"
        yield FieldProblem(pointer, "days", "Give one of weekdays, every_days or times_per_week.")
    if wish.weekdays is not None and not 0 < wish.weekdays < 128:
        yield FieldProblem("/weekdays", "required", "Choose at least one weekday.")
    if wish.every_days is not None and not 1 <= wish.every_days <= MOST_DAYS_APART:
        yield FieldProblem("/every_days", "range", f"Use 1 to {MOST_DAYS_APART} days.")
    if wish.times_per_week is not None and not 1 <= wish.times_per_week <= DAYS_A_WEEK:
        yield FieldProblem("/times_per_week", "range", "Use 1 to 7 times a week.")


def _range_problems(wish: Wish) -> Iterator[FieldProblem]:
    last = wish.ends_on or date.max
    if last < wish.starts_on:
        yield FieldProblem("/ends_on", "before_start", "Use the first day or a later one.")
    if len(wish.except_on) > MOST_EXCEPTIONS or len(set(wish.except_on)) < len(wish.except_on):
        yield FieldProblem("/except_on", "days", f"Give at most {MOST_EXCEPTIONS} days, each once.")
    outside = [n for n, day in enumerate(wish.except_on) if not wish.starts_on <= day <= last]
    if outside:
        yield FieldProblem(f"/except_on/{outside[0]}", "range", "Use a day from the first to the last, both included.")
    if wish.paused_until is not None and wish.paused_until >= last:
        yield FieldProblem("/paused_until", "after_end", "Use a day before the last, or end the reminder.")


def _refuse_never_due(wish: Wish, zone: str, since: datetime) -> None:
    """Names the field that takes the last due moment away."""
    unbroken = replace(wish, except_on=(), paused_until=None)
    in_turn = (
        ("/ends_on", "Use a later day: until this one it would never come due.", unbroken),
        ("/except_on", "Leave at least one day on which it comes due.", replace(wish, paused_until=None)),
        ("/paused_until", "Use a day before the last one on which it comes due.", wish),
    )
    for pointer, message, part in in_turn:
        if next_due(rule_of(part), zone, since) is None:
            raise Refused.one(pointer, "never_due", message)


async def _running(session: ClinicSession, client_id: UUID, kind: str) -> Reminder | None:
    return await session.scalar(
        select(Reminder)
        .where(
            col(Reminder.clinic_id) == session.clinic_id,
            col(Reminder.client_id) == client_id,
            col(Reminder.kind) == kind,
            col(Reminder.ended_at).is_(None),
        )
        # Not the stronger lock: the planner's ledger rows refer to this one while it waits for the clock.
        .with_for_update(key_share=True)
    )


def _new(session: ClinicSession, client: Client, wish: Wish, seq: int, now: datetime) -> Reminder:
    return Reminder(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        kind=wish.kind,
        slots=list(wish.slots),
        **_columns(wish),
    )


def _update(reminder: Reminder, wish: Wish, seq: int) -> None:
    slots = slots_after_edit(reminder.local_times, reminder.slots, wish.local_times)
    reminder.sqlmodel_update(
        _columns(wish) | {"slots": slots, "revision": reminder.revision + 1, "sync_seq": seq},
    )


def _columns(wish: Wish) -> dict[str, Any]:
    values = {field.name: getattr(wish, field.name) for field in fields(wish) if field.name != "kind"}
    lists = {
        "local_times": list(wish.local_times),
        "channels": list(wish.channels),
        "except_on": sorted(wish.except_on),
    }
    return values | lists


async def _plan_anew(session: ClinicSession, reminder: Reminder, zone: str, since: datetime, now: datetime) -> None:
    await _drop_planned(session, reminder.id, now)
    first = next_slot(rule_of(reminder), zone, since)
    await wind_clock(session, reminder.id, first.at if first else None)


async def _drop_planned(session: ClinicSession, reminder_id: UUID, now: datetime, *, also_extra: bool = False) -> None:
    """Takes back what was planned and is still waiting, so that it is planned anew; sent moments stay as they are.

    A pause that was planned for a moment still to come is taken back too: it may be over by then.
    What is no time of the reminder, such as a promise to ask again at seven, is only taken back with it.
    """
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id, "also_extra": also_extra}
    await session.execute(
        text(
            "DELETE FROM message m USING occurrence o WHERE m.clinic_id = :clinic_id AND o.clinic_id = :clinic_id "
            "AND m.occurrence_id = o.id AND o.reminder_id = :reminder_id AND (o.slot >= 0 OR :also_extra) "
            "AND m.state = 'queued' AND NOT EXISTS "
            "(SELECT 1 FROM attempt a WHERE a.clinic_id = :clinic_id AND a.message_id = m.id)"
        ),
        values,
    )
    await session.execute(
        text(
            "DELETE FROM occurrence o WHERE o.clinic_id = :clinic_id AND o.reminder_id = :reminder_id "
            "AND (o.slot >= 0 OR :also_extra) "
            "AND (o.state = 'queued' OR o.reason = :paused AND o.due_at > :now) AND NOT EXISTS "
            "(SELECT 1 FROM message m WHERE m.clinic_id = :clinic_id AND m.occurrence_id = o.id)"
        ),
        values | {"paused": Reason.PAUSED.value, "now": now},
    )


async def wind_clock(session: ClinicSession, reminder_id: UUID, next_at: datetime | None) -> None:
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id}
    if next_at is None:
        await session.execute(_STOP_CLOCK, values)
    else:
        await session.execute(_WIND, values | {"next_at": next_at, "tzdata": IANA_VERSION})


async def wake(session: ClinicSession, client_id: UUID, at: datetime) -> None:
    """Lets the notifier look at this client's rhythm at that time at the latest."""
    await session.execute(_WAKE, {"clinic_id": session.clinic_id, "client_id": client_id, "at": at})


async def add_occurrence(
    session: ClinicSession,
    *,
    client_id: UUID,
    reminder_id: UUID,
    kind: str,
    slot: Slot,
    zone: str,
    state: str,
    reason: str | None,
    channel: str | None,
    now: datetime,
) -> UUID | None:
    """Writes a due moment into the ledger; None when it stands there already."""
    occurrence_id = new_id(now)
    values = {
        "clinic_id": session.clinic_id,
        "id": occurrence_id,
        "client_id": client_id,
        "reminder_id": reminder_id,
        "kind": kind,
        "day": slot.day,
        "slot": slot.slot,
        "due_at": slot.at,
        "zone": zone,
        "tzdata": IANA_VERSION,
        "state": state,
        "reason": reason,
        "channel": channel,
        "now": now,
        "settled_at": None if state == "queued" else now,
    }
    added: UUID | None = await session.scalar(_ADD_OCCURRENCE, values)
    return added
