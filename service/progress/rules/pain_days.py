"""The pain of each day as a caseload holds it: tens of thousands of scores, of which only a few are looked at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import neg
from typing import NamedTuple


class DayPain(NamedTuple):
    """The worst score given for a day, and when we were told."""

    day: date
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PainDays:
    """The worst score of each answered day, in the order of the days. When it was told is made a time only for the few
    days that somebody asks for: a caseload holds tens of thousands."""

    scores: Mapping[date, int] = field(default_factory=dict)
    microseconds: Sequence[int] = ()

    def at(self, day: date) -> datetime:
        return _moment(self.microseconds[list(self.scores).index(day)])

    def __iter__(self) -> Iterator[DayPain]:
        for (day, score), told_at in zip(self.scores.items(), self.microseconds, strict=True):
            yield DayPain(day, score, _moment(told_at))

    def __bool__(self) -> bool:
        return bool(self.scores)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


@lru_cache(maxsize=4096)
def day_of(ordinal: int) -> date:
    """One object for each day of a whole caseload: looked up faster than made, and compared and hashed once."""
    return date.fromordinal(ordinal)


def pain_days(days: Iterable[int], scores: Iterable[int], microseconds: Iterable[int]) -> PainDays:
    """Of ordinal days and times since 1970, in any order. Among equal scores of a day the first one told."""
    # The last of a day stays: the worst one, and of those the earliest.
    listed = sorted(zip(days, scores, map(neg, microseconds), strict=True))
    told = {day: earlier for day, _, earlier in listed}
    return PainDays({day_of(day): score for day, score, _ in listed}, list(map(neg, told.values())))
