from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import WEEKLY, rrule
from dateutil.tz import resolve_imaginary
from hypothesis import given, settings
from hypothesis import strategies as st

from service.accounts.rules import valid_zone
from service.reminders.reasons import Reason
from service.reminders.recurrence import Rule, due_slots, next_slot, slots_after_edit
from service.reminders.rules import CATCH_UP, Slot, Window, dedupe_key, expires_at, local_to_utc, next_allowed, window

EVERY_DAY = 0b1111111
MONDAY_THURSDAY = 0b0001001
NIGHT = (time(21), time(8))
NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(*walls: str, starts: str = "2026-01-01", ends: str | None = None, days: int = EVERY_DAY) -> Rule:
    times = tuple(time.fromisoformat(wall) for wall in walls)
    return Rule(times, days, date.fromisoformat(starts), date.fromisoformat(ends) if ends else None)


# Cases 20 to 26: gaps, folds and missing dates, worked out by hand from the published offsets.


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        (NEW_YORK, "2026-03-08", "02:30", "2026-03-08T07:30"),
        (NEW_YORK, "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        ("Antarctica/Troll", "2026-03-29", "01:30", "2026-03-29T01:30"),
        ("Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T01:30"),
        ("Africa/Casablanca", "2026-03-22", "02:30", "2026-03-22T02:30"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:30"),
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-28T22:30"),
        ("America/Havana", "2026-03-08", "00:30", "2026-03-08T05:30"),
        ("Asia/Kathmandu", "2026-07-01", "08:00", "2026-07-01T02:15"),
        ("UTC", "2026-07-01", "08:00", "2026-07-01T08:00"),
    ],
)
def test_a_local_time_becomes_one_exact_instant(zone: str, day: str, wall: str, expected: str) -> None:
    assert local_to_utc(date.fromisoformat(day), time.fromisoformat(wall), zone) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "day", "wall"),
    [("Pacific/Apia", "2011-12-30", "09:00"), ("America/Nuuk", "2026-03-28", "23:30")],
)
def test_a_moment_on_a_date_that_the_local_calendar_lacks_is_absent(zone: str, day: str, wall: str) -> None:
    assert local_to_utc(date.fromisoformat(day), time.fromisoformat(wall), zone) is None


def test_a_time_in_the_spring_gap_is_due_once_and_waits_for_the_end_of_quiet_hours() -> None:
    slots = due_slots(daily("02:30"), NEW_YORK, utc("2026-03-08T05:00"), utc("2026-03-09T04:00"))
    assert slots == [Slot(date(2026, 3, 8), 0, utc("2026-03-08T07:30"), None)]
    assert next_allowed(slots[0].at, NEW_YORK, *NIGHT) == utc("2026-03-08T12:00")
    assert window(slots[0], NEW_YORK, *NIGHT) == Window(utc("2026-03-08T12:00"), utc("2026-03-08T16:00"))


def test_a_time_in_the_autumn_fold_is_due_once_at_the_first_of_the_two() -> None:
    slots = due_slots(daily("01:30"), NEW_YORK, utc("2026-11-01T04:00"), utc("2026-11-02T04:00"))
    assert [slot.due_at for slot in slots] == [utc("2026-11-01T05:30")]
    following = next_slot(daily("01:30"), NEW_YORK, utc("2026-11-01T05:30"))
    assert following is not None
    assert following.due_at == utc("2026-11-02T06:30")


def test_the_day_that_samoa_left_out_is_a_row_without_an_instant() -> None:
    rule = daily("09:00", starts="2011-12-01")
    slots = due_slots(rule, "Pacific/Apia", utc("2011-12-29T00:00"), utc("2011-12-31T00:00"))
    assert [(slot.day.day, slot.due_at, slot.reason) for slot in slots] == [
        (29, utc("2011-12-29T19:00"), None),
        (30, None, Reason.LOCAL_DATE_ABSENT),
        (31, utc("2011-12-30T19:00"), None),
    ]


def test_an_absent_date_never_hides_an_earlier_moment_of_the_next_day() -> None:
    rule = daily("00:15", "23:30")
    slot = next_slot(rule, "America/Nuuk", utc("2026-03-28T12:00"))
    assert slot == Slot(date(2026, 3, 29), 0, utc("2026-03-29T01:15"), None)
    after = next_slot(rule, "America/Nuuk", utc("2026-03-29T01:15"))
    assert after == Slot(date(2026, 3, 28), 1, utc("2026-03-29T01:30"), Reason.LOCAL_DATE_ABSENT)


