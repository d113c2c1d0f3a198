"""Which habits are asked on a day, and where a one-off fix stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from service.plans.asking import asked_and_told, asked_on, period_of
from service.plans.fixes import FixState, answers_to, standing

DAY = timedelta(days=1)
TUESDAY = date(2026, 3, 10)


@dataclass(frozen=True)
class Habit:
    habit_key: UUID
    cadence: str = "daily"


@dataclass(frozen=True)
class Answer:
    day: date
    told: str = "done"
    in_place: bool | None = None


def some(count: int, cadence: str = "daily") -> list[Habit]:
    return [Habit(UUID(int=number), cadence) for number in range(count)]


def places(asked: Sequence[Habit]) -> list[int]:
    return [habit.habit_key.int for habit in asked]


def test_one_answer_counts_for_its_day_week_or_month() -> None:
    rows = {
        ("daily", TUESDAY): (TUESDAY, TUESDAY),
        ("weekly", TUESDAY): (date(2026, 3, 9), date(2026, 3, 15)),
        ("weekly", date(2026, 3, 15)): (date(2026, 3, 9), date(2026, 3, 15)),
        ("monthly", TUESDAY): (date(2026, 3, 1), date(2026, 3, 31)),
        ("monthly", date(2028, 2, 29)): (date(2028, 2, 1), date(2028, 2, 29)),
        ("monthly", date(2026, 12, 31)): (date(2026, 12, 1), date(2026, 12, 31)),
    }
    assert {key: period_of(*key) for key in rows} == rows


def test_a_weekly_and_a_monthly_habit_are_asked_until_they_are_told_and_seen_on_that_day() -> None:
    weekly, monthly = Habit(UUID(int=1), "weekly"), Habit(UUID(int=2), "monthly")
    told = {(weekly.habit_key, TUESDAY), (monthly.habit_key, TUESDAY)}
    seen = [places(asked_on([weekly, monthly], told, day)) for day in (TUESDAY, TUESDAY + DAY, date(2026, 3, 16))]
    assert seen == [[1, 2], [], [1]]
    assert places(asked_on([monthly], told, date(2026, 4, 1))) == [2]
    assert asked_and_told([weekly, monthly], told, TUESDAY) == (2, 2)
    assert asked_and_told([weekly, monthly], told, TUESDAY + DAY) == (0, 0)
    assert asked_and_told([], told, TUESDAY) == (None, 0)


def test_of_more_than_five_each_is_asked_equally_often_in_the_therapists_order() -> None:
    for count in (6, 7, 8, 9, 10):
        days = [places(asked_on(some(count), (), TUESDAY + n * DAY)) for n in range(count)]
        assert all(len(day) == 5 and day == sorted(day) for day in days)
        assert {place: sum(place in day for day in days) for place in range(count)} == dict.fromkeys(range(count), 5)
    assert places(asked_on(some(5), (), TUESDAY)) == [0, 1, 2, 3, 4]


def test_no_answer_brings_up_another_question_on_the_same_day() -> None:
    before = asked_on(some(8), (), TUESDAY)
    told = {(habit.habit_key, TUESDAY) for habit in before}
    assert asked_on(some(8), told, TUESDAY) == before


def test_a_fix_is_open_until_it_is_told_and_never_done_by_silence() -> None:
    done, fine = Answer(TUESDAY), Answer(TUESDAY + 14 * DAY, "check", True)
    gone, again = Answer(TUESDAY + 14 * DAY, "check", False), Answer(TUESDAY + 20 * DAY)
    rows = [
        (14, [], 90, FixState.OPEN, None),
        (14, [done], -1, FixState.OPEN, None),
        (None, [done], 300, FixState.DONE, None),
        (14, [done], 13, FixState.DONE, 14),
        (14, [done], 14, FixState.RECHECK_DUE, 14),
        (14, [done], 60, FixState.RECHECK_DUE, 14),
        (14, [fine, done], 20, FixState.STILL_FINE, None),
        (14, [done, gone], 20, FixState.NOT_ANY_MORE, None),
        (14, [done, gone, again], 20, FixState.DONE, 34),
        (14, [done, gone, again], 34, FixState.RECHECK_DUE, 34),
    ]
    for recheck_days, told, after, state, recheck_after in rows:
        found = standing(recheck_days, told, TUESDAY + after * DAY)
        expected = None if recheck_after is None else TUESDAY + recheck_after * DAY
        assert (found.state, found.recheck_on) == (state, expected), (recheck_days, told, after)
    offered = {state: [answer.value for answer in answers_to(state)] for state in FixState}
    assert offered[FixState.NOT_ANY_MORE] == offered[FixState.OPEN] == ["done"]
    assert offered[FixState.RECHECK_DUE] == ["still_fine", "not_any_more"]
