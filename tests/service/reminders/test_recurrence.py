"""When a rule comes due, compared with two oracles that share no code with it, in every zone a client may live in.

The usual run looks around every clock change of two years and at drawn days elsewhere;
`python -m tests.service.reminders.test_recurrence [AREA ...]` takes minutes, for every quarter of an hour of two years.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest

from service.accounts.rules import valid_zone
from service.plans.rules import suggested_weekdays
from service.reminders.reasons import Reason
from service.reminders.recurrence import Rule, due_slots, next_due, next_slot
from service.reminders.rules import Slot
from tests.service.reminders import by_rrule, by_walking

DAY = timedelta(days=1)
QUARTERS = tuple(time(n // 4, n % 4 * 15) for n in range(96))
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
SAMOA_LEFT_OUT_A_DAY = datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC)


def turns(zone: str) -> list[tuple[int, int]]:
    """Each instant of these years from which the clock on the wall is so many seconds before UTC, and how many."""
    clock = by_walking.clock(zone)
    found: list[tuple[int, int]] = []
    for after, until in (SAMOA_LEFT_OUT_A_DAY, (FIRST, LAST)):
        first, last = int((after - 5 * DAY).timestamp()), int((until + 5 * DAY).timestamp())
        found += [(at, clock.offset(at)) for at in (first, *clock.shifts(first, last))]
    return found


ZONES = sorted(name for name in available_timezones() if valid_zone(name))
# Most zones are another name for a clock that shows the same in these years.
DISTINCT = sorted({tuple(turns(zone)): zone for zone in ZONES}.values())
AREAS = sorted({zone.partition("/")[0] for zone in DISTINCT})
QUARTER = timedelta(minutes=15)
EVERY_DAY = 0b1111111
NEW_YORK = "America/New_York"


class Stretch(NamedTuple):
    """Some days of one zone."""

    zone: str
    after: datetime
    until: datetime


def zones_of(area: str) -> list[str]:
    return [zone for zone in DISTINCT if zone.partition("/")[0] == area]


def around_changes(zone: str) -> list[Stretch]:
    """A day before and after each change of the clocks, and the days around the date that Samoa has not."""
    shifts = by_walking.clock(zone).shifts(int(FIRST.timestamp()), int(LAST.timestamp()))
    at = [datetime.fromtimestamp(shift // 900 * 900, UTC) for shift in shifts]
    found = [Stretch(zone, shift - DAY, shift + DAY) for shift in at]
    if zone in ("Pacific/Apia", "Pacific/Fakaofo"):
        found.append(Stretch(zone, *SAMOA_LEFT_OUT_A_DAY))
    return found


def stretches(zone: str) -> list[Stretch]:
    """Around each change, and eight days drawn from the two years."""
    after = FIRST + DAY * Random(zone).randrange(720)
    return [*around_changes(zone), Stretch(zone, after, after + 8 * DAY)]


def drawn_rule(random: Random, near: date) -> Rule:
    """Of every kind, with its start, end, exceptions and pause close enough to matter."""
    way = random.choice(
        [
            {"weekdays": random.randint(1, EVERY_DAY)},
            {"every_days": random.choice((1, 2, 3, 5, 7, 10, 30, 90, 366))},
            {"times_per_week": random.randint(1, 7)},
        ]
    )
    starts = near + DAY * random.randint(-100, 6)
    ends = random.choice((None, starts + DAY * random.randint(0, 200)))
    walls = tuple(random.sample(QUARTERS, random.randint(1, 4)))
    return Rule(
        walls,
        way.get("weekdays"),
        starts,
        ends,
        slots=random.choice(((), tuple(random.sample(range(9), len(walls))))),
        every_days=way.get("every_days"),
        times_per_week=way.get("times_per_week"),
        except_on=tuple({near + DAY * random.randint(-5, 15) for _ in range(random.choice((0, 0, 2, 12)))}),
        paused_until=random.choice((None, None, near + DAY * random.randint(-3, 12), near + 365 * DAY)),
    )


def drawn(stretch: Stretch, number: int) -> Iterator[tuple[Rule, datetime]]:
    """Rules, each with a quarter of an hour inside the stretch."""
    random = Random(f"{stretch}")
    for _ in range(number):
        rule = drawn_rule(random, stretch.after.date())
        yield rule, stretch.after + QUARTER * random.randrange((stretch.until - stretch.after) // QUARTER)


def assert_same(stretch: Stretch, rule: Rule) -> list[Slot]:
    zone, after, until = stretch
    found = due_slots(rule, zone, after, until)
    assert found == by_walking.moments(rule, zone, after, until), (stretch, rule)
    assert found == by_rrule.moments(rule, zone, after, until), (stretch, rule)
    return found


def test_every_zone_has_the_clock_of_the_one_that_is_looked_at_in_its_place() -> None:
    """The product's own clock, a second before each change and at it."""
    for zone in ZONES:
        for at, offset in turns(zone):
            here = datetime.fromtimestamp(at, ZoneInfo(zone))
            assert here.utcoffset() == timedelta(seconds=offset), (zone, here)
            before = datetime.fromtimestamp(at - 1, ZoneInfo(zone))
            assert before.utcoffset() == timedelta(seconds=by_walking.clock(zone).offset(at - 1)), (zone, before)


