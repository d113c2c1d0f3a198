"""What providers tell us, kept under their own key before anything is done about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.conversation import queries
from service.conversation.queries import Sender
from service.conversation.tables import PROVIDER, ProviderEvent, UnroutedText, WebhookCounter
from service.database.tenancy import ClinicSession
from service.ids import new_id

LONGEST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class InboundText:
    """`key` is the provider's id of the text. `handled` is STOP, START or HELP when it answered already."""

    key: str
    sent_from: str
    sent_to: str
    body: str
    handled: str | None = None


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


async def store_event(session: ClinicSession, kind: str, key: str, now: datetime, **fields: Any) -> UUID:
    """Keeps what a provider told; the same told again changes nothing. Returns its id here, new or not."""
    values = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "provider": PROVIDER,
        "event_key": key,
        "kind": kind,
        "received_at": now,
        **fields,
    }
    await session.execute(insert(ProviderEvent).values(values).on_conflict_do_nothing())
    stored = await queries.stored_event(session, key)
    if stored is None:
        raise LookupError(f"event {key} vanished")
    return stored.id


async def store_text(session: ClinicSession, sender: Sender, told: InboundText, now: datetime) -> UUID:
    point_id = sender.contact_point_id
    return await store_event(
        session, "text", told.key, now, contact_point_id=point_id, body=told.body, code=told.handled
    )
