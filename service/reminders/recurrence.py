"""When a reminder comes due in the client's own time, by arithmetic on day ordinals: no gap is walked day by day."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain, count, takewhile
from typing import Final, Protocol

from service.plans.rules import DAYS_A_WEEK, suggested_weekdays
from service.reminders.reasons import NoMoment, Reason
from service.reminders.rules import Slot, time_zone

MOST_TIMES: Final = 6
MOST_DAYS_APART: Final = 366
MOST_EXCEPTIONS: Final = 366

_EVER: Final = datetime.min.replace(tzinfo=UTC)
# Far enough from the end of the calendar for every conversion between zones.
_LAST_DAY: Final = date.max.toordinal() - DAYS_A_WEEK


@dataclass(frozen=True, slots=True)
class Rule:
    """Local times on certain local days, from and until local days, both included.

    The days are given in one of three ways: `weekdays` (a mask, bit 0 is Monday), `every_days` (counted from
    `starts_on`, whatever is left out in between), or `times_per_week` (spread over Monday to Sunday as in plans:
    two are Monday and Thursday, three are Monday, Wednesday and Friday).
    Days in `except_on` have no moments at all. Until `paused_until`, included, moments are there with a reason.
    Each time has a slot of its own that lasts as long as it does (`slots_after_edit`); left out, its position.
    """

    local_times: tuple[time, ...]
    weekdays: int | None
    starts_on: date
    ends_on: date | None = None
    slots: tuple[int, ...] = ()
    every_days: int | None = None
    times_per_week: int | None = None
    except_on: tuple[date, ...] = ()
    paused_until: date | None = None
    walls: tuple[time, ...] = field(init=False, repr=False, compare=False)
    numbers: tuple[int, ...] = field(init=False, repr=False, compare=False)
    resumes: int = field(init=False, repr=False, compare=False)
    _first: int = field(init=False, repr=False, compare=False)
    _last: int = field(init=False, repr=False, compare=False)
    _ahead: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _past_exceptions: Mapping[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _require_possible(self)
        numbered = sorted(zip(self.local_times, self.slots or range(len(self.local_times)), strict=True))
        derived = {
            "walls": tuple(wall for wall, _ in numbered),
            "numbers": tuple(number for _, number in numbered),
            "resumes": self.paused_until.toordinal() + 1 if self.paused_until else 0,
            "_first": self.starts_on.toordinal(),
            "_last": min(self.ends_on.toordinal(), _LAST_DAY) if self.ends_on else _LAST_DAY,
            "_ahead": _AHEAD[self._mask()] if self.every_days is None else (),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_past_exceptions", self._exceptions() if self.except_on else {})

    def _mask(self) -> int:
        if self.times_per_week is None:
            return self.weekdays or 0
        return sum(1 << weekday for weekday in suggested_weekdays(self.times_per_week))

    def _exceptions(self) -> dict[int, int]:
        """From each excepted day to the first day after it that is not: a run of them is passed in one step."""
        past: dict[int, int] = {}
        for day in sorted((day.toordinal() for day in self.except_on), reverse=True):
            following = self._onto(day + 1)
            past[day] = past.get(following, following)
        return past

    def _onto(self, day: int) -> int:
        """The first day on or after that one which the weekdays, or the count of days, fall on."""
        if self.every_days is not None:
            return day + (self._first - day) % self.every_days
        return day + self._ahead[day % DAYS_A_WEEK]

    def against(self, day: int) -> NoMoment | None:
        if day < self._first:
            return NoMoment.NOT_BEGUN
        if day > self._last:
            return NoMoment.ENDED
        if self._onto(day) != day:
            return NoMoment.OTHER_DAYS
        return NoMoment.LEFT_OUT if day in self._past_exceptions else None

    def day_from(self, day: int) -> int | None:
        """The first day of the rule on or after a day; days are ordinals (`date.toordinal`)."""
        day = self._onto(max(day, self._first))
        day = self._past_exceptions.get(day, day)
        return day if day <= self._last else None

    def days_from(self, day: int) -> Iterator[int]:
        found = self.day_from(day)
        while found is not None:
            yield found
            found = self.day_from(found + 1)


class Recurring(Protocol):
    """A stored reminder, or what was wished of one."""

    @property
    def local_times(self) -> Sequence[time]: ...
    @property
    def slots(self) -> Sequence[int]: ...
    @property
    def weekdays(self) -> int | None: ...
    @property
    def every_days(self) -> int | None: ...
    @property
    def times_per_week(self) -> int | None: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def except_on(self) -> Sequence[date]: ...
    @property
    def paused_until(self) -> date | None: ...


def rule_of(reminder: Recurring) -> Rule:
    return Rule(
        tuple(reminder.local_times),
        reminder.weekdays,
        reminder.starts_on,
        reminder.ends_on,
        slots=tuple(reminder.slots),
        every_days=reminder.every_days,
        times_per_week=reminder.times_per_week,
        except_on=tuple(reminder.except_on),
        paused_until=reminder.paused_until,
    )


def _days_ahead(mask: int) -> tuple[int, ...]:
    """By `ordinal % 7`, where 1 is Monday: how many days until a weekday of the mask."""
    weekdays = [(day + DAYS_A_WEEK - 1) % DAYS_A_WEEK for day in range(DAYS_A_WEEK)]
    return tuple(
        next(ahead for ahead in range(DAYS_A_WEEK) if mask >> (weekday + ahead) % DAYS_A_WEEK & 1)
        for weekday in weekdays
    )


_AHEAD: Final = ((), *(_days_ahead(mask) for mask in range(1, 1 << DAYS_A_WEEK)))


def _require_possible(rule: Rule) -> None:
    ways = [way for way in (rule.weekdays, rule.every_days, rule.times_per_week) if way is not None]
    if not rule.local_times or len(ways) != 1 or (rule.weekdays is not None and not 0 < rule.weekdays < 128):
        raise ValueError("A rule needs at least one time and one weekday, or another way to count its days.")
    if rule.every_days is not None and rule.every_days < 1:
        raise ValueError("every_days: use 1 or more days")
    if rule.times_per_week is not None and not 1 <= rule.times_per_week <= DAYS_A_WEEK:
        raise ValueError("times_per_week: use 1 to 7 times a week")


def no_moment(rule: Rule, day: date) -> NoMoment | None:
    """Why the rule has no moment on a local day; None when it has one, be it paused or missing in the calendar."""
    return rule.against(day.toordinal())


def slots_of_day(rule: Rule, zone: str, day: date) -> list[Slot]:
    """The moments of one local day, in order, whether they are over or not."""
    if rule.against(day.toordinal()) is not None:
        return []
    return sorted(_slots_on(rule, day.toordinal(), time_zone(zone), _EVER), key=_order)


def slots_after_edit(times: Sequence[time], slots: Sequence[int], wanted: Sequence[time]) -> list[int]:
    """A time that stays keeps its slot; of equally many, a changed one takes the slot of the one that went."""
    known = dict(zip(times, slots, strict=True))
    gone = iter([slot for wall, slot in known.items() if wall not in wanted] if len(wanted) == len(times) else ())
    fresh = count(max(slots, default=-1) + 1)
    new = chain(gone, fresh)
    return [known[wall] if wall in known else next(new) for wall in wanted]


def next_slot(rule: Rule, zone: str, after: datetime) -> Slot | None:
    """The first slot strictly after an instant; store its `at` as the reminder's next moment.

    Do not walk a rule with it: a gap can put two slots on one instant. `due_slots` gives both.
    """
    return _next(rule, time_zone(zone), after, due=False)


def next_due(rule: Rule, zone: str, after: datetime) -> Slot | None:
    """The first slot strictly after an instant that nothing in the rule or the calendar speaks against."""
    return _next(rule, time_zone(zone), after, due=True)


def due_slots(rule: Rule, zone: str, after: datetime, until: datetime) -> list[Slot]:
    """All slots with after < at <= until, in order. Meant for hours or days, not for years."""
    tz = time_zone(zone)
    last = until.astimezone(tz).toordinal() + 1
    found: list[Slot] = []
    for day in takewhile(last.__ge__, rule.days_from(after.astimezone(tz).toordinal() - 1)):
        found += (slot for slot in _slots_on(rule, day, tz, after) if slot.at <= until)
    return sorted(found, key=_order)


def _next(rule: Rule, tz: tzinfo, after: datetime, *, due: bool) -> Slot | None:
    here = after.astimezone(tz)
    today = here.toordinal()
    first = rule.resumes if due else 0
    offset = _steady_offset(tz, today)
    if offset is None:
        return _next_by_zone(rule, tz, after, max(today - 1, first), due)
    turn = 0
    day = rule.day_from(max(today, first))
    if day == today:
        turn = bisect_right(rule.walls, here.time())
        if turn == len(rule.walls):
            turn, day = 0, rule.day_from(today + 1)
    if day is None:
        return None
    if day > today + 1:
        offset = _steady_offset(tz, day)
        if offset is None:
            return _next_by_zone(rule, tz, after, day, due)
    local = date.fromordinal(day)
    at = datetime.combine(local, rule.walls[turn], UTC) - offset
    return Slot(local, rule.numbers[turn], at, Reason.PAUSED if day < rule.resumes else None)


def _steady_offset(tz: tzinfo, day: int) -> timedelta | None:
    """The UTC offset from the day before until the day after, or None when a clock change is near.

    No zone changes its clocks and back again within three days.
    """
    offset = tz.utcoffset(datetime.fromordinal(day - 1))
    return offset if offset == tz.utcoffset(datetime.fromordinal(day + 2)) else None


def _next_by_zone(rule: Rule, tz: tzinfo, after: datetime, first: int, due: bool) -> Slot | None:
    """Near a clock change: a gap may move slots over midnight, and behind earlier ones of the next day."""
    found: list[Slot] = []
    for day in rule.days_from(first):
        found += (slot for slot in _slots_on(rule, day, tz, after) if not due or slot.reason is None)
        if any(slot.reason is not Reason.LOCAL_DATE_ABSENT for slot in found):
            break
    return min(found, key=_order, default=None)


def _slots_on(rule: Rule, day: int, tz: tzinfo, after: datetime) -> Iterator[Slot]:
    local = date.fromordinal(day)
    paused = Reason.PAUSED if day < rule.resumes else None
    for number, wall in zip(rule.numbers, rule.walls, strict=True):
        at = datetime.combine(local, wall, tz).astimezone(UTC)
        if at > after:
            absent = at.astimezone(tz).date() != local
            yield Slot(local, number, at, Reason.LOCAL_DATE_ABSENT if absent else paused)


def _order(slot: Slot) -> tuple[datetime, date, int]:
    return slot.at, slot.day, slot.slot
