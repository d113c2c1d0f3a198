"""How often an exercise is done, as a choice of the form: `weekdays-21`, `times-3`, `days-2`."""

import re
from datetime import date
from typing import Any

from service.catalogue.queries import entry_of
from service.catalogue.tables import Exercise
from service.plans.rules import Cadence, EveryDays, FixedWeekdays, TimesPerWeek
from service.plans.tables import PlanItem
from service.review.guards import Typed

EVERY_DAY = "weekdays-127"
CADENCES = (EVERY_DAY, *(f"weekdays-{mask}" for mask in (21, 42, 31)), *(f"times-{n}" for n in (2, 3, 4, 5)), "days-2")
_CADENCE = re.compile(r"(weekdays|times|days)-([0-9]{1,3})(?:-([1-6]))?")
_DAYS = tuple(map(str, range(7)))
_COLUMNS = {
    "weekdays": ("weekdays", "weekdays", 127),
    "times": ("times_per_week", "times_per_week", 7),
    "days": ("every_days", "every_days", 28),
}


def cadence_columns(token: str) -> dict[str, Any] | None:
    """`weekdays-21`, `times-3` and `days-2` as columns of an item; a last `-2` is twice a day."""
    found = _CADENCE.fullmatch(token)
    if found is None:
        return None
    kind, column, most = _COLUMNS[found[1]]
    if not 1 <= int(found[2]) <= most:
        return None
    return {"cadence": kind, column: int(found[2]), "times_per_day": int(found[3] or 1)}


PICK = "pick"
"""Chosen in the list: the weekdays that are ticked below it."""


def with_days(form: Typed) -> Typed:
    """The form with weekdays that were ticked as a choice like any other. Without a tick what was chosen stays, and is
    asked about."""
    ticked: dict[str, int] = {}
    for name, value in form.pairs:
        if name.startswith("on_") and value in _DAYS:
            code = name.removeprefix("on_")
            ticked[code] = ticked.get(code, 0) | 1 << int(value)
    pairs = []
    for name, value in form.pairs:
        mask = ticked.get(name.removeprefix("cadence_"), 0) if name.startswith("cadence_") and value == PICK else 0
        if not name.startswith("on_"):
            pairs.append((name, f"weekdays-{mask}" if mask else value))
    return Typed(pairs)


def days_of(token: str) -> int:
    """The weekdays that a choice names, as a mask; 0 for one that names none."""
    columns = cadence_columns(token)
    return int(columns.get("weekdays", 0)) if columns else 0


def cadence_token(row: PlanItem) -> str:
    names = {"weekdays": ("weekdays", row.weekdays), "times_per_week": ("times", row.times_per_week)}
    name, number = names.get(row.cadence, ("days", row.every_days))
    return _token(name, number, row.times_per_day)


def weekly_token(days: int, times_per_day: int = 1) -> str:
    name, number = ("weekdays", 127) if days == 7 else ("times", days)
    return _token(name, number, times_per_day)


def usual_cadence(exercise: Exercise | None) -> str:
    """The fewest days and times that its sources know; every day for what is in no library."""
    if exercise is None:
        return EVERY_DAY
    low = entry_of(exercise).dose
    return weekly_token(low.days_per_week[0], low.per_day[0])


def _token(name: str, number: int | None, times_per_day: int) -> str:
    return f"{name}-{number}" + (f"-{times_per_day}" if times_per_day > 1 else "")


def cadence_of_token(token: str) -> Cadence | None:
    """To be put into words; an every-so-many-days cadence has no first day yet."""
    columns = cadence_columns(token)
    if columns is None:
        return None
    times = columns["times_per_day"]
    if "weekdays" in columns:
        return FixedWeekdays(columns["weekdays"], times)
    if "times_per_week" in columns:
        return TimesPerWeek(columns["times_per_week"], times)
    return EveryDays(columns["every_days"], date.min, times)
