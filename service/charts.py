"""Where things stand on a chart, and the words beside them: one day axis and one pain scale for all drawings.

Pure. Lengths are units of the SVG viewBox. `None` is a day without an answer: it breaks a line, and nothing
bridges it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_day_names, get_timezone_name
from babel.lists import format_list
from babel.units import format_unit

WORST_PAIN = 10
MINUTES_A_DAY = 24 * 60

Series = Sequence[tuple[date, float | None]]


@dataclass(frozen=True, slots=True)
class DayAxis:
    """Every day gets a slot of the same width; a mark stands in the middle of its slot."""

    first: date
    last: date
    left: float
    right: float

    @property
    def slot(self) -> float:
        return (self.right - self.left) / ((self.last - self.first).days + 1)

    def x(self, day: date) -> float:
        return round(self.left + ((day - self.first).days + 0.5) * self.slot, 2)

    def shows(self, day: date) -> bool:
        return self.first <= day <= self.last

    def mondays(self, every: int = 1) -> list[date]:
        """Every n-th Monday, counted back from the newest, so that the labels end near today."""
        newest = self.last - timedelta(days=self.last.weekday())
        count = (newest - self.first).days // 7 + 1
        return [newest - timedelta(weeks=week) for week in range(0, count, every)][::-1]


@dataclass(frozen=True, slots=True)
class PainScale:
    """Always 0 to 10, so that two charts can be compared; the worst pain is at the top."""

    top: float
    bottom: float

    def y(self, score: float) -> float:
        return round(self.bottom - (self.bottom - self.top) * score / WORST_PAIN, 2)


@dataclass(frozen=True, slots=True)
class DifferenceAxis:
    """Points of pain, lower to the left and higher to the right of no difference; one for all rows under each other."""

    reach: int
    left: float
    right: float

    def x(self, points: float) -> float:
        return round(self.left + (self.right - self.left) * (points + self.reach) / (2 * self.reach), 2)


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    day: date
    score: float


@dataclass(frozen=True, slots=True)
class Sparkline:
    line: str
    dots: list[Dot]
    last: Dot | None
    baseline_y: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday; `None` stands for a day outside the asked range."""

    monday: date
    days: list[tuple[date, str] | None]


def day_axis(days: Sequence[date], left: float, right: float) -> DayAxis:
    return DayAxis(days[0], days[-1], left, right)


def pain_scale(top: float, bottom: float) -> PainScale:
    return PainScale(top, bottom)


def difference_axis(ends: Iterable[float], left: float, right: float) -> DifferenceAxis:
    """Wide enough for every end of a range, and never less than two points to each side."""
    return DifferenceAxis(max([2, *(ceil(abs(end)) for end in ends)]), left, right)


def dots(axis: DayAxis, scale: PainScale, series: Series) -> list[Dot]:
    return [
        Dot(axis.x(day), scale.y(score), day, score) for day, score in series if score is not None and axis.shows(day)
    ]


def line(axis: DayAxis, scale: PainScale, series: Series) -> str:
    """An SVG path that lifts the pen at every gap; a lone point is drawn as a line of no length."""
    steps: list[str] = []
    for (_, before), (day, score) in pairwise([(axis.first, None), *series]):
        if score is None:
            continue
        steps.append(f"{'M' if before is None else 'L'}{axis.x(day):g} {scale.y(score):g}")
        if before is None:
            steps.append("h0")
    return " ".join(steps)


def told_means(points: Series, means: Series) -> Series:
    """The means, each run ended at its last answer: the line says nothing of the silence that follows."""
    told: list[tuple[date, float | None]] = []
    silent = True
    for (_, score), (day, mean) in zip(reversed(points), reversed(means), strict=True):
        silent = mean is None or (silent and score is None)
        told.append((day, None if silent else mean))
    return told[::-1]


def sparkline(
    points: Sequence[float | None],
    means: Sequence[float | None],
    baseline: float | None,
    last_day: date,
    width: float,
    height: float,
) -> Sparkline:
    """`points` and `means` hold one value a day and end on `last_day`. Above and below is room for a dot."""
    days = [last_day - timedelta(days=back) for back in reversed(range(len(points)))]
    axis, scale = DayAxis(days[0], last_day, 0, width - 2), PainScale(3, height - 3)
    scored = list(zip(days, points, strict=True))
    answers = dots(axis, scale, scored)
    return Sparkline(
        line=line(axis, scale, told_means(scored, list(zip(days, means, strict=True)))),
        dots=answers,
        last=answers[-1] if answers else None,
        baseline_y=None if baseline is None else scale.y(baseline),
    )


def calendar(days: Iterable[tuple[date, str]]) -> list[Week]:
    """Days in order, folded into weeks that start on Monday."""
    weeks: list[Week] = []
    for day, state in days:
        monday = day - timedelta(days=day.weekday())
        if not weeks or weeks[-1].monday != monday:
            weeks.append(Week(monday, [None] * 7))
        weeks[-1].days[day.weekday()] = (day, state)
    return weeks


def starts_month(week: Week) -> date | None:
    """The first day of a month, if this week holds one: the place for the name of the month."""
    return next((entry[0] for entry in week.days if entry and entry[0].day == 1), None)


# A day is said dozens of times on a page, and the same few days on everybody's.
_said = lru_cache(maxsize=4000)


@_said
def long_day(day: date, locale: str) -> str:
    return f"{format_date(day, 'EEEE', locale=locale)}, {format_skeleton('MMMMd', day, locale=locale)}"


@_said
def short_day(day: date, locale: str) -> str:
    return format_skeleton("MMMd", day, locale=locale)


@_said
def week_day(day: date, locale: str) -> str:
    return format_skeleton("MMMEd", day, locale=locale)


@_said
def month_name(day: date, locale: str) -> str:
    return format_date(day, "LLL", locale=locale)


@_said
def weekday_initials(locale: str) -> Sequence[str]:
    names = get_day_names("narrow", context="stand-alone", locale=locale)
    return tuple(names[weekday] for weekday in range(7))


def weekday_list(days: Sequence[date], locale: str) -> str:
    """ "Mon, Wed and Fri"."""
    return format_list([format_date(day, "EEE", locale=locale) for day in days], locale=locale)


@_said
def zone_name(zone: str, locale: str) -> str:
    """As people call it ("Central Time"); the code of a zone that has no such name."""
    name = get_timezone_name(ZoneInfo(zone), locale=locale)
    return zone if zone == "UTC" or "(" in name else name


def clock_time(at: datetime | time, locale: str) -> str:
    """`at` is shown in the zone it carries; a time of the day as it is."""
    return _clock_time(at.hour, at.minute, locale)


@_said
def _clock_time(hour: int, minute: int, locale: str) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def day_and_time(at: datetime, locale: str) -> str:
    return f"{week_day(at.date(), locale)}, {clock_time(at, locale)}"


def span_words(since: datetime, until: datetime, locale: str) -> str:
    """How long something has waited, in days, or in hours or minutes on its first day: "9 days"."""
    minutes = max(0, (until - since) // timedelta(minutes=1))
    if minutes < 60:
        return format_unit(minutes, "duration-minute", locale=locale)
    if minutes < MINUTES_A_DAY:
        return format_unit(minutes // 60, "duration-hour", locale=locale)
    return format_unit(minutes // MINUTES_A_DAY, "duration-day", locale=locale)
