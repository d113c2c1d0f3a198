"""On which days a plan asks for a session, and which version of it a day belongs to. The dates are of March 2026."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.plans.rules import (
    Cadence,
    EveryDays,
    FixedWeekdays,
    TimesPerWeek,
    active_version,
    cadence_words,
    due_days,
    due_on,
    etag,
    resumes_on,
    suggested_weekdays,
)

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)
MON_WED_FRI = FixedWeekdays(0b0010101)


@dataclass(frozen=True)
class Pause:
    from_day: date
    until_day: date | None


@dataclass(frozen=True)
class Version:
    number: int
    starts_on: date


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


def pause(first: int, last: int | None) -> Pause:
    return Pause(date(2026, 3, first), date(2026, 3, last) if last else None)


@pytest.mark.parametrize(
    ("pauses", "resumes"),
    [
        ([], 10),
        ([pause(9, 11)], 12),
        ([pause(13, 20), pause(9, 12)], 21),
        ([pause(9, 11), pause(13, 20)], 12),
        ([pause(9, 20), pause(10, 11)], 21),
        ([pause(11, 20)], 10),
        ([pause(9, 11), pause(12, None)], None),
        ([pause(10, None)], None),
    ],
    ids=["none", "one", "side by side", "a gap", "one within the other", "later", "then without end", "without end"],
)
def test_a_plan_resumes_on_the_first_day_without_a_pause(pauses: list[Pause], resumes: int | None) -> None:
    assert resumes_on(date(2026, 3, 10), pauses) == (resumes and date(2026, 3, resumes))


@pytest.mark.parametrize(
    ("n", "days"),
    [
        (1, [0]),
        (2, [0, 3]),
        (3, [0, 2, 4]),
        (4, [0, 1, 3, 5]),
        (5, [0, 1, 2, 4, 5]),
        (6, [0, 1, 2, 3, 4, 5]),
        (7, [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_times_a_week_are_spread_over_it(n: int, days: list[int]) -> None:
    assert suggested_weekdays(n) == days


def test_fixed_weekdays_are_due_on_those_days() -> None:
    assert due_days(MON_WED_FRI, MONDAY, date(2026, 3, 15), MONDAY) == march(2, 4, 6, 9, 11, 13)
    assert due_on(MON_WED_FRI, date(2026, 3, 4), MONDAY)
    assert not due_on(MON_WED_FRI, date(2026, 3, 5), MONDAY)


def test_every_third_day_counts_from_its_own_start_over_the_end_of_a_month() -> None:
    every_third = EveryDays(3, starts_on=date(2026, 2, 26))
    assert due_days(every_third, date(2026, 2, 1), date(2026, 3, 8), date(2026, 2, 1)) == [
        date(2026, 2, 26),
        *march(1, 4, 7),
    ]


def test_nothing_is_due_before_the_first_or_after_the_last_day() -> None:
    daily = FixedWeekdays(127)
    assert due_days(daily, MONDAY, SUNDAY, date(2026, 3, 4), date(2026, 3, 6)) == march(4, 5, 6)


def test_nothing_is_due_on_either_end_of_a_pause() -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 6))
    assert due_days(FixedWeekdays(127), MONDAY, SUNDAY, MONDAY, None, [pause]) == march(2, 7, 8)


def test_a_pause_without_an_end_goes_on() -> None:
    pause = Pause(date(2026, 3, 4), None)
    assert due_days(MON_WED_FRI, MONDAY, date(2026, 4, 30), MONDAY, None, [pause]) == march(2)


def test_times_a_week_fall_on_the_suggested_days_when_nothing_is_logged() -> None:
    assert due_days(TimesPerWeek(3), MONDAY, SUNDAY, MONDAY) == march(2, 4, 6)


def test_a_session_on_another_day_takes_the_place_of_the_earliest_empty_one() -> None:
    tuesday = march(3)
    assert due_days(TimesPerWeek(3), MONDAY, SUNDAY, MONDAY, logged=tuesday) == march(3, 4, 6)
    assert due_on(TimesPerWeek(3), date(2026, 3, 4), MONDAY, logged=tuesday)
    assert not due_on(TimesPerWeek(3), MONDAY, MONDAY, logged=tuesday)


def test_a_week_done_on_other_days_asks_for_nothing_more() -> None:
    assert due_days(TimesPerWeek(3), MONDAY, SUNDAY, MONDAY, logged=march(3, 5, 7)) == march(3, 5, 7)
    assert not due_on(TimesPerWeek(3), date(2026, 3, 6), MONDAY, logged=march(2, 3, 5))


def test_a_fourth_session_in_a_week_of_three_is_not_due() -> None:
    assert due_days(TimesPerWeek(3), MONDAY, SUNDAY, MONDAY, logged=march(2, 3, 4, 5)) == march(2, 3, 4)


def test_last_weeks_extra_session_does_not_pay_for_this_week() -> None:
    logged = march(2, 3, 4, 5)
    assert due_days(TimesPerWeek(3), march(9)[0], march(15)[0], MONDAY, logged=logged) == march(9, 11, 13)


def test_a_week_begun_on_thursday_asks_only_for_what_is_left_of_it() -> None:
    assert due_days(TimesPerWeek(3), MONDAY, SUNDAY, date(2026, 3, 5)) == march(6)


def test_the_last_days_of_a_year_belong_to_the_iso_week_of_the_new_one() -> None:
    # 28 December 2026 is the Monday of ISO week 53, which ends on 3 January 2027.
    logged = [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)]
    week = due_days(TimesPerWeek(3), date(2026, 12, 28), date(2027, 1, 3), MONDAY, logged=logged)
    assert week == logged


def test_asking_for_one_day_is_the_same_as_asking_for_all() -> None:
    logged = march(3, 5)
    whole = due_days(TimesPerWeek(4), MONDAY, SUNDAY, MONDAY, logged=logged)
    one_by_one = [day for day in march(*range(2, 9)) if due_on(TimesPerWeek(4), day, MONDAY, logged=logged)]
    assert whole == one_by_one


@given(st.integers(1, 7), st.sets(st.integers(0, 20)))
def test_a_week_asks_for_the_same_number_of_days_whatever_is_logged(n: int, offsets: set[int]) -> None:
    logged = {MONDAY + timedelta(days=offset) for offset in offsets}
    due = due_days(TimesPerWeek(n), MONDAY, MONDAY + timedelta(days=20), MONDAY, logged=logged)
    for week in range(3):
        days = {MONDAY + timedelta(days=week * 7 + weekday) for weekday in range(7)}
        assert len(days & set(due)) == n
        assert len(days & set(due) & logged) == min(n, len(days & logged))


@given(
    st.one_of(
        st.builds(FixedWeekdays, st.integers(1, 127)),
        st.builds(TimesPerWeek, st.integers(1, 7)),
        st.builds(EveryDays, st.integers(1, 28), st.dates(date(2026, 1, 1), date(2026, 5, 1))),
    ),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_longer_question_never_changes_the_answer_for_a_day(cadence: Cadence, before: int, after: int) -> None:
    short = due_days(cadence, MONDAY, SUNDAY, MONDAY)
    first, last = MONDAY - timedelta(days=before), SUNDAY + timedelta(days=after)
    assert [day for day in due_days(cadence, first, last, MONDAY) if day <= SUNDAY] == short


@pytest.mark.parametrize("mask", [0, 128, -1])
def test_weekdays_are_seven(mask: int) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        FixedWeekdays(mask)


def test_a_cadence_that_never_comes_round_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 7"):
        TimesPerWeek(8)
    with pytest.raises(ValueError, match="1 or more days"):
        EveryDays(0, MONDAY)
    with pytest.raises(ValueError, match="times_per_day"):
        FixedWeekdays(127, times_per_day=0)


def test_a_log_belongs_to_the_version_of_its_day() -> None:
    first, second = Version(1, MONDAY), Version(2, date(2026, 3, 9))
    versions = [second, first]
    assert active_version(versions, date(2026, 3, 1)) is None
    assert active_version(versions, MONDAY) == first
    assert active_version(versions, SUNDAY) == first
    assert active_version(versions, date(2026, 3, 9)) == second
    assert active_version(versions, date(2027, 3, 9)) == second


def test_of_two_versions_from_one_day_the_later_one_counts() -> None:
    assert active_version([Version(3, MONDAY), Version(2, MONDAY)], MONDAY) == Version(3, MONDAY)


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (FixedWeekdays(127), "every day"),
        (EveryDays(1, MONDAY), "every day"),
        (EveryDays(2, MONDAY), "every 2 days"),
        (TimesPerWeek(1), "once a week"),
        (TimesPerWeek(3, times_per_day=2), "3 times a week, 2 times a day"),
        (FixedWeekdays(0b1000000), "Sun"),
        (MON_WED_FRI, "Mon, Wed, Fri"),
    ],
)
def test_a_cadence_in_words(cadence: Cadence, words: str) -> None:
    assert str(cadence_words(cadence)) == words


def test_two_cadences_of_one_number_are_not_one() -> None:
    assert etag(TimesPerWeek(3)) != etag(FixedWeekdays(3))
