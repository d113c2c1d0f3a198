"""Passkeys, apps and recovery codes of one member of staff."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from service.accounts.rules import STAFF_IDLE
from service.accounts.rules.factors import FactorKind
from service.accounts.tables import SignInSession, Staff
from service.accounts.tables.factors import RecoveryCode, StaffFactor
from service.database.tenancy import ClinicSession
from service.errors import NotFound


async def factors(session: ClinicSession, staff_id: UUID) -> Sequence[StaffFactor]:
    """Those in use, the oldest first."""
    statement = (
        select(StaffFactor)
        .where(
            col(StaffFactor.clinic_id) == session.clinic_id,
            col(StaffFactor.staff_id) == staff_id,
            col(StaffFactor.removed_at).is_(None),
        )
        .order_by(col(StaffFactor.created_at), col(StaffFactor.id))
    )
    return (await session.scalars(statement)).all()


async def own_factor(session: ClinicSession, staff_id: UUID, factor_id: UUID) -> StaffFactor:
    """Raises NotFound for a colleague's, too."""
    found = await session.get(StaffFactor, (session.clinic_id, factor_id))
    if found is None or found.staff_id != staff_id or found.removed_at is not None:
        raise NotFound
    return found


async def passkey(session: ClinicSession, staff_id: UUID, credential_id: bytes) -> StaffFactor | None:
    """Locked: its counter never falls."""
    return await session.scalar(
        select(StaffFactor)
        .where(
            col(StaffFactor.clinic_id) == session.clinic_id,
            col(StaffFactor.staff_id) == staff_id,
            col(StaffFactor.credential_id) == credential_id,
            col(StaffFactor.kind) == FactorKind.PASSKEY.value,
            col(StaffFactor.removed_at).is_(None),
        )
        .with_for_update()
    )


async def codes_left(session: ClinicSession, staff_id: UUID) -> int:
    statement = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            col(RecoveryCode.clinic_id) == session.clinic_id,
            col(RecoveryCode.staff_id) == staff_id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.replaced_at).is_(None),
        )
    )
    return await session.scalar(statement) or 0


async def staff_sessions(session: ClinicSession, staff_id: UUID, now: datetime) -> Sequence[SignInSession]:
    """Where somebody is all the way in, what was used last first."""
    statement = (
        select(SignInSession)
        .where(
            col(SignInSession.clinic_id) == session.clinic_id,
            col(SignInSession.staff_id) == staff_id,
            col(SignInSession.revoked_at).is_(None),
            col(SignInSession.proved_at).is_not(None),
            col(SignInSession.expires_at) > now,
            col(SignInSession.seen_at) > now - STAFF_IDLE,
        )
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.id).desc())
    )
    return (await session.scalars(statement)).all()


async def half_signed_in(session: ClinicSession, token_hash: bytes) -> tuple[SignInSession, Staff] | None:
    """A session whose password was right and whose second step is still to come."""
    row = (
        await session.execute(
            select(SignInSession, Staff)
            .join(
                Staff,
                (col(Staff.clinic_id) == col(SignInSession.clinic_id)) & (col(Staff.id) == col(SignInSession.staff_id)),
            )
            .where(
                col(SignInSession.clinic_id) == session.clinic_id,
                col(SignInSession.token_hash) == token_hash,
                col(SignInSession.revoked_at).is_(None),
                col(SignInSession.proved_at).is_(None),
                col(Staff.active),
            )
        )
    ).first()
    return (row[0], row[1]) if row else None
