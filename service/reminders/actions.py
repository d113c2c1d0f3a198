from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlmodel import col, select
from tzdata import IANA_VERSION

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.rows import as_rows, uuids
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.failures import end_second_tries
from service.reminders.reasons import Reason
from service.reminders.recurrence import (
    next_slot,
    rule_of,
    slots_after_edit,
)
from service.reminders.rules import CATCH_UP, Slot
from service.reminders.tables import Reminder
from service.reminders.wishes import Wish, refuse_impossible, refuse_never_due

_WIND = text(
    "INSERT INTO reminder_clock (clinic_id, reminder_id, next_at, tzdata) "
    "SELECT :clinic_id, a.reminder_id, a.next_at, :tzdata "
    "FROM json_to_recordset(CAST(:clocks AS json)) AS a(reminder_id uuid, next_at timestamptz) "
    "ON CONFLICT (clinic_id, reminder_id) DO UPDATE SET next_at = excluded.next_at, tzdata = excluded.tzdata"
)
# The sooner of the two; a client who was looked at for nobody's sake is looked at again.
_WAKE = text(
    "INSERT INTO reminder_rhythm (clinic_id, client_id, next_at, wants_daily, rung) "
    "VALUES (:clinic_id, :client_id, :at, false, 0) ON CONFLICT (clinic_id, client_id) "
    "DO UPDATE SET next_at = LEAST(reminder_rhythm.next_at, EXCLUDED.next_at)"
)
_STOP_CLOCKS = text(
    "DELETE FROM reminder_clock WHERE clinic_id = :clinic_id AND reminder_id = ANY(CAST(:reminder_ids AS uuid[]))"
)

# The ledger decides who was first: planning a moment twice finds the row and adds nothing.
_ADD_OCCURRENCES = text(
    "INSERT INTO occurrence (clinic_id, id, client_id, reminder_id, kind, day, slot, due_at, zone, tzdata, state,"
    "  reason, channel, created_at, settled_at) "
    "SELECT :clinic_id, a.id, a.client_id, a.reminder_id, a.kind, a.day, a.slot, a.due_at, a.zone, :tzdata, a.state,"
    "  a.reason, a.channel, :now, CASE WHEN a.state <> 'queued' THEN CAST(:now AS timestamptz) END "
    "FROM json_to_recordset(CAST(:moments AS json)) AS a(id uuid, client_id uuid, reminder_id uuid, kind text,"
    "  day date, slot int, due_at timestamptz, zone text, state text, reason text, channel text) "
    "ON CONFLICT (clinic_id, reminder_id, day, slot) DO NOTHING RETURNING id"
)


async def set_reminder(session: ClinicSession, client: Client, wish: Wish, now: datetime) -> Reminder:
    """Makes the client's reminder of this kind what was wished; what was planned and not sent follows it."""
    refuse_impossible(wish)
    seq = await next_seq(session, client.id)
    reminder = await _running(session, client.id, wish.kind)
    # Asked for at 9:30:12, a reminder of 9:30 is still meant for today. A time moved to earlier today, and not sent
    # yet, is sent now if it still makes sense.
    since = now - (timedelta(minutes=1) if reminder is None else CATCH_UP)
    refuse_never_due(wish, client.zone, since)
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


async def _running(session: ClinicSession, client_id: UUID, kind: str) -> Reminder | None:
    return await session.scalar(
        select(Reminder)
        .where(
            col(Reminder.clinic_id) == session.clinic_id,
            col(Reminder.client_id) == client_id,
            col(Reminder.kind) == kind,
            col(Reminder.ended_at).is_(None),
        )
        # Whoever plans it now is waited for, so that what was planned is seen and taken back. Not the stronger lock:
        # the ledger rows of others refer to this one.
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

    A pause that was planned for a moment still to come is taken back too: it may be over by then. A moment that has
    been tried on one channel is not planned anew: what waits on the next one is ended, with its reason.
    What is no time of the reminder, such as a promise to ask again at seven, is only taken back with it.
    """
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id, "also_extra": also_extra}
    await end_second_tries(session, reminder_id, also_extra=also_extra)
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
    await wind_clocks(session, {reminder_id: next_at})


async def wind_clocks(session: ClinicSession, clocks: Mapping[UUID, datetime | None]) -> None:
    """When each reminder is next to be planned; None stops its clock."""
    clinic, wound = {"clinic_id": session.clinic_id}, {key: at for key, at in clocks.items() if at is not None}
    stopped = [key for key, at in clocks.items() if at is None]
    await session.flush()
    if stopped:
        await session.execute(_STOP_CLOCKS, {**clinic, "reminder_ids": uuids(stopped)})
    if wound:
        rows = as_rows({"reminder_id": key, "next_at": at} for key, at in wound.items())
        await session.execute(_WIND, {**clinic, "clocks": rows, "tzdata": IANA_VERSION})


async def wake(session: ClinicSession, client_id: UUID, at: datetime) -> None:
    """Lets the notifier look at this client's rhythm at that time at the latest."""
    await session.execute(_WAKE, {"clinic_id": session.clinic_id, "client_id": client_id, "at": at})


class NewOccurrence(Struct, frozen=True):
    """A due moment for the ledger: queued, or what became of it at once, with its reason."""

    id: UUID
    client_id: UUID
    reminder_id: UUID
    kind: str
    slot: Slot
    zone: str
    state: str = "queued"
    reason: str | None = None
    channel: str | None = None


async def add_occurrences(session: ClinicSession, moments: Sequence[NewOccurrence], now: datetime) -> set[UUID]:
    """Writes due moments into the ledger; returns the ids of those that did not stand there already."""
    rows = as_rows(
        {
            "id": moment.id,
            "client_id": moment.client_id,
            "reminder_id": moment.reminder_id,
            "kind": moment.kind,
            "day": moment.slot.day,
            "slot": moment.slot.slot,
            "due_at": moment.slot.at,
            "zone": moment.zone,
            "state": moment.state,
            "reason": moment.reason,
            "channel": moment.channel,
        }
        for moment in moments
    )
    await session.flush()
    new = await session.execute(
        _ADD_OCCURRENCES, {"clinic_id": session.clinic_id, "now": now, "tzdata": IANA_VERSION, "moments": rows}
    )
    return set(new.scalars())
