"""Rate limit of one sender, shared by all processes through one row (generic cell rate algorithm).

Whoever takes room for some messages is told how long to wait until they may all go at once: nobody asks again and
again, and what is taken is used.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BURST_SECONDS = 0.25
"""How much of a second's room may go at once. A quarter, because sends are late by some of the time between taking and
the wire: what arrives in any one second then stays below one and a half times the rate."""

_TAKE = text(
    "INSERT INTO sender_pace (sender, next_free_at, interval_seconds, burst_seconds) "
    "VALUES (:sender, CAST(:now AS timestamptz) + :wanted * make_interval(secs => :interval), :interval, :burst) "
    "ON CONFLICT (sender) DO UPDATE SET next_free_at = greatest(sender_pace.next_free_at, :now)"
    "  + :wanted * make_interval(secs => :interval), interval_seconds = :interval, burst_seconds = :burst "
    "WHERE sender_pace.next_free_at <= CAST(:now AS timestamptz) + make_interval(secs => :ahead) "
    "RETURNING next_free_at"
)

_FREE = text("SELECT next_free_at FROM sender_pace WHERE sender = :sender")

_HOLD = text(
    "UPDATE sender_pace SET next_free_at = greatest(next_free_at, CAST(:until AS timestamptz)"
    "  + make_interval(secs => burst_seconds)) WHERE sender = :sender"
)


def at_once(per_second: float) -> int:
    """How many messages of a sender may go in one go."""
    return max(1, int(per_second * BURST_SECONDS))


async def wait(connection: AsyncConnection, sender: str, now: datetime) -> float:
    """Seconds until this sender has room again; 0 when it has."""
    free_at = await connection.scalar(_FREE, {"sender": sender})
    return max(0.0, (free_at - now).total_seconds() - BURST_SECONDS) if free_at else 0.0


async def take(
    connection: AsyncConnection, sender: str, wanted: int, per_second: float, now: datetime, *, ahead: float
) -> float | None:
    """Seconds until `wanted` messages of this sender may go; None when there is no room within `ahead` seconds."""
    values = {
        "sender": sender,
        "wanted": wanted,
        "now": now,
        "interval": 1 / per_second,
        "burst": BURST_SECONDS,
        "ahead": ahead,
    }
    free_at = await connection.scalar(_TAKE, values)
    return max(0.0, (free_at - now).total_seconds() - BURST_SECONDS) if free_at else None


async def hold(connection: AsyncConnection, sender: str, until: datetime) -> None:
    """The provider asked this sender to wait: nobody sends for it before `until`."""
    await connection.execute(_HOLD, {"sender": sender, "until": until})
