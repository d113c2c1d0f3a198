"""How firmly something is established: grows with every day it is done, and forgives a day that it is not.

Exponential smoothing as in Loop Habit Tracker (iSoron/uhabits, `Score`): score = before · m + today · (1 − m) with
m = 0.5^(√frequency / 13), so that a daily habit comes half of the way in 13 days. Unlike there, silence says nothing:
a day of which nobody told is left out, as is one that was skipped or asked for nothing.
"""

from collections.abc import Iterable
from math import sqrt

from service.diary.rules import DayState
from service.progress.rules import UNTOLD_SHARE, DayRecord

HALF_WAY_DAYS = 13


def strength(told: Iterable[float | None], frequency: float) -> float | None:
    """0 to 1, after these days in their order: of each how much was done, 0 to 1, or None. `frequency` is how many
    times a day it is asked. None when no day says anything."""
    kept = 0.5 ** (sqrt(frequency) / HALF_WAY_DAYS)
    score = None
    for value in told:
        if value is not None:
            score = (score or 0.0) * kept + value * (1 - kept)
    return score


def plan_strength(days: Iterable[DayRecord]) -> float | None:
    """Of the days in a plan. What was done unasked counts too; a skipped day is neither for nor against."""
    planned = [day for day in days if day.state is not DayState.NOT_YET]
    asked = sum(day.due for day in planned)
    return strength(map(_done, planned), asked / len(planned)) if asked else None


def _done(day: DayRecord) -> float | None:
    if day.state is DayState.PARTLY:
        return UNTOLD_SHARE if day.share is None else day.share
    return 1.0 if day.state is DayState.DONE else None
