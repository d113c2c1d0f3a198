"""What stands about warning signs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.diary.tables import RedFlag, RedFlagScreen, UrgencyAnswer

SCREENS = 60
"""More than a year of weekly questions."""


_OF_CLIENT = "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s"
RED_FLAGS = Rows(RedFlag, f"{_OF_CLIENT} ORDER BY t.opened_at DESC")
SCREENS_TOLD = Rows(
    RedFlagScreen,
    f"{_OF_CLIENT} AND t.deleted_at IS NULL ORDER BY t.answered_at DESC, t.id DESC LIMIT {SCREENS}",
)
LAST_URGENCY = Rows(UrgencyAnswer, f"{_OF_CLIENT} AND t.deleted_at IS NULL ORDER BY t.answered_at DESC LIMIT 1")

_FLAGS, _SCREENS = Reading(RED_FLAGS), Reading(SCREENS_TOLD)


async def red_flags(session: ClinicSession, client_id: UUID) -> Sequence[RedFlag]:
    """To be read only."""
    return (await _FLAGS(session, client_id=client_id)).of(RedFlag)


async def is_on_hold(session: ClinicSession, client_id: UUID, at: datetime) -> bool:
    """While a warning sign is open, from when it was told until a clinician clears it."""
    return any(flag.closed_at is None and flag.opened_at <= at for flag in await red_flags(session, client_id))


async def screens(session: ClinicSession, client_id: UUID) -> Sequence[RedFlagScreen]:
    """What was answered about warning signs, the newest first; to be read only."""
    return (await _SCREENS(session, client_id=client_id)).of(RedFlagScreen)
