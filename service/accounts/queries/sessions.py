"""Where somebody is signed in, and was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.tables import SignInSession
from service.database.tenancy import ClinicSession

_SESSIONS = 100


async def open_sessions(session: ClinicSession, client_id: UUID, now: datetime) -> Sequence[SignInSession]:
    """Where this client is signed in, what was used last first."""
    statement = (
        select(SignInSession)
        .where(
            col(SignInSession.clinic_id) == session.clinic_id,
            col(SignInSession.client_id) == client_id,
            col(SignInSession.revoked_at).is_(None),
            col(SignInSession.expires_at) > now,
        )
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.id).desc())
    )
    return (await session.scalars(statement)).all()


async def sessions_so_far(session: ClinicSession, kind: Literal["staff", "client"], person_id: UUID) -> Sequence[UUID]:
    """The ids of this person's sessions of late, those that have ended too."""
    whose = SignInSession.staff_id if kind == "staff" else SignInSession.client_id
    statement = (
        select(col(SignInSession.id))
        .where(col(SignInSession.clinic_id) == session.clinic_id, col(whose) == person_id)
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.id).desc())
        .limit(_SESSIONS)
    )
    return (await session.scalars(statement)).all()
