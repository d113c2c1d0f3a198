"""The people of a clinic, and who was asked to join."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.tables import Client, Staff, StaffInvite
from service.database.tenancy import ClinicSession
from service.review.rules.escalation import MailKind
from service.review.rules.team import JOIN
from service.review.tables import DigestMail


async def everybody(session: ClinicSession) -> Sequence[Staff]:
    """Whoever works here now first, then by name."""
    statement = (
        select(Staff)
        .where(col(Staff.clinic_id) == session.clinic_id)
        .order_by(col(Staff.active).desc(), col(Staff.name), col(Staff.id))
    )
    return (await session.scalars(statement)).all()


async def active_owners(session: ClinicSession) -> Sequence[Staff]:
    statement = select(Staff).where(
        col(Staff.clinic_id) == session.clinic_id, col(Staff.role) == "owner", col(Staff.active)
    )
    return (await session.scalars(statement.order_by(col(Staff.id)))).all()


async def everybody_locked(session: ClinicSession) -> Sequence[Staff]:
    """Two changes of one team wait for each other, so that two owners cannot both leave as the last but one."""
    statement = select(Staff).where(col(Staff.clinic_id) == session.clinic_id).order_by(col(Staff.id)).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()


async def clients_held(session: ClinicSession) -> dict[UUID, int]:
    rows = await session.execute(
        select(col(Client.therapist_id), func.count())
        .where(col(Client.clinic_id) == session.clinic_id)
        .group_by(col(Client.therapist_id))
    )
    return {staff_id: number for staff_id, number in rows}


async def open_invites(session: ClinicSession) -> dict[UUID, StaffInvite]:
    """By member of staff; run out or not."""
    statement = select(StaffInvite).where(
        col(StaffInvite.clinic_id) == session.clinic_id,
        col(StaffInvite.purpose) == JOIN,
        col(StaffInvite.used_at).is_(None),
        col(StaffInvite.revoked_at).is_(None),
    )
    return {found.staff_id: found for found in await session.scalars(statement)}


async def mails(session: ClinicSession, mail_ids: Sequence[UUID]) -> dict[UUID, DigestMail]:
    statement = select(DigestMail).where(
        col(DigestMail.clinic_id) == session.clinic_id,
        col(DigestMail.kind) == MailKind.INVITE.value,
        col(DigestMail.id).in_(mail_ids),
    )
    return {found.id: found for found in await session.scalars(statement)}


async def usable_invite(session: ClinicSession, token_hash: bytes, now: datetime) -> StaffInvite | None:
    """Locked: of two who press the button at once, one is first."""
    return await session.scalar(
        select(StaffInvite)
        .where(
            col(StaffInvite.clinic_id) == session.clinic_id,
            col(StaffInvite.token_hash) == token_hash,
            col(StaffInvite.purpose) == JOIN,
            col(StaffInvite.used_at).is_(None),
            col(StaffInvite.revoked_at).is_(None),
            col(StaffInvite.expires_at) > now,
        )
        .with_for_update()
    )


async def works_elsewhere(connection: AsyncConnection, email: str, clinic_id: UUID) -> bool:
    """Through the door `find_address`: whether somebody of another clinic signs in with it."""
    found = await connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM staff WHERE lower(email) = lower(:email) AND clinic_id <> :clinic_id"
            " AND active)"
        ),
        {"email": email, "clinic_id": clinic_id},
    )
    return bool(found)
