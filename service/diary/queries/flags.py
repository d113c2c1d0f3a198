"""What stands about warning signs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.diary.tables import RedFlag, RedFlagScreen, UrgencyAnswer

SCREENS = 60
"""More than a year of weekly questions."""


async def red_flags(session: ClinicSession, client_id: UUID) -> Sequence[RedFlag]:
    statement = (
        select(RedFlag)
        .where(col(RedFlag.clinic_id) == session.clinic_id, col(RedFlag.client_id) == client_id)
        .order_by(col(RedFlag.opened_at).desc())
    )
    return (await session.scalars(statement)).all()


async def is_on_hold(session: ClinicSession, client_id: UUID, at: datetime) -> bool:
    """While a warning sign is open, from when it was told until a clinician clears it."""
    return any(flag.closed_at is None and flag.opened_at <= at for flag in await red_flags(session, client_id))


async def screens(session: ClinicSession, client_id: UUID) -> Sequence[RedFlagScreen]:
    """What was answered about warning signs, the newest first."""
    statement = (
        select(RedFlagScreen)
        .where(
            col(RedFlagScreen.clinic_id) == session.clinic_id,
            col(RedFlagScreen.client_id) == client_id,
            col(RedFlagScreen.deleted_at).is_(None),
        )
        .order_by(col(RedFlagScreen.answered_at).desc(), col(RedFlagScreen.id).desc())
        .limit(SCREENS)
    )
    return (await session.scalars(statement)).all()


async def last_urgency(session: ClinicSession, client_id: UUID) -> UrgencyAnswer | None:
    statement = (
        select(UrgencyAnswer)
        .where(
            col(UrgencyAnswer.clinic_id) == session.clinic_id,
            col(UrgencyAnswer.client_id) == client_id,
            col(UrgencyAnswer.deleted_at).is_(None),
        )
        .order_by(col(UrgencyAnswer.answered_at).desc())
        .limit(1)
    )
    return (await session.scalars(statement)).first()