def test_a_window_that_starts_or_ends_within_an_odd_midnight_still_finds_its_slots() -> None:
    moved = due_slots(daily("23:30"), "America/Nuuk", utc("2026-03-29T01:10"), utc("2026-03-29T01:40"))
    assert [slot.reason for slot in moved] == [Reason.LOCAL_DATE_ABSENT]
    # In 2010 Newfoundland went from 00:01 on the 7th back to 23:01 on the 6th.
    twice = due_slots(
        daily("00:00", starts="2010-01-01"),
        "America/St_Johns",
        utc("2010-11-07T02:00"),
        utc("2010-11-07T02:45"),
    )
    assert [(slot.day.day, slot.at) for slot in twice] == [(7, utc("2010-11-07T02:30"))]


def test_two_times_that_a_gap_puts_on_one_instant_are_both_due() -> None:
    slots = due_slots(daily("02:30", "03:30"), NEW_YORK, utc("2026-03-08T05:00"), utc("2026-03-08T12:00"))
    assert [(slot.slot, slot.at) for slot in slots] == [
        (0, utc("2026-03-08T07:30")),
        (1, utc("2026-03-08T07:30")),
    ]


# Case 27: travel. 28: new offsets. 29: names. 31: edits.


def test_the_same_local_date_after_flying_auckland_to_honolulu_is_the_same_row() -> None:
    rule = daily("09:00")
    sent = next_slot(rule, "Pacific/Auckland", utc("2026-06-09T20:00"))
    again = next_slot(rule, "Pacific/Honolulu", utc("2026-06-10T10:00"))
    assert sent is not None
    assert again is not None
    assert sent.at == utc("2026-06-09T21:00")
    assert again.at == utc("2026-06-10T19:00")
    assert sent.day == again.day == date(2026, 6, 10)
    assert sent.slot == again.slot
    following = next_slot(rule, "Pacific/Honolulu", again.at)
    assert following is not None
    assert following.at == utc("2026-06-11T19:00")


def test_a_changed_offset_moves_the_instant_and_keeps_the_key() -> None:
    reminder = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    before, after = (
        due_slots(daily("09:00"), zone, utc("2026-06-10T00:00"), utc("2026-06-10T23:00"))[0]
        for zone in ("Europe/Berlin", "Europe/Athens")
    )
    assert (before.at, after.at) == (utc("2026-06-10T07:00"), utc("2026-06-10T06:00"))
    keys = {dedupe_key(reminder, slot.day, slot.slot, "sms") for slot in (before, after)}
    assert keys == {"rem:01890a5d-ac96-774b-bcce-b302099a8057:2026-06-10:0:sms"}


@pytest.mark.parametrize("name", ["Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "UTC"])
def test_area_and_location_names_and_utc_are_zones(name: str) -> None:
    assert valid_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "CET", "EET", "MET", "WET", "EST", "EST5EDT", "GMT", "Zulu", "UCT", "utc", "Japan", "Factory",
        "localtime", "+02:00", "UTC+2", "Etc/UTC", "Etc/GMT+5", "posix/Europe/Madrid", "right/UTC",
        "Europe/Atlantis", "europe/madrid", "Europe/Madrid ", "../../etc/passwd", "Europe/", "/", "",
    ],
)  # fmt: skip
def test_every_other_name_is_refused(name: str) -> None:
    assert not valid_zone(name)


def test_a_time_edited_after_the_send_finds_the_row_that_is_already_there() -> None:
    now = utc("2026-06-10T13:30")
    slots = due_slots(daily("10:00"), NEW_YORK, now - CATCH_UP, now + timedelta(hours=1))
    assert [(slot.day, slot.slot, slot.at) for slot in slots] == [(date(2026, 6, 10), 0, utc("2026-06-10T14:00"))]


def test_a_time_edited_to_the_recent_past_is_still_found_inside_the_window() -> None:
    now = utc("2026-06-10T13:30")
    slots = due_slots(daily("09:00"), NEW_YORK, now - CATCH_UP, now)
    assert [slot.at for slot in slots] == [utc("2026-06-10T13:00")]
    assert now < expires_at(slots[0].at, NEW_YORK, *NIGHT)


# Weekdays, first and last day.


def test_a_window_includes_its_end_and_not_its_start() -> None:
    nine, day = utc("2026-06-10T09:00"), timedelta(days=1)
    assert [slot.at for slot in due_slots(daily("09:00"), "UTC", nine - day, nine)] == [nine]
    assert due_slots(daily("09:00"), "UTC", nine, nine) == []


def test_a_weekly_rule_finds_the_same_weekday_of_next_week() -> None:
    monday = daily("08:00", days=0b0000001)
    slot = next_slot(monday, "Europe/Madrid", utc("2026-06-08T06:00"))
    assert slot == Slot(date(2026, 6, 15), 0, utc("2026-06-15T06:00"), None)


