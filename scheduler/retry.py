"""Kind of failure and number of tries → when again, or never. Pure."""

import random
from datetime import datetime, timedelta
from typing import Final

from scheduler.timing import Timing


def after_unreached(now: datetime, soft_fails: int, chance: random.Random, timing: Timing) -> datetime:
    """5 s, doubling to 5 min, each ±50 % so that workers do not come back together."""
    wait = min(timing.unreached_first * 2 ** min(soft_fails, 10), timing.unreached_longest)
    return now + timedelta(seconds=wait * chance.uniform(0.5, 1.5))


def after_told_to_wait(now: datetime, retry_after_seconds: float | None) -> datetime:
    """The provider's own word, at least a second and at most an hour."""
    return now + timedelta(seconds=min(max(retry_after_seconds or 30.0, 1.0), 3600.0))


HEARINGS: Final = 8
"""How often a report is acted on in vain: with the waits between them, a working day."""


def after_vain_hearing(now: datetime, tries: int) -> datetime | None:
    """After 5 s, 20 s … 6 h, so that a disturbance of any usual length passes; None when it was the last time."""
    return now + timedelta(seconds=5 * 4**tries) if tries + 1 < HEARINGS else None


def first_look(now: datetime, timing: Timing) -> datetime:
    """When to look for proof of a send whose outcome is unknown."""
    return now + timedelta(seconds=timing.first_look)
