"""One-off fixes that wait for a second look. The notifier may know that, never which fix or what was answered."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.database.rows import as_rows
from service.database.tenancy import ClinicSession

# Of the version that holds on the day: done, its days over, and not looked at since (`plans.fixes.standing`).
_WAITING: Final = text(
    "SELECT a.client_id, a.day, t.done_on + f.recheck_days AS recheck_on "
    "FROM json_to_recordset(CAST(:asked AS json)) AS a(client_id uuid, day date) "
    "JOIN LATERAL (SELECT v.id FROM plan_version v JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id"
    "  WHERE v.clinic_id = :clinic_id AND v.client_id = a.client_id AND v.starts_on <= a.day AND v.deleted_at IS NULL"
    "  AND (p.ended_on IS NULL OR p.ended_on >= a.day) ORDER BY v.starts_on DESC, v.number DESC LIMIT 1) v ON true "
    "JOIN plan_fix f ON f.clinic_id = :clinic_id AND f.client_id = a.client_id AND f.plan_version_id = v.id"
    "  AND f.recheck_days IS NOT NULL AND f.deleted_at IS NULL "
    "JOIN LATERAL (SELECT max(r.day) FILTER (WHERE r.told = 'done') AS done_on,"
    "  max(r.day) FILTER (WHERE r.told = 'check') AS looked_on FROM fix_report r"
    "  WHERE r.clinic_id = :clinic_id AND r.client_id = a.client_id AND r.fix_key = f.fix_key"
    "  AND r.day <= a.day AND r.deleted_at IS NULL) t ON true "
    "WHERE t.done_on + f.recheck_days <= a.day AND (t.looked_on IS NULL OR t.looked_on < t.done_on)"
)


async def rechecks_waiting(
    session: ClinicSession, asked: Collection[tuple[UUID, date]]
) -> dict[tuple[UUID, date], list[date]]:
    """By client and local day the days since which a look waits."""
    found = defaultdict[tuple[UUID, date], list[date]](list)
    if asked:
        rows = as_rows({"client_id": client_id, "day": day} for client_id, day in asked)
        for row in await session.execute(_WAITING, {"clinic_id": session.clinic_id, "asked": rows}):
            found[row.client_id, row.day].append(row.recheck_on)
    return found
