"""What a scheduler remembers and what the database says → whether that database went back in time. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

FORGOTTEN_AFTER = timedelta(days=60)
"""A witness that says nothing for so long is deleted from the database …"""
TRUSTED_FOR = timedelta(days=30)
"""… so what one remembers counts for half of that."""
MOST_SKEW = timedelta(seconds=60)
MOST_JUMP_SECONDS = 5
SHORT_GAP = timedelta(minutes=5)
"""A standby that lags further behind is no failover as usual: somebody looks first."""


class HoldReason(StrEnum):
    RESTORED = "restored"
    FAILED_OVER = "failed_over"


class Remembered(NamedTuple):
    """`beat` was written to the database first and remembered after: the database may be ahead, never behind."""

    installation_id: UUID
    began_at: datetime
    beat: int
    beat_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the database. `beat` and `beat_at` are of the witness that looks; `last_beat_at` is anybody's."""

    installation_id: UUID
    began_at: datetime
    known_server: str | None
    server: str | None
    held_since: datetime | None
    hold_reason: str | None
    beat: int | None
    beat_at: datetime | None
    last_beat_at: datetime | None
    now: datetime


class WentBack(NamedTuple):
    reason: HoldReason
    known_until: datetime
    """The database knows what happened until then."""


def went_back(remembered: Remembered | None, seen: Seen) -> WentBack | None:
    if remembered is not None and remembered.installation_id == seen.installation_id:
        lost = _forgot(remembered, seen)
        if lost is not None:
            return WentBack(HoldReason.RESTORED, lost)
    if seen.known_server is None or seen.server is None or seen.known_server == seen.server:
        return None
    same_data = seen.known_server.partition("/")[0] == seen.server.partition("/")[0]
    return WentBack(
        HoldReason.FAILED_OVER if same_data else HoldReason.RESTORED,
        seen.last_beat_at or seen.began_at,
    )


def _forgot(remembered: Remembered, seen: Seen) -> datetime | None:
    """Until when the database knows what this witness remembers; None when it knows all of it."""
    if seen.began_at > remembered.began_at or seen.now - remembered.beat_at > TRUSTED_FOR:
        return None
    if seen.began_at == remembered.began_at and seen.beat is not None and seen.beat >= remembered.beat:
        return None
    return seen.beat_at or min(remembered.beat_at, seen.last_beat_at or seen.began_at)


def safe_alone(reason: str, known_until: datetime, held_since: datetime) -> bool:
    """Whether to recover without being asked: a promoted standby that lost moments. After a restore somebody must
    first make sure that the other copy of the installation sends no more."""
    return reason == HoldReason.FAILED_OVER and held_since - known_until <= SHORT_GAP


def too_far_apart(ours: datetime, theirs: datetime) -> bool:
    return abs(ours - theirs) > MOST_SKEW


def jumped(database_elapsed: timedelta, monotonic_elapsed: float) -> bool:
    """The database's clock was set, or this process's machine slept: its leases may not be over yet."""
    return abs(database_elapsed.total_seconds() - monotonic_elapsed) > MOST_JUMP_SECONDS
