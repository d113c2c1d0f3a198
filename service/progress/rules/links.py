"""A habit against the pain of the day after: how much lower or higher, how sure, and never more than that.

`pain tomorrow ~ habit today + pain today + day number`, by least squares: without yesterday's pain and the trend a
habit that does nothing looks linked in every third diary, since pain is sticky. What is left is asked a second time,
against the same habit moved along its days (a circular shift), of which no shape of noise is assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from operator import mul
from statistics import NormalDist

from service.catalogue.rules import Sentence
from service.progress.rules import plain

DAYS_EACH = 10
"""Days with and days without that an estimate needs."""

WRONG_AT_ALL = 0.05
"""How often one habit at least may look linked when none is: shared by all that are shown, so five get 1 % each."""

SHIFT_LEVEL = 0.05
"""Of the shifted habits that may look at least as linked. 60 days have 59 shifts, so less could never be reached."""

_FLAT = 1e-9
"""A column of which less is left says nothing of its own; of rounding only."""


class Link(StrEnum):
    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    LESS_PAIN = "less_pain"
    MORE_PAIN = "more_pain"


WORDS = {
    Link.TOO_FEW: "Too few days to say",
    Link.UNCLEAR: "No clear link",
    Link.LESS_PAIN: "May go with less pain",
    Link.MORE_PAIN: "May go with more pain",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """In points of pain on the day after, below zero for less: the best guess, and how low and how high it could be."""

    points: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HabitLink:
    """`with_habit`, `without`: days on which it was met, or not, that have a score, and one the day after.
    `estimate` is None with too few of them, and when the habit cannot be told from the trend."""

    link: Link
    with_habit: int
    without: int
    estimate: Estimate | None = None


def estimate_words(estimate: Estimate) -> Sentence:
    parts = {name: _points(getattr(estimate, name)) for name in ("points", "low", "high")}
    return Sentence("Pain the day after: %(points)s, could be %(low)s to %(high)s", parts)


def _points(points: float) -> Sentence:
    size = plain(abs(points))
    if not size:
        return Sentence("the same")
    return Sentence("%(size)s lower" if points < 0 else "%(size)s higher", {"size": size})


def habit_link(met: Mapping[date, bool], scores: Mapping[date, int], shown: int) -> HabitLink:
    """`met` are days on which the habit was, or was not: a day of which nobody said is in neither. `shown` is how many
    habits are looked at together."""
    days = sorted(day for day in met if day in scores and day + timedelta(days=1) in scores)
    habit = [float(met[day]) for day in days]
    with_habit = int(sum(habit))
    without = len(days) - with_habit
    if min(with_habit, without) < DAYS_EACH:
        return HabitLink(Link.TOO_FEW, with_habit, without)
    model = _Model(
        [float(scores[day + timedelta(days=1)]) for day in days],
        [[1.0] * len(days), [float(scores[day]) for day in days], [float((day - days[0]).days) for day in days]],
    )
    estimate = model.estimate(habit, 1 - WRONG_AT_ALL / max(shown, 1))
    if estimate is None:
        return HabitLink(Link.TOO_FEW, with_habit, without)
    return HabitLink(_link(model, habit, estimate), with_habit, without, estimate)


def _link(model: "_Model", habit: Sequence[float], estimate: Estimate) -> Link:
    if estimate.low <= 0 <= estimate.high or not model.stands_shifts(habit):
        return Link.UNCLEAR
    return Link.LESS_PAIN if estimate.points < 0 else Link.MORE_PAIN


class _Model:
    """`outcome` with what `columns` explain taken out, so that one habit after another costs a few products."""

    def __init__(self, outcome: Sequence[float], columns: Sequence[Sequence[float]]) -> None:
        self._axes: list[Sequence[float]] = []
        for column in columns:
            rest = self._rest(column)
            length = sqrt(_dot(rest, rest))
            if length > _FLAT * sqrt(_dot(column, column)):
                self._axes.append([value / length for value in rest])
        self._rows = len(outcome)
        self._outcome = self._rest(outcome)
        self._unexplained = _dot(self._outcome, self._outcome)

    def _rest(self, column: Sequence[float]) -> Sequence[float]:
        for axis in self._axes:
            along = _dot(axis, column)
            column = [value - along * step for value, step in zip(column, axis, strict=True)]
        return column

    def _own(self, habit: Sequence[float]) -> float:
        """The squares of what no other column says; 0 when they say all of it."""
        own = _dot(habit, habit) - sum(_dot(axis, habit) ** 2 for axis in self._axes)
        return own if own > _FLAT * self._rows else 0.0

    def estimate(self, habit: Sequence[float], level: float) -> Estimate | None:
        """None when the habit cannot be told from the other columns."""
        own = self._own(habit)
        if not own:
            return None
        points, freedom = _dot(habit, self._outcome) / own, self._rows - len(self._axes) - 1
        left = max(self._unexplained - points * points * own, 0.0)
        reach = t_quantile(0.5 + level / 2, freedom) * sqrt(left / freedom / own)
        return Estimate(points, points - reach, points + reach)

    def stands_shifts(self, habit: Sequence[float]) -> bool:
        """Whether hardly any move of the habit along its days explains as much as where it was told."""
        own = self._explained(habit) - _FLAT
        moved = [self._explained([*habit[by:], *habit[:by]]) for by in range(1, self._rows)]
        return (sum(share >= own for share in moved) + 1) / self._rows <= SHIFT_LEVEL

    def _explained(self, habit: Sequence[float]) -> float:
        """The share, 0 to 1, of what the other columns leave open."""
        own = self._own(habit)
        if not own or self._unexplained <= _FLAT:
            return 0.0
        return _dot(habit, self._outcome) ** 2 / own / self._unexplained


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    product: float = sum(map(mul, one, other))
    return product


def t_quantile(share: float, freedom: int) -> float:
    """Student's t: the value that so large a share stays below. By the expansion about the normal distribution
    (Abramowitz and Stegun 26.7.5), true to four digits from 15 degrees of freedom on; here there are 16 or more."""
    z = NormalDist().inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / float(freedom) ** power for power, term in enumerate(terms))
