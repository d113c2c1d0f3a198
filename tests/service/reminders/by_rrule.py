"""The moments of a rule from python-dateutil: dates from `rrule`, instants from `dateutil.tz`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache

from dateutil.rrule import DAILY, FR, MO, SA, SU, TH, TU, WE, WEEKLY, rrule, rruleset
from dateutil.tz import gettz, resolve_imaginary
from dateutil.tz._tzfile import _CalendarOffset

from service.reminders.reasons import Reason
from service.reminders.recurrence import Rule
from service.reminders.rules import Slot

WEEK = (MO, TU, WE, TH, FR, SA, SU)
SPREAD = {
    1: (MO,),
    2: (MO, TH),
    3: (MO, WE, FR),
    4: (MO, TU, TH, SA),
    5: (MO, TU, WE, FR, SA),
    6: (MO, TU, WE, TH, FR, SA),
    7: WEEK,
}
_zone = cache(gettz)
# It works out anew for every moment when summer time begins and ends in its year: two thirds of all that it does.
_CalendarOffset.year_to_epoch = cache(_CalendarOffset.year_to_epoch)
_NEAR = timedelta(days=2)
"""A day of the calendar is over everywhere by then, also where the clock leaves one out."""


def dates(rule: Rule) -> rruleset:
    """The days of the rule, each at midnight."""
    starts, until = _midnight(rule.starts_on), _midnight(rule.ends_on) if rule.ends_on else None
    found = rruleset()
    if rule.every_days is not None:
        found.rrule(rrule(DAILY, dtstart=starts, interval=rule.every_days, until=until))
    elif rule.times_per_week is not None:
        found.rrule(rrule(WEEKLY, dtstart=starts, byweekday=SPREAD[rule.times_per_week], until=until))
    else:
        weekdays = [weekday for bit, weekday in enumerate(WEEK) if (rule.weekdays or 0) >> bit & 1]
        found.rrule(rrule(WEEKLY, dtstart=starts, byweekday=weekdays, until=until))
    for day in rule.except_on:
        found.exdate(_midnight(day))
    return found


def moments(rule: Rule, zone: str, after: datetime, until: datetime) -> list[Slot]:
    first, last = after.replace(tzinfo=None) - _NEAR, until.replace(tzinfo=None) + _NEAR
    found = (
        slot for midnight in dates(rule).between(first, last, inc=True) for slot in _on(rule, midnight.date(), zone)
    )
    return sorted((slot for slot in found if after < slot.at <= until), key=_in_order)


def first_moment(rule: Rule, zone: str, after: datetime, *, due: bool) -> Slot | None:
    """The first after an instant, or the first of those that have no reason against them."""
    # A day that the calendar leaves out may come before an earlier moment, so that its neighbours are looked at too.
    found: list[Slot] = []
    for midnight in dates(rule).xafter(after.replace(tzinfo=None) - timedelta(days=3), inc=True):
        if due and _paused(rule, midnight.date()):
            continue
        slots = [slot for slot in _on(rule, midnight.date(), zone) if slot.at > after]
        found += [slot for slot in slots if not (due and slot.reason)]
        if len({slot.day for slot in found}) == 3:
            break
    return min(found, key=_in_order, default=None)


def _on(rule: Rule, day: date, zone: str) -> Iterator[Slot]:
    tz = _zone(zone)
    paused = Reason.PAUSED if _paused(rule, day) else None
    for number, wall in zip(rule.slots or range(len(rule.local_times)), rule.local_times, strict=True):
        at, shown = _instant(datetime.combine(day, wall, tz), tz)
        absent = shown.date() != day
        yield Slot(day, number, at, Reason.LOCAL_DATE_ABSENT if absent else paused)


def _paused(rule: Rule, day: date) -> bool:
    return rule.paused_until is not None and day <= rule.paused_until


def _instant(wanted: datetime, tz: tzinfo) -> tuple[datetime, datetime]:
    """And what the clock shows then: something else where the time is one that it leaves out."""
    at = wanted.astimezone(UTC)
    shown = at.astimezone(tz)
    if shown.replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return at, shown
    at = resolve_imaginary(wanted).astimezone(UTC)
    return at, at.astimezone(tz)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _in_order(slot: Slot) -> tuple[datetime, date, int]:
    return slot.at, slot.day, slot.slot
