"""What links, sign-ins and providers left behind goes some time after it is over: here stands what, and when.

What clients told their clinic is no trace: it stays until somebody erases it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.database.tenancy import ClinicSession

AT_ONCE: Final = 1_000
MOST_BATCHES: Final = 20
"""Of one table and clinic in one round; the rest goes with the next."""

# When each is over. The link of a helper says who they are. Mails that said that nobody looked in time stay as long as
# the client: they are why it is not said again.
OVER: Final[Mapping[str, str]] = {
    "link": "expires_at < :before AND purpose <> 'helper'",
    "sign_in_code": "expires_at < :before",
    "sign_in_session": "least(expires_at, revoked_at) < :before",
    "staff_invite": "least(expires_at, used_at, revoked_at) < :before",
    "provider_event": "acted_at < :before",
    "digest_mail": "settled_at < :before AND kind <> 'overdue'",
}
# Ids begin with the time they were made at: nothing that was made later is over, and none of it is looked at.
_FORGET: Final = {
    table: text(
        f"DELETE FROM {table} WHERE clinic_id = :clinic_id AND id IN (SELECT id FROM {table}"  # noqa: S608
        f" WHERE clinic_id = :clinic_id AND id < :made_before AND {over} ORDER BY id LIMIT :at_once)"
    )
    for table, over in OVER.items()
}
KEPT: Final = text("SELECT clinic_id, traces_days FROM clinic ORDER BY clinic_id")


def first_id(at: datetime) -> UUID:
    """No id that was made before is greater."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


async def forget_some(session: ClinicSession, table: str, days: int, now: datetime) -> int:
    """How many rows are gone, at most as many as one transaction should hold."""
    before = now - timedelta(days=days)
    values = {"clinic_id": session.clinic_id, "before": before, "made_before": first_id(before), "at_once": AT_ONCE}
    result = await session.execute(_FORGET[table], values)
    return int(getattr(result, "rowcount", 0))
