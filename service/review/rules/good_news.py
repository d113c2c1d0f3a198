"""What is worth a word of praise at the next visit: one sentence about somebody, of the first rule that holds."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from service.catalogue.rules import Sentence
from service.diary.rules import DayState
from service.progress.rules import DayRecord, Direction, change, change_words
from service.review.rules.pain import DEFAULT_LIMITS, Limits

STEADY_DAYS: Final = 14
STEADY_DUE: Final = 4
"""Every planned day of two weeks, when so many were planned at least: fewer are no habit. Our own choice."""

BACK_WITHIN: Final = timedelta(days=3)
"""How long somebody who is back after a break is news. The break is as long as what we call quiet."""

_TOLD: Final = frozenset({DayState.DONE, DayState.PARTLY})


def good_news(
    days: Sequence[DayRecord], mean: float | None, before: float | None, limits: Limits = DEFAULT_LIMITS
) -> Sentence | None:
    """`days` up to today, oldest first; `mean` of pain over the last seven, `before` at the start (rv-gain)."""
    if mean is not None and before is not None:
        direction, _, _ = change(mean, before)
        if direction is not Direction.TOO_SMALL:
            return change_words(mean, before).words if direction is Direction.BETTER else None
    return _back(days, limits) or _steady(days)


def _back(days: Sequence[DayRecord], limits: Limits) -> Sentence | None:
    told = [place for place, day in enumerate(days) if day.state in _TOLD]
    # The day of the return: the first of the newest run of told days that silence came before.
    for place in told:
        if days[-1].day - days[place].day > BACK_WITHIN:
            continue
        silent = _silent_before(days[:place])
        if silent >= limits.silence.quiet_planned_days:
            return Sentence("Back after %(count)s planned days without a log.", {"count": silent})
    return None


def _silent_before(days: Sequence[DayRecord]) -> int:
    """Planned days without a log up to here; none where nothing was told before: that is a start and no return."""
    silent = 0
    for day in reversed(days):
        if day.state is DayState.NO_ENTRY:
            silent += 1
        elif day.state in _TOLD or day.state is DayState.SKIPPED:
            return silent
    return 0


def _steady(days: Sequence[DayRecord]) -> Sentence | None:
    due = [day for day in days[-STEADY_DAYS:] if day.due]
    # Today is not over.
    if due and due[-1] is days[-1] and due[-1].state is DayState.NO_ENTRY:
        due.pop()
    if len(due) < STEADY_DUE or any(day.state is not DayState.DONE for day in due):
        return None
    return Sentence("Did all of the plan on each of %(count)s planned days in two weeks.", {"count": len(due)})
