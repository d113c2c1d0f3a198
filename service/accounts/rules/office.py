"""When somebody is at a clinic, by its own clock: from when it looks at what it was told, and until when it should."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from service.charts import clock_time, day_and_time
from service.errors import FieldProblem
from service.words import translator

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL: Final = (*["08:00-18:00"] * 5, "", "")
"""Until a clinic says otherwise: Monday to Friday. Our own choice."""

MOST_CLOSED: Final = 100
"""Dates on which nobody is there: years of holidays, and short enough to read."""

_ONE_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
ONE_DAY_HINT: Final = "Use two times such as 08:00 and 18:00, the second one later, or none for a day without anybody."
SOME_DAY_HINT: Final = "Give the hours of at least one day: somebody must be there some time."
CLOSED_HINT: Final = "Use a date such as 2026-12-25 on each line."
MANY_HINT: Final = "Use at most 100 dates. Those that are over can go."


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """`days` are the hours of each weekday, Monday first, None without any; on `closed` dates nobody is there. Every
    moment is in the clinic's zone."""

    days: tuple[tuple[time, time] | None, ...]
    closed: frozenset[date] = frozenset()

    def on(self, day: date) -> tuple[time, time] | None:
        return None if day in self.closed else self.days[day.weekday()]

    def opening(self, local: datetime) -> datetime:
        """This moment, when somebody is there; else when somebody is there next."""
        # By the wall clock: a day on which clocks change is as long as it is.
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(7 * (MOST_CLOSED + 2)):
            day = midnight + timedelta(days=days)
            hours = self.on(day.date())
            if hours and local < _at(day, hours[1]):
                return max(local, _at(day, hours[0]))
        raise ValueError("a clinic is open on some day")

    def closing(self, local: datetime) -> datetime:
        """When the hours end that go on at this moment, or come next."""
        opens = self.opening(local)
        hours = self.on(opens.date())
        return _at(opens, hours[1]) if hours else opens

    def next_day(self, local: datetime) -> datetime:
        """When the office opens on the next day with hours."""
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.opening(midnight + timedelta(days=1))

    def after(self, local: datetime, left: timedelta) -> datetime:
        """When so much of office hours has passed. What is not over when the office closes goes on when it opens."""
        local = self.opening(local)
        while local + left > (closes := self.closing(local)):
            left -= closes - local
            local = self.next_day(local)
        return local + left


def _at(day: datetime, wall: time) -> datetime:
    return day.replace(hour=wall.hour, minute=wall.minute, second=0, microsecond=0)


def office_hours(days: Sequence[str], closed: Collection[date]) -> OfficeHours:
    """As a clinic's row holds them."""
    return OfficeHours(tuple(_hours(day) for day in days), frozenset(closed))


def _hours(words: str) -> tuple[time, time] | None:
    """None for a day without hours, and for what is none."""
    found = _ONE_DAY.fullmatch(words)
    if found is None:
        return None
    opens, closes = words.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def office_problems(days: Sequence[str], closed: Sequence[date]) -> list[FieldProblem]:
    """Everything that cannot be right; empty when it can be."""
    read = [_hours(day) for day in days]
    problems = [
        FieldProblem(f"/office_hours/{WEEKDAYS[n]}", "hours", ONE_DAY_HINT)
        for n, (day, hours) in enumerate(zip(days, read, strict=True))
        if (day and hours is None) or (hours and hours[0] >= hours[1])
    ]
    if not problems and not any(days):
        problems = [FieldProblem("/office_hours/mon", "required", SOME_DAY_HINT)]
    if len(closed) > MOST_CLOSED:
        problems.append(FieldProblem("/closed_days", "too_many", MANY_HINT))
    return problems


class Kept(Protocol):
    zone: str
    office_hours: list[str]
    closed_days: list[date]


def when_read(clinic: Kept, now: datetime, locale: str) -> str:
    """Said after "they look at this": while nobody is there, from when somebody is."""
    local = now.astimezone(ZoneInfo(clinic.zone))
    say, opens = translator(locale).gettext, office_hours(clinic.office_hours, clinic.closed_days).opening(local)
    if opens == local:
        return say("in office hours")
    if opens.date() == local.date():
        return say("today from %(time)s on") % {"time": clock_time(opens, locale)}
    return say("from %(time)s on") % {"time": day_and_time(opens, locale)}