def test_a_rule_is_due_from_its_first_to_its_last_day() -> None:
    rule = daily("08:00", starts="2026-06-10", ends="2026-06-16", days=MONDAY_THURSDAY)
    slots = due_slots(rule, "UTC", utc("2026-05-01T00:00"), utc("2026-07-01T00:00"))
    assert [slot.day.isoformat() for slot in slots] == ["2026-06-11", "2026-06-15"]
    assert next_slot(rule, "UTC", utc("2020-01-01T00:00")) == slots[0]
    assert next_slot(rule, "UTC", utc("2026-06-15T08:00")) is None


@pytest.mark.parametrize(("times", "weekdays"), [((), 1), ((time(8),), 0), ((time(8),), 128), ((time(8),), -1)])
def test_a_rule_without_a_time_or_a_weekday_is_refused(times: tuple[time, ...], weekdays: int) -> None:
    with pytest.raises(ValueError, match="at least one time and one weekday"):
        Rule(times, weekdays, date(2026, 1, 1))


# The same answers from another library.

ZONES = (
    NEW_YORK,
    "Europe/Madrid",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "UTC",
)

rules = st.builds(
    Rule,
    st.lists(st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)), min_size=1, max_size=3).map(tuple),
    st.integers(1, EVERY_DAY),
    st.dates(date(2025, 12, 1), date(2026, 12, 1)),
    st.none() | st.dates(date(2026, 6, 1), date(2027, 1, 1)),
)
instants = st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


def by_rrule(rule: Rule, zone: str, after: datetime, until: datetime) -> list[tuple[date, int, datetime]]:
    weekdays = [day for day in range(7) if (rule.weekdays or 0) >> day & 1]
    end = min(until.replace(tzinfo=None) + timedelta(days=2), datetime.combine(rule.ends_on or date.max, time.max))
    found = []
    for slot, wall in enumerate(rule.local_times):
        first = datetime.combine(rule.starts_on, wall)
        for naive in rrule(WEEKLY, dtstart=first, byweekday=weekdays, until=end):
            at = resolve_imaginary(naive.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
            if after < at <= until:
                found.append((naive.date(), slot, at))
    return sorted(found, key=lambda row: (row[2], row[0], row[1]))


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(rules, st.sampled_from(ZONES), instants, st.integers(0, 40))
def test_due_slots_agree_with_another_library(rule: Rule, zone: str, after: datetime, days: int) -> None:
    until = after + timedelta(days=days)
    slots = due_slots(rule, zone, after, until)
    assert [(slot.day, slot.slot, slot.at) for slot in slots] == by_rrule(rule, zone, after, until)
    assert len({(slot.day, slot.slot) for slot in slots}) == len(slots)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(rules, st.sampled_from(ZONES), instants)
def test_the_next_slot_is_the_first_one_due(rule: Rule, zone: str, after: datetime) -> None:
    expected = due_slots(rule, zone, after, after + timedelta(days=400))
    assert next_slot(rule, zone, after) == (expected[0] if expected else None)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(rules, instants, st.lists(st.tuples(st.sampled_from(ZONES), st.integers(1, 3000)), max_size=30))
def test_however_a_planner_ticks_and_a_client_travels_slots_of_one_zone_are_neither_lost_nor_doubled(
    rule: Rule, start: datetime, steps: list[tuple[str, int]]
) -> None:
    zone, now, planned = NEW_YORK, start, list[Slot]()
    for _, minutes in steps:
        planned += due_slots(rule, zone, now, now + timedelta(minutes=minutes))
        now += timedelta(minutes=minutes)
    assert planned == due_slots(rule, zone, start, now)
    rows: dict[tuple[date, int], Slot] = {}
    now = start
    for zone, minutes in steps:
        for slot in due_slots(rule, zone, now, now + timedelta(minutes=minutes)):
            rows.setdefault((slot.day, slot.slot), slot)
        now += timedelta(minutes=minutes)
    by_slot = sorted(rows.values(), key=lambda slot: (slot.slot, slot.day))
    assert all(a.day < b.day for a, b in pairwise(by_slot) if a.slot == b.slot)


NINE, TEN, NOON = time(9), time(10), time(12)


def test_a_changed_time_takes_the_slot_of_the_one_it_replaces() -> None:
    assert slots_after_edit([NINE], [0], [TEN]) == [0]
    assert slots_after_edit([NINE, NOON], [0, 1], [TEN, NOON]) == [0, 1]


def test_a_time_that_stays_keeps_its_slot_whatever_comes_or_goes() -> None:
    assert slots_after_edit([TEN], [0], [NINE, TEN]) == [1, 0]
    assert slots_after_edit([NINE, TEN, NOON], [0, 1, 2], [TEN, NOON]) == [1, 2]
    assert slots_after_edit([TEN, NOON], [1, 2], [NINE, TEN, NOON]) == [3, 1, 2]
