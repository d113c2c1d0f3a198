"""The moments of a rule by walking: every quarter of an hour of a stretch of time, the clock on the wall is read.

The clock comes from the compiled zone files themselves (RFC 9636), read here; days are counted one by one.
All in whole seconds since 1970: of `datetime` only what writes them down.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from math import inf

from service.reminders.reasons import Reason
from service.reminders.recurrence import Rule
from service.reminders.rules import Slot

DAY = 86_400
QUARTER = 900
EPOCH = date(1970, 1, 1)
# Until here transitions are taken from the rule at the end of a file.
YEARS = range(1970, 2031)
SPREAD = {1: "M", 2: "M  T", 3: "M W F", 4: "MT T S", 5: "MTW FS", 6: "MTWTFS", 7: "MTWTFSS"}


@dataclass(frozen=True)
class Clock:
    """What a zone adds to UTC: `offsets[i]` seconds from `changes[i]` on."""

    changes: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset(self, at: int) -> int:
        return self.offsets[max(bisect_right(self.changes, at) - 1, 0)]

    def next(self, at: int) -> float:
        """The change after an instant."""
        following = bisect_right(self.changes, at)
        return self.changes[following] if following < len(self.changes) else inf

    def shifts(self, first: int, last: int) -> list[int]:
        """When the clock on the wall jumps."""
        return [at for at in self.changes if first <= at < last and self.offset(at) != self.offset(at - 1)]


@cache
def clock(zone: str) -> Clock:
    return _read(file_of(zone))


def file_of(zone: str) -> bytes:
    """From where the product takes it, so that both read the same edition."""
    *folders, name = zone.split("/")
    return resources.files("tzdata.zoneinfo").joinpath(*folders, name).read_bytes()


@cache
def _read(content: bytes) -> Clock:
    sizes = struct.unpack_from(">4s c 15x 6l", content)[2:]
    isutc, isstd, leaps, times, types, letters = sizes
    body = 44 + times * 5 + types * 6 + letters + leaps * 8 + isstd + isutc
    isutc, isstd, leaps, times, types, letters = struct.unpack_from(">4s c 15x 6l", content, body)[2:]
    changes = struct.unpack_from(f">{times}q", content, body + 44)
    kinds = struct.unpack_from(f">{times}B", content, body + 44 + times * 8)
    table = body + 44 + times * 9
    offsets = [struct.unpack_from(">l", content, table + 6 * kind)[0] for kind in range(types)]
    end = table + types * 6 + letters + leaps * 12 + isstd + isutc
    footer = content[end:].decode().strip()
    last = changes[-1] if changes else -(2**40)
    ruled = [(at, offset) for at, offset in _ruled(footer) if at > last]
    known = [(-(2**40), offsets[0]), *((at, offsets[kind]) for at, kind in zip(changes, kinds, strict=True)), *ruled]
    return Clock(tuple(at for at, _ in known), tuple(offset for _, offset in known))


_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_FOOTER = re.compile(rf"{_NAME}(?P<std>[-+:\d]+)(?:{_NAME}(?P<dst>[-+:\d]*),(?P<on>[^,]+),(?P<off>[^,]+))?")


def _ruled(footer: str) -> Iterator[tuple[int, int]]:
    """The transitions of a rule such as `EST5EDT,M3.2.0,M11.1.0`."""
    found = _FOOTER.fullmatch(footer)
    if found is None or found["on"] is None:
        return
    standard = -_seconds(found["std"])
    summer = -_seconds(found["dst"]) if found["dst"] else standard + 3600
    changes = [
        change
        for year in YEARS
        for change in (
            (_when(found["on"], year) - standard, summer),
            (_when(found["off"], year) - summer, standard),
        )
    ]
    yield from sorted(changes)


def _when(rule: str, year: int) -> int:
    """The local second at which a rule such as `M10.5.0/-1` says that the clock changes."""
    day, _, clock_time = rule.partition("/")
    month, week, weekday = (int(part) for part in day.removeprefix("M").split("."))
    first = (date(year, month, 1) - EPOCH).days
    # 1970 began on a Thursday, which is 4 when Sunday is 0.
    days = [n for n in range(first, first + 31) if (n + 4) % 7 == weekday and (EPOCH + timedelta(n)).month == month]
    return (days[-1] if week == 5 else days[week - 1]) * DAY + (_seconds(clock_time) if clock_time else 7200)


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


@lru_cache(maxsize=4096)
def walk(zone: str, first: int, last: int, step: int = QUARTER) -> dict[int, int]:
    """From each local second on the wall to the instant that belongs to it.

    A time shown twice is the first of the two. A time not shown is when the old clock, left alone, would show it.
    """
    turns = clock(zone)
    turn, offset = turns.next(first), turns.offset(first)
    seen: dict[int, int] = {}
    before = first + offset - step
    for at in range(first, last, step):
        if at >= turn:
            turn, offset = turns.next(at), turns.offset(at)
        wall = at + offset
        if wall - before > step:
            for missed in range(before + step, wall, step):
                seen.setdefault(missed, at + missed - before - step)
        if wall not in seen:
            seen[wall] = at
        before = wall
    return seen


def moments(rule: Rule, zone: str, after: datetime, until: datetime, step: int = QUARTER) -> list[Slot]:
    first, last = _stamp(after), _stamp(until)
    seen = walk(zone, (first // DAY - 3) * DAY, (last // DAY + 4) * DAY, step)
    days = rule_days(rule, first // DAY - 2, last // DAY + 2)
    found = [slot for day in days for slot in _on(rule, day, zone, seen)]
    return sorted((slot for slot in found if after < slot.at <= until), key=_in_order)


def first_moment(rule: Rule, zone: str, after: datetime, *, due: bool) -> Slot | None:
    """The first after an instant, or the first of those that have no reason against them."""
    found: list[Slot] = []
    today = _stamp(after) // DAY
    for day in rule_days(rule, today - 2, today + 1500):
        if due and _paused(rule, day):
            continue
        seen = walk(zone, (day - 2) * DAY, (day + 3) * DAY)
        found += [s for s in _on(rule, day, zone, seen) if s.at > after and not (due and s.reason is not None)]
        if len({slot.day for slot in found}) == 3:
            break
    return min(found, key=_in_order, default=None)


def rule_days(rule: Rule, first: int, last: int) -> Iterator[int]:
    """Days since 1970 on which the rule has moments, counted one by one from its start."""
    day, since_last = (rule.starts_on - EPOCH).days, 0
    ends = (rule.ends_on - EPOCH).days if rule.ends_on else last
    excepted = {(day - EPOCH).days for day in rule.except_on}
    while day <= min(ends, last):
        monday_first = (day + 3) % 7
        if rule.every_days is not None:
            on = since_last % rule.every_days == 0
            since_last += 1
        elif rule.times_per_week is not None:
            on = SPREAD[rule.times_per_week].ljust(7)[monday_first] != " "
        else:
            on = f"{rule.weekdays or 0:07b}"[6 - monday_first] == "1"
        if on and day >= first and day not in excepted:
            yield day
        day += 1


def _on(rule: Rule, day: int, zone: str, seen: dict[int, int]) -> Iterator[Slot]:
    local = EPOCH + timedelta(day)
    paused = Reason.PAUSED if _paused(rule, day) else None
    for number, wall in zip(rule.slots or range(len(rule.local_times)), rule.local_times, strict=True):
        at = seen[day * DAY + _of_day(wall)]
        absent = (at + clock(zone).offset(at)) // DAY != day
        yield Slot(local, number, datetime.fromtimestamp(at, UTC), Reason.LOCAL_DATE_ABSENT if absent else paused)


def _paused(rule: Rule, day: int) -> bool:
    return rule.paused_until is not None and day <= (rule.paused_until - EPOCH).days


def _of_day(wall: time) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _stamp(at: datetime) -> int:
    return int(at.timestamp())


def _in_order(slot: Slot) -> tuple[datetime, date, int]:
    return slot.at, slot.day, slot.slot
