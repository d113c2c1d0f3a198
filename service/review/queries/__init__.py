"""What the pages of staff need to know beside the cases themselves."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from service.accounts.tables import Staff
from service.database.tenancy import ClinicSession
from service.outbox.tables import Heartbeat, Message, SenderPace, SendingStop


async def heartbeat(session: ClinicSession) -> datetime | None:
    """When any notifier process last said that it is alive."""
    return await session.scalar(select(func.max(Heartbeat.beat_at)))


async def standing_stops(session: ClinicSession, now: datetime) -> Sequence[SendingStop]:
    statement = (
        select(SendingStop)
        .where(col(SendingStop.clinic_id) == session.clinic_id, col(SendingStop.until_at) > now)
        .order_by(col(SendingStop.channel), col(SendingStop.kind))
    )
    return (await session.scalars(statement)).all()


async def held_senders(session: ClinicSession, before: datetime) -> Sequence[str]:
    """Those to whom nothing gets through, since `before` at least."""
    statement = select(col(SenderPace.sender)).where(col(SenderPace.opened_at) < before).order_by(SenderPace.sender)
    return (await session.scalars(statement)).all()


async def staff_names(session: ClinicSession) -> dict[UUID, str]:
    rows = await session.execute(
        select(col(Staff.id), col(Staff.name)).where(col(Staff.clinic_id) == session.clinic_id)
    )
    return {row.id: row.name for row in rows}


async def therapists(session: ClinicSession) -> Sequence[Staff]:
    """Those whose client somebody can be."""
    statement = (
        select(Staff)
        .where(
            col(Staff.clinic_id) == session.clinic_id,
            col(Staff.active),
            col(Staff.role).in_(("therapist", "owner")),
        )
        .order_by(col(Staff.name))
    )
    return (await session.scalars(statement)).all()


async def sent_messages(session: ClinicSession, client_id: UUID, most: int) -> Sequence[Message]:
    """The last ones that a message service took, or that were held back; newest first.

    What became of a reminder that was held back stands in the ledger.
    """
    statement = (
        select(Message)
        .where(
            col(Message.clinic_id) == session.clinic_id,
            col(Message.client_id) == client_id,
            or_(
                col(Message.accepted_at).is_not(None),
                and_(col(Message.occurrence_id).is_(None), col(Message.state).in_(("suppressed", "failed", "expired"))),
            ),
        )
        .order_by(col(Message.created_at).desc())
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def sent_since(session: ClinicSession, client_id: UUID, since: datetime) -> Sequence[datetime]:
    """When a message service took what we wrote."""
    statement = select(col(Message.accepted_at)).where(
        col(Message.clinic_id) == session.clinic_id,
        col(Message.client_id) == client_id,
        col(Message.created_at) >= since,
        col(Message.accepted_at).is_not(None),
    )
    return [at for at in await session.scalars(statement) if at is not None]
