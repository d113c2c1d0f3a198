"""The life of an alert: by when somebody should have looked, how it is put away, and when it may come back.

Nothing of this is stored but what people did: it is worked out from their marks and from what happened, each time.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from service.catalogue.library import FlagTier
from service.review.rules import Rule

OFFICE_OPENS: Final = time(8)
OFFICE_CLOSES: Final = time(18)
WORKING_DAYS: Final = frozenset(range(5))
"""Monday to Friday, by the clinic's clock. Our own choice: a clinic's holidays are not known here."""

EMERGENCY_WITHIN: Final = timedelta(hours=1)
"""Of office hours (the catalogue's action for an emergency, GK). Care the same day: before the office closes. Care
soon: before the second working day is over."""

COOL_DOWN: Final = timedelta(days=7)
LASTS: Final = frozenset({Rule.PAIN_RISE, Rule.WENT_QUIET, Rule.NEVER_LOGGED})
"""A state that lasts comes back after so many days when it was done and still holds; something that happened comes
back only when it happens again. Our own choice: alerts that come every day are soon not read (2.6)."""

LONGEST_NOTE: Final = 2000


class MarkState(StrEnum):
    """What somebody did about an alert. A warning sign is not done or put aside: a clinician clears it."""

    SEEN = "seen"
    SNOOZED = "snoozed"
    DONE = "done"


def is_over(rule: Rule, done_at: datetime, since: datetime | None, now: datetime) -> bool:
    """Whether what was found `since` was done with at `done_at`."""
    if since is None or since > done_at:
        return False
    return rule not in LASTS or now - done_at < COOL_DOWN


def look_by(since: datetime, care: FlagTier, zone: ZoneInfo) -> datetime:
    """By when somebody should have looked, in the clinic's zone."""
    opens = _next_open(since.astimezone(zone))
    if care is FlagTier.EMERGENCY:
        return _within_hours(opens, EMERGENCY_WITHIN)
    days = 0 if care is FlagTier.SAME_DAY else 1
    for _ in range(days):
        opens = _next_open(_midnight_after(opens))
    return opens.replace(hour=OFFICE_CLOSES.hour, minute=0, second=0, microsecond=0)


def _next_open(local: datetime) -> datetime:
    """This moment, when the office is open; else when it opens next."""
    while local.weekday() not in WORKING_DAYS or local.time() >= OFFICE_CLOSES:
        local = _midnight_after(local)
    if local.time() < OFFICE_OPENS:
        return local.replace(hour=OFFICE_OPENS.hour, minute=0, second=0, microsecond=0)
    return local


def _within_hours(local: datetime, left: timedelta) -> datetime:
    """What is not over when the office closes goes on when it opens."""
    closes = local.replace(hour=OFFICE_CLOSES.hour, minute=0, second=0, microsecond=0)
    if local + left <= closes:
        return local + left
    return _next_open(_midnight_after(local)) + (left - (closes - local))


def _midnight_after(local: datetime) -> datetime:
    """By the wall clock: a day on which clocks change is as long as it is."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
