"""What providers tell us, kept under their own key before anything is done about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.actions import mark_valid, opt_out
from service.accounts.tables import ContactPoint
from service.conversation import queries
from service.conversation.queries import Sender
from service.conversation.tables import PROVIDER, ProviderEvent, UnroutedText, WebhookCounter
from service.database.sealing import ready
from service.database.tenancy import ClinicSession
from service.ids import new_id

LONGEST_TEXT: Final = 4000
STOP_HEARD: Final = "stop"
"""The state of a text that was a STOP: its phone was closed when it was stored."""


@dataclass(frozen=True, slots=True)
class InboundText:
    """`key` is the provider's id of the text. `handled` is STOP, START or HELP when it answered already.
    `pictures` is how many came with it."""

    key: str
    sent_from: str
    sent_to: str
    body: str
    handled: str | None = None
    pictures: int = 0


async def count_turned_away(connection: AsyncConnection, kind: str, day: date) -> None:
    counted = insert(WebhookCounter).values(kind=kind, day=day, total=1)
    grown = {"total": col(WebhookCounter.total) + 1}
    await connection.execute(counted.on_conflict_do_update(index_elements=["kind", "day"], set_=grown))


async def keep_unrouted(connection: AsyncConnection, told: InboundText, reason: str, now: datetime) -> None:
    values = {
        "provider": PROVIDER,
        "event_key": told.key,
        "received_at": now,
        "sent_from": told.sent_from,
        "sent_to": told.sent_to,
        "body": told.body,
        "reason": reason,
    }
    await connection.execute(insert(UnroutedText).values(values).on_conflict_do_nothing())


async def store_event(
    session: ClinicSession, kind: str, key: str, now: datetime, *, provider: str = PROVIDER, **fields: Any
) -> UUID:
    """Keeps what a provider told; the same told again changes nothing. Returns its id here, new or not."""
    values = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "provider": provider,
        "event_key": key,
        "kind": kind,
        "received_at": now,
        **fields,
    }
    sealed = await ready(session, ProviderEvent, session.clinic_id, values)
    kept = insert(ProviderEvent).values(sealed).on_conflict_do_nothing().returning(col(ProviderEvent.id))
    # Nothing of ours hangs on what else the transaction holds, and nobody asks for the row by way of the session.
    kept_id: UUID | None = await (await session.connection()).scalar(kept)
    if kept_id is not None:
        return kept_id
    stored = await queries.stored_event(session, key, provider)
    if stored is None:
        raise LookupError(f"event {key} vanished")
    return stored.id


async def store_text(
    session: ClinicSession, sender: Sender, told: InboundText, now: datetime, *, is_stop: bool
) -> UUID:
    """Keeps a text. A STOP ends messages here already, whatever becomes of the rest; told again it ends nothing."""
    point_id, state = sender.contact_point_id, STOP_HEARD if is_stop else None
    event_id = await store_event(
        session,
        "text",
        told.key,
        now,
        contact_point_id=point_id,
        body=told.body,
        pictures=told.pictures,
        code=told.handled,
        state=state,
    )
    if sender.is_invalid:
        await mark_valid(session, point_id)
    if is_stop and not sender.told_before:
        await close_phone(session, point_id, now)
    return event_id


async def close_phone(session: ClinicSession, contact_point_id: UUID, now: datetime) -> None:
    """Ends texts to a phone; one that was closed before keeps its time."""
    point = await session.get_one(ContactPoint, (session.clinic_id, contact_point_id), with_for_update=True)
    if point.opted_out_at is None:
        await opt_out(session, contact_point_id, "text", now)
