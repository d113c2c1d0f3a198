"""Kind of failure and number of tries → when again, or never. Pure."""

import random
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)


def after_unreached(now: datetime, soft_fails: int, chance: random.Random) -> datetime:
    """5 s, doubling to 5 min, each ±50 % so that workers do not come back together."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(soft_fails, 10), LONGEST_WAIT)
    return now + wait * chance.uniform(0.5, 1.5)


def after_told_to_wait(now: datetime, retry_after_seconds: float | None) -> datetime:
    """The provider's own word, at least a second and at most an hour."""
    return now + timedelta(seconds=min(max(retry_after_seconds or 30.0, 1.0), 3600.0))


def first_check(now: datetime) -> datetime:
    """When to look for proof of a send whose outcome is unknown; callbacks usually settle it sooner."""
    return now + timedelta(minutes=2)
