"""Rate limit of one sender, shared by all processes through one row (generic cell rate algorithm)."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

PER_SECOND = 100.0
BURST_SECONDS = 0.5

_TAKE = text(
    "INSERT INTO sender_pace (sender, next_free_at, interval_seconds, burst_seconds) "
    "VALUES (:sender, CAST(:now AS timestamptz) + :wanted * make_interval(secs => :interval), :interval, :burst) "
    "ON CONFLICT (sender) DO UPDATE SET next_free_at = greatest(sender_pace.next_free_at, :now)"
    "  + :wanted * make_interval(secs => sender_pace.interval_seconds) "
    "WHERE greatest(sender_pace.next_free_at, :now) <= :now + make_interval(secs => sender_pace.burst_seconds) "
    "RETURNING next_free_at"
)

_HOLD = text("UPDATE sender_pace SET next_free_at = greatest(next_free_at, :until) WHERE sender = :sender")


async def take(connection: AsyncConnection, sender: str, wanted: int, now: datetime) -> bool:
    """Room for `wanted` messages of this sender now? Taking more than the burst only delays the next ones."""
    values = {
        "sender": sender,
        "wanted": wanted,
        "now": now,
        "interval": 1 / PER_SECOND,
        "burst": BURST_SECONDS,
    }
    return await connection.scalar(_TAKE, values) is not None


async def hold(connection: AsyncConnection, sender: str, until: datetime) -> None:
    """The provider asked this sender to wait: nobody sends for it before `until`."""
    await connection.execute(_HOLD, {"sender": sender, "until": until})
