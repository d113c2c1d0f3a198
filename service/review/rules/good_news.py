"""What is worth a word of praise at the next visit: one sentence about somebody, of the first rule that holds."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Final

from service.catalogue.rules import Sentence
from service.diary.rules import Outcome
from service.progress.rules import Direction, Logged, change, change_words
from service.review.rules.pain import DEFAULT_LIMITS, Limits

STEADY_DAYS: Final = 14
STEADY_DUE: Final = 4
"""Every planned day of two weeks, when so many were planned at least: fewer are no habit. Our own choice."""

BACK_WITHIN: Final = timedelta(days=3)
"""How long somebody who is back after a break is news. The break is as long as what we call quiet."""

Due = Callable[[date, date], Collection[date]]
"""The planned days from one day to another, both included. Asked for only where something hangs on it: a caseload
has hundreds of people, and working out their plans is what their good news costs."""


def good_news(
    told: Mapping[date, Logged],
    due: Due,
    days: tuple[date, date],
    mean: float | None,
    before: float | None,
    limits: Limits = DEFAULT_LIMITS,
) -> Sentence | None:
    """`told` is what was logged of exercise, `days` the first that is looked at and today; `mean` of pain over the last
    seven, `before` at the start (rv-gain)."""
    if mean is not None and before is not None:
        direction, _, _ = change(mean, before)
        if direction is not Direction.TOO_SMALL:
            return change_words(mean, before).words if direction is Direction.BETTER else None
    return _back(told, due, days, limits) or _steady(told, due, days[1])


def _back(told: Mapping[date, Logged], due: Due, days: tuple[date, date], limits: Limits) -> Sentence | None:
    """The day of the return: the first of the newest run of told days that silence came before."""
    first, today = days
    for back in range(BACK_WITHIN.days, -1, -1):
        day = today - timedelta(days=back)
        if day in told and told[day].outcome is not Outcome.SKIPPED:
            silent = _silent_before(told, due, first, day, limits.silence.quiet_planned_days)
            if silent >= limits.silence.quiet_planned_days:
                return Sentence("Back after %(count)s planned days without a log.", {"count": silent})
    return None


def _silent_before(told: Mapping[date, Logged], due: Due, first: date, day: date, enough: int) -> int:
    """Planned days without a log up to a day; none where nothing was told before: that is a start and no return, and
    none where there are not `enough` days of any kind."""
    a_day = timedelta(days=1)
    before = day - a_day
    while before >= first and before not in told:
        before -= a_day
    if before < first or (day - before).days <= enough:
        return 0
    return len(due(before + a_day, day - a_day))


def _steady(told: Mapping[date, Logged], due: Due, today: date) -> Sentence | None:
    planned = set(due(today - timedelta(days=STEADY_DAYS - 1), today))
    if today not in told:
        # Today is not over.
        planned.discard(today)
    done = all(day in told and told[day].outcome is Outcome.DONE for day in planned)
    if len(planned) < STEADY_DUE or not done:
        return None
    return Sentence("Did all of the plan on each of %(count)s planned days in two weeks.", {"count": len(planned)})
