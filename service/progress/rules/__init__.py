"""Adherence and pain over time, from what was recorded. A day without an entry is a gap, never a number.

A day's pain is the worst score given for it: people in pain and those who treat them want the worst counted,
not only the average (Stone et al. 2020, J Pain), and the 7-day trend rule is about the worst. Scores given
during exercise do not belong here: some pain while exercising is allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from math import fsum
from statistics import fmean, median
from typing import NamedTuple, Protocol

from service.catalogue.rules import Sentence
from service.diary.rules import WORST_SCORE, DayState, Outcome

WINDOW_DAYS = 7
ANSWERS_FOR_A_MEAN = 4
"""Answered days a 7-day window needs before it has a mean: our own choice, not a figure from a trial."""

BASELINE_DAYS = 7
"""Answered days from the start that make the baseline: our own choice."""

USUAL_DAYS = 14
"""Days before today that say what is usual for a person: our own choice."""

LOOK_BACK = timedelta(days=31)
"""Far enough for what is usual for the person, and for a habit that is asked once a month."""

CALLED_POINTS = 2.0
CALLED_PERCENT = 33.0
"""What 825 people with aching joints or muscles called "much better" (Salaffi et al. 2004, Eur J Pain)."""

FELT_POINTS = 1.0
"""The least change they felt at all; a third of a low score that is less than this is still nothing."""

UNTOLD_SHARE = 0.5
"""What "partly" counts when nobody said how much: a convention that leans to neither side."""


class Scored(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def score(self) -> int: ...


class DayRecord(NamedTuple):
    """`share` is the completed part, 0 to 1, of a day that was partly done; None when nobody said."""

    day: date
    state: DayState
    due: bool
    share: float | None = None


def day_state(due: bool, outcome: Outcome | None, paused: bool = False, planned: bool = True) -> DayState:
    """What was recorded stands, on a rest day too. Silence counts as silence only where something was due.

    `planned` is False before the first day of the first plan: no day can be rested from a plan that is to come.
    """
    if outcome is not None:
        return _STATES[outcome]
    if not planned:
        return DayState.NOT_YET
    return DayState.NO_ENTRY if due and not paused else DayState.REST


_STATES = {outcome: DayState(outcome) for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Adherence:
    """Of the days `due`, so many were `done`, `partly` done and `not_logged`; `partly_share` is what the partly
    done ones add up to, 0 to 1 each."""

    done: int
    due: int
    not_logged: int
    partly_share: float
    partly: int = 0

    @property
    def percent(self) -> float | None:
        """0 to 100; None when nothing was due."""
        return (self.done + self.partly_share) / self.due * 100 if self.due else None

    @property
    def words(self) -> Sentence:
        """In whole days: "18 of 28 done, 2 partly, 6 not logged"."""
        if not self.due:
            return Sentence("Nothing was due")
        words = Sentence("%(done)s of %(due)s done", {"done": self.done, "due": self.due})
        for msgid, count in (("%(count)s partly", self.partly), ("%(count)s not logged", self.not_logged)):
            if count:
                words = Sentence("%(first)s, %(rest)s", {"first": words, "rest": Sentence(msgid, {"count": count})})
        return words


def adherence(days: Iterable[DayRecord]) -> Adherence:
    """Of due days only: something done on a rest day is welcome and does not make up for another."""
    due = [day for day in days if day.due and day.state not in (DayState.REST, DayState.NOT_YET)]
    shares = [_share(day) for day in due if day.state == DayState.PARTLY]
    states = [day.state for day in due]
    return Adherence(
        done=states.count(DayState.DONE),
        due=len(due),
        not_logged=states.count(DayState.NO_ENTRY),
        partly_share=fsum(shares),
        partly=len(shares),
    )


class Logged(NamedTuple):
    """What was logged of a day's exercise. `share` is the completed part, 0 to 1; None when it was not told item by
    item."""

    outcome: Outcome
    share: float | None


def by_day(told: Iterable[tuple[date, Logged]]) -> dict[date, Logged]:
    """Of several sessions of one day the one in which most was done, in whatever order they came."""
    best: dict[date, Logged] = {}
    for day, logged in told:
        known = best.get(day)
        if known is None or _much(logged) > _much(known):
            best[day] = logged
    return best


def _much(logged: Logged) -> tuple[int, float, bool]:
    share = UNTOLD_SHARE if logged.share is None else logged.share
    return _LEAST_FIRST.index(logged.outcome), share, logged.share is not None


_LEAST_FIRST = (Outcome.SKIPPED, Outcome.PARTLY, Outcome.DONE)


def _share(day: DayRecord) -> float:
    return UNTOLD_SHARE if day.share is None else min(max(day.share, 0.0), 1.0)


def plain(value: float) -> int | float:
    """As people write it: 4, not 4.0; otherwise one decimal."""
    rounded = round(float(value), 1)
    return int(rounded) if rounded.is_integer() else rounded


def worst_by_day(entries: Iterable[Scored]) -> dict[date, int]:
    """In order of the days."""
    worst: dict[date, int] = {}
    for entry in entries:
        known = worst.get(entry.day)
        if known is None or entry.score > known:
            worst[entry.day] = entry.score
    return dict(sorted(worst.items()))


def seven_day_mean(entries: Iterable[Scored], day: date) -> float | None:
    """Of `day` and the six before it; None with fewer than four answered days."""
    scores = _between(entries, day - timedelta(days=WINDOW_DAYS - 1), day)
    return fmean(scores) if len(scores) >= ANSWERS_FOR_A_MEAN else None


def week_mean(scores: Mapping[date, int], day: date) -> float | None:
    """`seven_day_mean` of one score a day."""
    week = map(date.fromordinal, range(day.toordinal() - WINDOW_DAYS + 1, day.toordinal() + 1))
    told = [scores[one] for one in week if one in scores]
    return sum(told) / len(told) if len(told) >= ANSWERS_FOR_A_MEAN else None


def seven_day_means(scores: Mapping[date, int], first: date, last: date) -> list[float | None]:
    """`seven_day_mean` of each day from `first` to `last`, of one score a day."""
    ordinals = range(first.toordinal() - WINDOW_DAYS + 1, last.toordinal() + 1)
    told = [scores.get(day) for day in map(date.fromordinal, ordinals)]
    means: list[float | None] = []
    total = count = 0
    for place, score in enumerate(told):
        gone = told[place - WINDOW_DAYS] if place >= WINDOW_DAYS else None
        total += (score or 0) - (gone or 0)
        count += (score is not None) - (gone is not None)
        means.append(total / count if count >= ANSWERS_FOR_A_MEAN else None)
    return means[WINDOW_DAYS - 1 :]


def baseline(entries: Iterable[Scored]) -> float | None:
    return first_median(worst_by_day(entries))


def first_median(scores: Mapping[date, int]) -> float | None:
    """The median of the first seven answered days; None until there are seven. One score a day, in their order."""
    first = list(islice(scores.values(), BASELINE_DAYS))
    return float(median(first)) if len(first) == BASELINE_DAYS else None


def own_median(entries: Iterable[Scored], day: date, days: int = USUAL_DAYS) -> float | None:
    """What is usual for the person: the median of the `days` before `day`, which is not among them."""
    return usual_before(worst_by_day(entries), day, days)


def usual_before(worst: Mapping[date, int], day: date, days: int = USUAL_DAYS) -> float | None:
    """`own_median` of one score a day."""
    before = map(date.fromordinal, range(day.toordinal() - days, day.toordinal()))
    scores = [worst[one] for one in before if one in worst]
    return float(median(scores)) if scores else None


def _between(entries: Iterable[Scored], first: date, last: date) -> list[int]:
    return [score for day, score in worst_by_day(entries).items() if first <= day <= last]


class Direction(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    TOO_SMALL = "too_small"


@dataclass(frozen=True, slots=True)
class Change:
    """`points` and `percent` are below zero when pain went down; `percent` is None from a baseline of 0."""

    direction: Direction
    points: float
    percent: float | None
    words: Sentence


def change(now: float, before: float) -> tuple[Direction, float, float | None]:
    """With the points and the percent. Too small to call under 2 points, unless it is a third of `before` and at
    least 1 point."""
    points = round(now - before, 9)
    percent = points / before * 100 if before else None
    third = percent is not None and abs(percent) >= CALLED_PERCENT and abs(points) >= FELT_POINTS
    if abs(points) < CALLED_POINTS and not third:
        return Direction.TOO_SMALL, points, percent
    return Direction.WORSE if points > 0 else Direction.BETTER, points, percent


def change_words(now: float, before: float, words: Mapping[Direction, str] | None = None) -> Change:
    """`words` say against what: the start, unless told otherwise."""
    direction, points, percent = change(now, before)
    parts = {"now": plain(now), "before": plain(before), "size": _size(points, percent)}
    return Change(direction, points, percent, Sentence((words or AT_START)[direction], parts))


def too_small_band(before: float) -> tuple[float, float]:
    """From where to where a mean is too small a change against `before` to call, as `change_words` judges it."""
    least = min(CALLED_POINTS, max(FELT_POINTS, before * CALLED_PERCENT / 100))
    return max(before - least, 0.0), min(before + least, float(WORST_SCORE))


AT_START = {
    Direction.BETTER: "Pain about %(now)s over 7 days, was %(before)s at the start (%(size)s): much better",
    Direction.WORSE: "Pain about %(now)s over 7 days, was %(before)s at the start (%(size)s): worse",
    Direction.TOO_SMALL: "Pain about %(now)s over 7 days, was %(before)s at the start (%(size)s): no clear change",
}


SINCE_THEN = {
    Direction.BETTER: "Pain about %(now)s over 7 days, was %(before)s then (%(size)s): much better",
    Direction.WORSE: "Pain about %(now)s over 7 days, was %(before)s then (%(size)s): worse",
    Direction.TOO_SMALL: "Pain about %(now)s over 7 days, was %(before)s then (%(size)s): no clear change",
}


def _size(points: float, percent: float | None) -> Sentence:
    if percent is None:
        return Sentence("%(points)s of 10 points", {"points": _signed(points)})
    parts = {"points": _signed(points), "percent": _signed(round(percent))}
    return Sentence("%(points)s of 10 points, %(percent)s %%", parts)


def _signed(value: float) -> str:
    return f"{plain(value):+}" if plain(value) else "0"