@pytest.mark.parametrize("area", AREAS)
def test_around_every_clock_change_every_quarter_of_an_hour_is_due_once_and_as_two_other_libraries_say(
    area: str,
) -> None:
    for stretch in (s for zone in zones_of(area) for s in around_changes(zone)):
        every_quarter = Rule(QUARTERS, EVERY_DAY, stretch.after.date() - DAY)
        found = assert_same(stretch, every_quarter)
        keys = {(slot.day, slot.slot) for slot in found}
        assert len(keys) == len(found), stretch
        inner = range(1, (found[-1].day - found[0].day).days)
        assert keys >= {(found[0].day + n * DAY, turn) for n in inner for turn in range(96)}, stretch


@pytest.mark.parametrize("area", AREAS)
def test_rules_of_every_kind_are_due_as_two_other_libraries_say(area: str) -> None:
    for stretch in (s for zone in zones_of(area) for s in stretches(zone)):
        for rule, _ in drawn(stretch, 3):
            assert_same(stretch, rule)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("due", [False, True])
def test_the_next_moment_of_rules_of_every_kind_is_as_two_other_libraries_say(area: str, due: bool) -> None:
    following = next_due if due else next_slot
    for stretch in (s for zone in zones_of(area) for s in stretches(zone)):
        for rule, after in drawn(stretch, 2):
            found = following(rule, stretch.zone, after)
            assert found == by_walking.first_moment(rule, stretch.zone, after, due=due), (stretch, rule, after)
            assert found == by_rrule.first_moment(rule, stretch.zone, after, due=due), (stretch, rule, after)


