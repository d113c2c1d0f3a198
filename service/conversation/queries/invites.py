"""Invitations of clients, with what became of their messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlmodel import col

from service.conversation.rules.invites import A_DAY, Invited, InviteState, invite_state
from service.conversation.tables import ClientInvite
from service.database.tenancy import ClinicSession
from service.outbox.tables import Message


@dataclass(frozen=True, slots=True)
class InviteNow:
    """`reason`: why the message did not arrive, as the notifier wrote it down."""

    row: ClientInvite
    state: InviteState
    reason: str | None


async def newest_invites(session: ClinicSession, client_id: UUID, now: datetime) -> dict[UUID, InviteNow]:
    """The last one at each address, by the id of the address."""
    statement = (
        select(ClientInvite, col(Message.state), col(Message.reason))
        .outerjoin(
            Message,
            and_(
                col(Message.clinic_id) == col(ClientInvite.clinic_id), col(Message.id) == col(ClientInvite.message_id)
            ),
        )
        .where(col(ClientInvite.clinic_id) == session.clinic_id, col(ClientInvite.client_id) == client_id)
        .order_by(col(ClientInvite.created_at), col(ClientInvite.replaced_at))
    )
    found = dict[UUID, InviteNow]()
    for row, state, reason in await session.execute(statement):
        known = Invited(row.expires_at, row.opened_at, row.accepted_at, row.declined_at, row.replaced_at, message=state)
        found[row.contact_point_id] = InviteNow(row, invite_state(known, now), reason)
    return found


async def invited_today(session: ClinicSession, client_id: UUID, now: datetime) -> int:
    statement = (
        select(func.count())
        .select_from(ClientInvite)
        .where(
            col(ClientInvite.clinic_id) == session.clinic_id,
            col(ClientInvite.client_id) == client_id,
            col(ClientInvite.created_at) > now - A_DAY,
        )
    )
    return int(await session.scalar(statement) or 0)


async def open_invites(session: ClinicSession, contact_point_id: UUID) -> Sequence[ClientInvite]:
    """That one, locked, when nobody answered it yet; run out or not."""
    statement = (
        select(ClientInvite)
        .where(
            col(ClientInvite.clinic_id) == session.clinic_id,
            col(ClientInvite.contact_point_id) == contact_point_id,
            col(ClientInvite.accepted_at).is_(None),
            col(ClientInvite.declined_at).is_(None),
            col(ClientInvite.replaced_at).is_(None),
        )
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def invite_of_link(session: ClinicSession, link_id: UUID) -> ClientInvite | None:
    """Locked: of two answers at once the second sees the first."""
    return await session.scalar(
        select(ClientInvite)
        .where(col(ClientInvite.clinic_id) == session.clinic_id, col(ClientInvite.link_id) == link_id)
        .with_for_update()
    )
