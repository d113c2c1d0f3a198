from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.intake.tables import Helper

HELPERS: Final = Rows(
    Helper,
    "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.ended_at IS NULL "
    "AND t.expires_at > %(now)s ORDER BY t.created_at, t.id",
)
_HELPERS: Final = Reading(HELPERS)


async def helpers(session: ClinicSession, client_id: UUID, now: datetime) -> Sequence[Helper]:
    """Those whose link works, in the order in which they were named. To be read only."""
    return (await _HELPERS(session, client_id=client_id, now=now)).of(Helper)