@pytest.mark.parametrize("area", AREAS)
def test_from_every_quarter_of_an_hour_around_a_clock_change_the_next_moment_is_the_first_one_due(area: str) -> None:
    walls = tuple(time.fromisoformat(wall) for wall in ("00:00", "00:30", "02:15", "02:30", "23:15", "23:30", "23:45"))
    for zone, after, until in (stretch for name in zones_of(area) for stretch in around_changes(name)):
        rule = Rule(walls, EVERY_DAY, after.date() - DAY)
        slots = due_slots(rule, zone, after, until + 2 * DAY)
        for at in (after + DAY + n * QUARTER for n in range((until - after - 2 * DAY) // QUARTER)):
            first = next(slot for slot in slots if slot.at > at)
            assert next_slot(rule, zone, at) == first, (zone, at)
            first_due = next(slot for slot in slots if slot.at > at and slot.reason is None)
            assert next_due(rule, zone, at) == first_due, (zone, at)


def test_no_clock_changes_and_changes_back_within_three_days() -> None:
    for zone in ZONES:
        turns = by_walking.clock(zone)
        for earlier, later in pairwise(turns.shifts(0, int(LAST.timestamp()))):
            if later - earlier < 3 * by_walking.DAY:
                assert turns.offset(earlier - 1) != turns.offset(later), zone


# The ways to count days, by hand. June 10, 2026 is a Wednesday.

EIGHT = (time(8),)


def days_of(rule: Rule, first: str, last: str) -> list[str]:
    """Month and day of what is due in UTC, both ends included."""
    after = datetime.fromisoformat(first).replace(tzinfo=UTC) - timedelta(seconds=1)
    until = datetime.fromisoformat(last).replace(tzinfo=UTC) + DAY - timedelta(seconds=1)
    return [f"{slot.day:%m-%d}" for slot in due_slots(rule, "UTC", after, until)]


def at_eight(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (1, ["06-08", "06-15"]),
        (2, ["06-08", "06-11", "06-15", "06-18"]),
        (3, ["06-08", "06-10", "06-12", "06-15", "06-17", "06-19"]),
        (4, ["06-08", "06-09", "06-11", "06-13", "06-15", "06-16", "06-18", "06-20"]),
        (7, [f"06-{day:02d}" for day in range(8, 22)]),
    ],
)
def test_so_many_times_a_week_are_spread_over_monday_to_sunday_on_the_days_a_plan_suggests(
    times: int, expected: list[str]
) -> None:
    rule = Rule(EIGHT, None, date(2026, 1, 1), times_per_week=times)
    assert days_of(rule, "2026-06-08", "2026-06-21") == expected
    assert len(suggested_weekdays(times)) * 2 == len(expected)


def test_every_ninety_days_counts_from_the_first_day_whatever_is_left_out() -> None:
    rule = Rule(EIGHT, None, date(2026, 1, 1), every_days=90, except_on=(date(2026, 4, 1),))
    assert days_of(rule, "2026-01-01", "2026-12-31") == ["01-01", "06-30", "09-28", "12-27"]
    slot = next_slot(rule, "UTC", at_eight("2026-01-01"))
    assert slot == Slot(date(2026, 6, 30), 0, at_eight("2026-06-30"), None)


def test_a_year_of_exceptions_is_passed_over() -> None:
    away = tuple(date(2026, 6, 10) + n * DAY for n in range(366))
    rule = Rule(EIGHT, EVERY_DAY, date(2026, 1, 1), except_on=away)
    slot = next_slot(rule, "UTC", at_eight("2026-06-09"))
    assert slot == Slot(date(2027, 6, 11), 0, at_eight("2027-06-11"), None)
    assert next_slot(replace(rule, ends_on=date(2027, 6, 10)), "UTC", at_eight("2026-06-09")) is None


def test_a_pause_keeps_the_moments_with_a_reason_and_the_next_one_due_is_the_day_after_it() -> None:
    rule = Rule(EIGHT, 0b0000100, date(2026, 1, 1), paused_until=date(2027, 6, 9))
    assert next_slot(rule, "UTC", at_eight("2026-06-03")) == Slot(
        date(2026, 6, 10), 0, at_eight("2026-06-10"), Reason.PAUSED
    )
    # June 9, 2027 is a Wednesday too: still paused.
    assert next_due(rule, "UTC", at_eight("2026-06-03")) == Slot(date(2027, 6, 16), 0, at_eight("2027-06-16"), None)


def test_a_pause_that_is_over_changes_nothing() -> None:
    rule = Rule(EIGHT, EVERY_DAY, date(2026, 1, 1), paused_until=date(2026, 6, 9))
    assert next_slot(rule, "UTC", at_eight("2026-06-09")) == Slot(date(2026, 6, 10), 0, at_eight("2026-06-10"), None)


def test_times_in_any_order_are_due_in_the_order_of_the_day_with_their_own_slots() -> None:
    rule = Rule((time(20), time(7)), EVERY_DAY, date(2026, 1, 1), slots=(4, 2))
    slots = due_slots(rule, "UTC", at_eight("2026-06-10"), at_eight("2026-06-11"))
    assert [(slot.at.hour, slot.slot) for slot in slots] == [(20, 4), (7, 2)]


def test_a_day_that_samoa_has_not_is_never_the_next_one_due() -> None:
    rule = Rule((time(9),), EVERY_DAY, date(2011, 12, 1))
    sent = datetime(2011, 12, 29, 19, tzinfo=UTC)
    # 9:00 on the 30th, which never came, would be the instant of 9:00 on the 31st.
    instant = datetime(2011, 12, 30, 19, tzinfo=UTC)
    absent = Slot(date(2011, 12, 30), 0, instant, Reason.LOCAL_DATE_ABSENT)
    assert next_slot(rule, "Pacific/Apia", sent) == absent
    assert next_due(rule, "Pacific/Apia", sent) == Slot(date(2011, 12, 31), 0, instant, None)
    only_then = replace(rule, ends_on=date(2011, 12, 30))
    assert next_due(only_then, "Pacific/Apia", sent) is None


def test_a_rule_without_an_end_ends_with_the_calendar() -> None:
    rule = Rule(EIGHT, EVERY_DAY, date(9999, 1, 1))
    assert next_slot(rule, NEW_YORK, datetime(9999, 12, 25, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("weekdays", "every_days", "times_per_week"),
    [(None, None, None), (1, 2, None), (None, 0, None), (None, None, 0), (None, None, 8)],
)
def test_a_rule_that_counts_its_days_in_no_way_or_in_two_or_never_is_refused(
    weekdays: int | None, every_days: int | None, times_per_week: int | None
) -> None:
    with pytest.raises(ValueError, match=r"use 1|or another way"):
        Rule(EIGHT, weekdays, date(2026, 1, 1), every_days=every_days, times_per_week=times_per_week)


def exhaust(areas: Iterable[str]) -> None:
    """Every quarter of an hour of two years, in every zone of these areas."""
    for zone in (zone for area in areas for zone in zones_of(area)):
        compared = 0
        for month in range(0, (LAST - FIRST).days, 30):
            stretch = Stretch(zone, FIRST + month * DAY, FIRST + (month + 30) * DAY)
            compared += len(assert_same(stretch, Rule(QUARTERS, EVERY_DAY, stretch.after.date() - 2 * DAY)))
        by_walking.walk.cache_clear()
        print(f"{zone}: {compared} moments, no difference", flush=True)  # noqa: T201


if __name__ == "__main__":
    exhaust(sys.argv[1:] or AREAS)
