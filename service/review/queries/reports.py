"""What providers said and nobody could act on."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, text
from sqlmodel import col

from service.accounts.tables import Client
from service.conversation.tables import ProviderEvent
from service.database.tenancy import ClinicSession
from service.outbox.tables import Message
from service.review.queries import OurFault


async def unheard(session: ClinicSession, clients: Collection[Client], since: datetime) -> list[OurFault]:
    """Reports that were put aside: the newest of each of these clients, newest first."""
    names = {client.id: client.name for client in clients}
    newest = func.max(ProviderEvent.acted_at).label("at")
    statement = (
        select(col(Message.client_id), newest)
        .join(
            ProviderEvent,
            (col(ProviderEvent.clinic_id) == col(Message.clinic_id))
            & (col(ProviderEvent.message_id) == col(Message.id)),
        )
        .where(
            col(Message.clinic_id) == session.clinic_id,
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.acted_at) > since,
            # Written out, not bound, so that the index on just these rows can serve it.
            text("provider_event.trouble IS NOT NULL"),
        )
        .group_by(col(Message.client_id))
        .order_by(newest.desc())
    )
    rows = await session.execute(statement)
    return [OurFault(row.client_id, names[row.client_id], row.at) for row in rows if row.client_id in names]
