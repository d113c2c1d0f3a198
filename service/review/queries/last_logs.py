"""When each client last told of exercise or a habit, in a few index reads for each. Pain is read whole elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.diary.rules import CLIENT_BACK_DAYS

BACK_DAYS: Final = CLIENT_BACK_DAYS + 2
"""What reached us last is about a day so far before the newest one told of at most, with a day for a change of zone:
so no diary is read from its beginning."""

_LAST_LOGS = text(
    "SELECT c.id AS client_id, greatest(s.at, h.at) AS at FROM client c"
    " LEFT JOIN LATERAL (SELECT max(e.received_at) AS at FROM exercise_session e WHERE e.clinic_id = c.clinic_id"
    "  AND e.client_id = c.id AND e.entered_by <> 'therapist' AND e.deleted_at IS NULL"
    "  AND e.day >= (SELECT max(n.day) - :back FROM exercise_session n WHERE n.clinic_id = c.clinic_id"
    "   AND n.client_id = c.id AND n.entered_by <> 'therapist' AND n.deleted_at IS NULL)) s ON true"
    " LEFT JOIN LATERAL (SELECT max(e.received_at) AS at FROM habit_mark e WHERE e.clinic_id = c.clinic_id"
    "  AND e.client_id = c.id AND e.entered_by <> 'therapist' AND e.deleted_at IS NULL"
    "  AND e.day >= (SELECT max(n.day) - :back FROM habit_mark n WHERE n.clinic_id = c.clinic_id"
    "   AND n.client_id = c.id AND n.entered_by <> 'therapist' AND n.deleted_at IS NULL)) h ON true"
    " WHERE c.clinic_id = :clinic_id AND c.id = ANY(CAST(:ids AS uuid[])) AND greatest(s.at, h.at) IS NOT NULL"
)


async def last_logs(session: ClinicSession, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """By client; who never told anything is not in it. What staff wrote down for them does not count."""
    values = {"clinic_id": session.clinic_id, "ids": uuids(ids), "back": BACK_DAYS}
    return {row.client_id: row.at for row in await session.execute(_LAST_LOGS, values)}
