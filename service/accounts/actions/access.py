"""Where a member of staff is signed in, and what ends there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts.tables import SignInSession
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound


async def end_staff_sessions(
    session: ClinicSession, staff_id: UUID, now: datetime, *, one: UUID | None = None, but: UUID | None = None
) -> None:
    """Everywhere, in one place, or everywhere but in one; NotFound for a place that is not this person's."""
    ended = await session.scalars(
        update(SignInSession)
        .where(
            col(SignInSession.clinic_id) == session.clinic_id,
            col(SignInSession.staff_id) == staff_id,
            col(SignInSession.revoked_at).is_(None),
            *([col(SignInSession.id) == one] if one else []),
            *([col(SignInSession.id) != but] if but else []),
        )
        .values(revoked_at=now)
        .returning(col(SignInSession.id))
    )
    found = ended.all()
    if one is not None and not found:
        raise NotFound
    for session_id in found:
        record(session, now, "sign_out", "session", session_id)
