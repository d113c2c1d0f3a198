from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
from service.reminders.rules import CATCH_UP, Rule, Slot, next_slot, slots_after_edit
from service.reminders.tables import KINDS, Reminder

_WIND = text(
    "INSERT INTO reminder_clock (clinic_id, reminder_id, next_at, tzdata) "
    "VALUES (:clinic_id, :reminder_id, :next_at, :tzdata) "
    "ON CONFLICT (clinic_id, reminder_id) DO UPDATE SET next_at = :next_at, tzdata = :tzdata"
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
    """What a reminder should be. `weekdays` is a mask, bit 0 is Monday; `channels` in the order to try."""

    kind: str
    local_times: Sequence[time]
    weekdays: int
    channels: Sequence[str]
    starts_on: date
    anchor: str | None = None


async def set_reminder(session: ClinicSession, client: Client, wish: Wish, now: datetime) -> Reminder:
    """Makes the client's reminder of this kind what was wished; what was planned and not sent follows it."""
    _refuse_impossible(wish)
    seq = await next_seq(session, client.id)
    reminder = await _running(session, client.id, wish.kind)
    # Asked for at 9:30:12, a reminder of 9:30 is still meant for today.
    since = now - timedelta(minutes=1)
    if reminder is None:
        reminder = _new(session, client, wish, seq, now)
        session.add(reminder)
    else:
        _update(reminder, wish, seq)
        await drop_planned(session, reminder.id)
        # A time moved to earlier today, and not sent yet, is sent now if it still makes sense.
        since = now - CATCH_UP
    await session.flush()
    await wind_clock(session, reminder.id, _first(wish, client.zone, since))
    record(session, now, "set", "reminder", reminder.id, client_id=client.id)
    return reminder


async def end_reminder(session: ClinicSession, client_id: UUID, kind: str, now: datetime) -> None:
    """Nothing more is planned; what was planned and has not left is taken back."""
    seq = await next_seq(session, client_id)
    reminder = await _running(session, client_id, kind)
    if reminder is None:
        return
    reminder.ended_at, reminder.sync_seq = now, seq
    await drop_planned(session, reminder.id)
    await wind_clock(session, reminder.id, None)
    record(session, now, "end", "reminder", reminder.id, client_id=client_id)


def _refuse_impossible(wish: Wish) -> None:
    problems = []
    if wish.kind not in KINDS:
        problems.append(FieldProblem("/kind", "unknown", "Use check_in, plan or habit."))
    if not 1 <= len(wish.local_times) <= 6 or len(set(wish.local_times)) != len(wish.local_times):
        problems.append(FieldProblem("/local_times", "times", "Give 1 to 6 different times."))
    if any(wall.tzinfo is not None for wall in wish.local_times):
        problems.append(FieldProblem("/local_times", "zone", "Give local times without an offset, such as 08:00."))
    if not 0 < wish.weekdays < 128:
        problems.append(FieldProblem("/weekdays", "required", "Choose at least one weekday."))
    if not wish.channels or not set(wish.channels) <= {"sms", "email"} or len(set(wish.channels)) < len(wish.channels):
        problems.append(FieldProblem("/channels", "channels", "Use sms, email or both, each once."))
    if problems:
        raise Refused(problems)


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
        local_times=list(wish.local_times),
        slots=list(range(len(wish.local_times))),
        weekdays=wish.weekdays,
        channels=list(wish.channels),
        anchor=wish.anchor,
        starts_on=wish.starts_on,
    )


def _update(reminder: Reminder, wish: Wish, seq: int) -> None:
    reminder.sqlmodel_update(
        {
            "local_times": list(wish.local_times),
            "slots": slots_after_edit(reminder.local_times, reminder.slots, wish.local_times),
            "weekdays": wish.weekdays,
            "channels": list(wish.channels),
            "anchor": wish.anchor,
            "starts_on": wish.starts_on,
            "revision": reminder.revision + 1,
            "sync_seq": seq,
        }
    )


async def drop_planned(session: ClinicSession, reminder_id: UUID) -> None:
    """Takes back what was planned and is still waiting, so that it is planned anew; sent moments stay as they are."""
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id}
    await session.execute(
        text(
            "DELETE FROM message m USING occurrence o WHERE m.clinic_id = :clinic_id AND o.clinic_id = :clinic_id "
            "AND m.occurrence_id = o.id AND o.reminder_id = :reminder_id AND m.state = 'queued' AND NOT EXISTS "
            "(SELECT 1 FROM attempt a WHERE a.clinic_id = :clinic_id AND a.message_id = m.id)"
        ),
        values,
    )
    await session.execute(
        text(
            "DELETE FROM occurrence o WHERE o.clinic_id = :clinic_id AND o.reminder_id = :reminder_id "
            "AND o.state = 'queued' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.clinic_id = :clinic_id "
            "AND m.occurrence_id = o.id)"
        ),
        values,
    )


def _first(wish: Wish, zone: str, after: datetime) -> datetime | None:
    slot = next_slot(Rule(tuple(wish.local_times), wish.weekdays, wish.starts_on), zone, after)
    return slot.at if slot else None


async def wind_clock(session: ClinicSession, reminder_id: UUID, next_at: datetime | None) -> None:
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id}
    if next_at is None:
        await session.execute(_STOP_CLOCK, values)
    else:
        await session.execute(_WIND, values | {"next_at": next_at, "tzdata": IANA_VERSION})


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
