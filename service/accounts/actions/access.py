"""Where somebody is signed in, and what ends there."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts.tables import SignInSession
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound


async def end_sessions(
    session: ClinicSession,
    kind: Literal["staff", "client"],
    person_id: UUID,
    now: datetime,
    *,
    one: UUID | None = None,
    but: UUID | None = None,
) -> None:
    """Of one person: everywhere, on one device, or on all but one; NotFound for a device that is not theirs."""
    of_person = col(SignInSession.staff_id if kind == "staff" else SignInSession.client_id)
    ended = await session.scalars(
        update(SignInSession)
        .where(
            col(SignInSession.clinic_id) == session.clinic_id,
            of_person == person_id,
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
    client_id = person_id if kind == "client" else None
    for session_id in found:
        record(session, now, "sign_out", "session", session_id, client_id=client_id)
