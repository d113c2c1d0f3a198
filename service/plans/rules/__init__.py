"""When a prescribed item is due, which version of a plan a day belongs to, and what changed between two.

Days are the client's local dates. First and last days are included everywhere.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar, assert_never

import msgspec

from service.catalogue.rules import Dose, Effort, LoadUnit, Sentence, Side, WorkingSide

DAYS_A_WEEK = 7
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class FixedWeekdays:
    """Bit 0 of `mask` is Monday, bit 6 is Sunday."""

    mask: int
    times_per_day: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.mask <= 127:
            raise ValueError("mask: choose at least one of the seven weekdays")
        _require_times(self.times_per_day)


@dataclass(frozen=True, slots=True)
class TimesPerWeek:
    """On any `n` days of a Monday-to-Sunday week; which days is only a suggestion."""

    n: int
    times_per_day: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.n <= DAYS_A_WEEK:
            raise ValueError("n: use 1 to 7 times a week")
        _require_times(self.times_per_day)


@dataclass(frozen=True, slots=True)
class EveryDays:
    """On `starts_on` and every `n`-th day after it."""

    n: int
    starts_on: date
    times_per_day: int = 1

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("n: use 1 or more days")
        _require_times(self.times_per_day)


def _require_times(times_per_day: int) -> None:
    if times_per_day < 1:
        raise ValueError("times_per_day: use 1 or more")


Cadence = FixedWeekdays | TimesPerWeek | EveryDays


class Pause(Protocol):
    """Without `until_day` the pause has no end yet."""

    @property
    def from_day(self) -> date: ...
    @property
    def until_day(self) -> date | None: ...


def suggested_weekdays(n: int) -> list[int]:
    """`n` weekdays spread over a week, Monday is 0: three are Monday, Wednesday, Friday."""
    return [turn * DAYS_A_WEEK // n for turn in range(n)]


def due_on(
    cadence: Cadence,
    day: date,
    starts_on: date,
    ends_on: date | None = None,
    pauses: Iterable[Pause] = (),
    logged: Collection[date] = (),
) -> bool:
    return day in due_days(cadence, day, day, starts_on, ends_on, pauses, logged)


def due_days(
    cadence: Cadence,
    first: date,
    last: date,
    starts_on: date,
    ends_on: date | None = None,
    pauses: Iterable[Pause] = (),
    logged: Collection[date] = (),
) -> list[date]:
    """The days in order. Only `TimesPerWeek` looks at `logged`: a day it was done on takes the place of the
    earliest suggested day of that week that stands empty, so a week never asks for more or fewer days."""
    pauses = list(pauses)
    if not isinstance(cadence, TimesPerWeek):
        due: Iterable[date] = _due_anyway(cadence, max(first, starts_on), last, ends_on)
        return [day for day in due if not is_paused(day, pauses)] if pauses else list(due)
    running = [
        day
        for day in _whole_weeks(first, last)
        if starts_on <= day and (ends_on is None or day <= ends_on) and not is_paused(day, pauses)
    ]
    due = [day for week in _weeks(running) for day in _due_in_week(cadence.n, week, logged)]
    return [day for day in due if first <= day <= last]


@lru_cache(maxsize=1024)
def _due_anyway(cadence: FixedWeekdays | EveryDays, first: date, last: date, ends_on: date | None) -> tuple[date, ...]:
    """Asked for the same plans and days by every client of a caseload."""
    days = [day for day in _whole_weeks(first, last) if first <= day <= last and (ends_on is None or day <= ends_on)]
    match cadence:
        case FixedWeekdays(mask=mask):
            return tuple(day for day in days if mask >> day.weekday() & 1)
        case EveryDays(n=n, starts_on=anchor):
            return tuple(day for day in days if day >= anchor and (day - anchor).days % n == 0)
        case _:
            assert_never(cadence)


@lru_cache(maxsize=64)
def _whole_weeks(first: date, last: date) -> tuple[date, ...]:
    """Asked for the same days by every client of a caseload."""
    monday = first.toordinal() - first.weekday()
    return tuple(map(date.fromordinal, range(monday, last.toordinal() + DAYS_A_WEEK - last.weekday())))


def is_paused(day: date, pauses: Iterable[Pause]) -> bool:
    return any(p.from_day <= day and (p.until_day is None or day <= p.until_day) for p in pauses)


def resumes_on(day: date, pauses: Sequence[Pause]) -> date | None:
    """The first day from `day` on without a pause; None when one of them has no end yet."""
    for pause in sorted(pauses, key=lambda pause: pause.from_day):
        if pause.from_day > day:
            break
        if pause.until_day is None:
            return None
        day = max(day, pause.until_day + timedelta(days=1))
    return day


def _weeks(days: Iterable[date]) -> Iterable[list[date]]:
    weeks: dict[tuple[int, int], list[date]] = {}
    for day in days:
        weeks.setdefault(day.isocalendar()[:2], []).append(day)
    return weeks.values()


def _due_in_week(n: int, running: list[date], logged: Collection[date]) -> list[date]:
    suggested = [day for day in running if day.weekday() in suggested_weekdays(n)]
    done = [day for day in running if day in logged][: len(suggested)]
    empty = [day for day in suggested if day not in done]
    still_open = len(suggested) - len(done)
    return sorted(done + empty[len(empty) - still_open :])


class Version(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def starts_on(self) -> date: ...


VersionT = TypeVar("VersionT", bound=Version)


def active_version(versions: Iterable[VersionT], day: date) -> VersionT | None:
    """The version a log of this day belongs to, for ever. A pause or an end does not change it: what somebody
    did all the same counts under what was prescribed then. Two versions from one day: the later one."""
    begun = [version for version in versions if version.starts_on <= day]
    return max(begun, key=lambda version: (version.starts_on, version.number), default=None)


@dataclass(frozen=True, slots=True)
class Prescribed:
    """`key` is the same in every version that keeps the item."""

    key: str
    name: str
    dose: Dose
    cadence: Cadence


def change_summary(old: Sequence[Prescribed], new: Sequence[Prescribed]) -> list[Sentence]:
    """One sentence for each thing that changed: "Clamshell: 2 x 10 to 3 x 10"."""
    before = {item.key: item for item in old}
    after = {item.key: item for item in new}
    changed = [line for item in new if item.key in before for line in _changes(before[item.key], item)]
    added = [
        Sentence("Added: %(name)s, %(dose)s", {"name": Sentence(item.name), "dose": _sets_and_reps(item.dose)})
        for item in new
        if item.key not in before
    ]
    removed = [Sentence("Removed: %(name)s", {"name": Sentence(item.name)}) for item in old if item.key not in after]
    moved = [key for key in before if key in after] != [key for key in after if key in before]
    return changed + added + removed + [Sentence("The order of the exercises changed")] * moved


def _changes(old: Prescribed, new: Prescribed) -> list[Sentence]:
    return [
        Sentence(
            "%(name)s: %(before)s to %(after)s",
            {"name": Sentence(new.name), "before": before, "after": after},
        )
        for before, after in zip(_parts(old), _parts(new), strict=True)
        if before != after
    ]


def _parts(item: Prescribed) -> list[Sentence]:
    dose = item.dose
    return [
        _sets_and_reps(dose),
        Sentence("hold %(seconds)s s", {"seconds": dose.hold_seconds}),
        Sentence("rest %(seconds)s s", {"seconds": dose.rest_seconds}),
        Sentence(dose.tempo or "any tempo"),
        _load(dose),
        EFFORTS[dose.effort],
        _SIDES[dose.side],
        TRAINED[dose.working_side],
        cadence_words(item.cadence),
    ]


def _sets_and_reps(dose: Dose) -> Sentence:
    return Sentence("%(sets)s x %(reps)s", {"sets": dose.sets, "reps": dose.reps})


def _load(dose: Dose) -> Sentence:
    if dose.load is None or dose.load_unit is None:
        return Sentence("no load")
    return Sentence(_LOADS[dose.load_unit], {"load": dose.load if dose.load % 1 else int(dose.load)})


_LOADS = {LoadUnit.KG: "%(load)s kg", LoadUnit.LB: "%(load)s lb", LoadUnit.BAND: "band %(load)s"}
EFFORTS = {
    None: Sentence("any effort"),
    Effort.LIGHT: Sentence("light effort"),
    Effort.SOMEWHAT_HARD: Sentence("somewhat hard"),
    Effort.HARD: Sentence("hard"),
}
_SIDES = {
    None: Sentence("side not chosen"),
    Side.LEFT: Sentence("left side"),
    Side.RIGHT: Sentence("right side"),
    Side.BOTH: Sentence("both sides"),
}
TRAINED = {
    WorkingSide.MOVING: Sentence("trains the leg that moves"),
    WorkingSide.STANCE: Sentence("trains the leg that stands"),
    WorkingSide.BOTH: Sentence("trains both legs"),
}


def cadence_words(cadence: Cadence) -> Sentence:
    match cadence:
        case FixedWeekdays(mask=127) | EveryDays(n=1):
            words = Sentence("every day")
        case FixedWeekdays(mask=mask):
            words = _listed([Sentence(name) for bit, name in enumerate(WEEKDAYS) if mask >> bit & 1])
        case TimesPerWeek(n=1):
            words = Sentence("once a week")
        case TimesPerWeek(n=n):
            words = Sentence("%(times)s times a week", {"times": n})
        case EveryDays(n=n):
            words = Sentence("every %(days)s days", {"days": n})
        case _:
            assert_never(cadence)
    if cadence.times_per_day == 1:
        return words
    return Sentence("%(cadence)s, %(times)s times a day", {"cadence": words, "times": cadence.times_per_day})


def _listed(words: Sequence[Sentence]) -> Sentence:
    first, *rest = words
    return Sentence("%(first)s, %(rest)s", {"first": first, "rest": _listed(rest)}) if rest else first


def etag(*parts: object) -> str:
    """A strong entity tag, quoted: equal exactly when the parts of the plan it is made of are equal."""
    return f'"{hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]}"'
