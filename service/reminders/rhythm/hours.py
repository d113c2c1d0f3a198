"""At which time of day to ask. The figures are the product's own choices, as in the rest of the rhythm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final

from service.plans.rules import DAYS_A_WEEK
from service.reminders.rules import DAY

LAST_ASK: Final = timedelta(minutes=30)
"""Before quiet hours: the last free slot for asking again."""

LOG_TIMES: Final = 14
AHEAD_OF_LOG: Final = 30
MOST_MOVED: Final = 15
"""Minutes: a reminder comes half an hour before the usual time of a log, and moves by a quarter of an hour a week."""


def shifted(wall: time, by: timedelta) -> time:
    return (datetime.combine(date.min + DAY, wall) + by).time()


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a reminder moves, and the usual time of a log that draws it there."""

    wall: time
    usual: time


def moved_time(
    wall: time, logged: Sequence[time], quiet_from: time, quiet_until: time, moved_on: date | None, today: date
) -> Moved | None:
    """Towards half an hour before the median of the last logs; once a week, and never into quiet hours."""
    if len(logged) < LOG_TIMES or (moved_on is not None and (today - moved_on).days < DAYS_A_WEEK):
        return None
    usual = int(median(_minutes(at) for at in logged[-LOG_TIMES:])) // 5 * 5
    distance = usual - AHEAD_OF_LOG - _minutes(wall)
    if abs(distance) < MOST_MOVED:
        return None
    minutes = _minutes(wall) + (MOST_MOVED if distance > 0 else -MOST_MOVED)
    if not 0 <= minutes < 24 * 60:
        return None
    to = time(minutes // 60, minutes % 60)
    return Moved(to, time(usual // 60, usual % 60)) if _by_day(to, quiet_from, quiet_until) else None


def standing_time(walls: Sequence[time], present: time, quiet_from: time, quiet_until: time) -> time | None:
    """Of the hours that were meant, the one nearest to the present that is not at night; None when all are."""
    free = [wall for wall in walls if _by_day(wall, quiet_from, quiet_until)]
    return min(free, key=lambda wall: abs(_minutes(wall) - _minutes(present)), default=None)


def last_ask(quiet_from: time) -> time:
    return shifted(quiet_from, -LAST_ASK)


def _by_day(wall: time, quiet_from: time, quiet_until: time) -> bool:
    return quiet_from == quiet_until or quiet_until <= wall <= last_ask(quiet_from)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
