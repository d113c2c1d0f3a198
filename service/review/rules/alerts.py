"""The life of an alert: by when somebody should have looked, how it is put away, and when it may come back.

Nothing of this is stored but what people did: it is worked out from their marks and from what happened, each time.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.accounts.rules.office import OfficeHours
from service.catalogue.library import FlagTier
from service.review.rules import Rule

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


def look_by(since: datetime, care: FlagTier, office: OfficeHours) -> datetime:
    """By when somebody should have looked. `since` is in the clinic's zone."""
    if care is FlagTier.EMERGENCY:
        return office.after(since, EMERGENCY_WITHIN)
    opens = office.opening(since)
    return office.closing(opens if care is FlagTier.SAME_DAY else office.next_day(opens))
