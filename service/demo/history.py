"""The reminders of the last days as they would have gone: asked, answered, held back, each with its ledger row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import col

from service.accounts.tables import Client, ContactPoint
from service.database.tenancy import ClinicSession
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from service.reminders.actions import add_occurrence
from service.reminders.rules import Reason, Slot, dedupe_key

HISTORY_DAYS = 14
REMINDERS = {"check_in": (time(9), "sms"), "plan": (time(17, 30), "email")}


@dataclass(frozen=True, slots=True)
class Past:
    """`logged` is when each day's diary was told; a day that is not in it was not told."""

    client: Client
    points: Mapping[str, ContactPoint]
    reminders: Mapping[str, UUID]
    logged: Mapping[date, datetime]
    stopped_at: datetime | None
    now: datetime


async def tell_history(session: ClinicSession, past: Past) -> None:
    zone = ZoneInfo(past.client.zone)
    today = past.now.astimezone(zone).date()
    for back in range(HISTORY_DAYS, 0, -1):
        day = today - timedelta(days=back)
        for kind, (wall, channel) in REMINDERS.items():
            due_at = datetime.combine(day, wall, zone).astimezone(UTC)
            await _moment(session, past, kind, channel, Slot(day, 0, due_at, None))


async def _moment(session: ClinicSession, past: Past, kind: str, channel: str, slot: Slot) -> None:
    reason = _reason(past, channel, slot)
    occurrence_id = await add_occurrence(
        session,
        client_id=past.client.id,
        reminder_id=past.reminders[kind],
        kind=kind,
        slot=slot,
        zone=past.client.zone,
        state=reason.state if reason else "sent",
        reason=reason.value if reason else None,
        channel=channel,
        now=slot.at,
    )
    if reason is None and occurrence_id is not None:
        await _delivered(session, past, kind, channel, slot, occurrence_id)


def _reason(past: Past, channel: str, slot: Slot) -> Reason | None:
    if channel == "sms" and past.stopped_at is not None and slot.at > past.stopped_at:
        return Reason.OPTED_OUT
    told = past.logged.get(slot.day)
    return Reason.DONE_TODAY if told is not None and told < slot.at else None


async def _delivered(
    session: ClinicSession, past: Past, kind: str, channel: str, slot: Slot, occurrence_id: UUID
) -> None:
    outgoing = Outgoing(
        client_id=past.client.id,
        contact_point_id=past.points[channel].id,
        channel=channel,
        kind=MessageKind(kind),
        dedupe_key=dedupe_key(past.reminders[kind], slot.day, slot.slot, channel),
        due_at=slot.at,
        expires_at=slot.at + timedelta(hours=4),
        occurrence_id=occurrence_id,
        prompt=kind,
        day=slot.day,
    )
    message_id = await enqueue(session, outgoing, slot.at)
    sent_at = slot.at + timedelta(seconds=2)
    await session.execute(
        update(Message)
        .where(col(Message.clinic_id) == session.clinic_id, col(Message.id) == message_id)
        .values(state="delivered", attempts=1, accepted_at=sent_at, settled_at=sent_at)
    )
