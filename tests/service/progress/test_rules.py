from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.diary.rules import DayState, Outcome
from service.progress.rules import (
    Adherence,
    DayRecord,
    Direction,
    adherence,
    baseline,
    change_words,
    day_state,
    own_median,
    seven_day_mean,
    seven_day_means,
    too_small_band,
    week_mean,
    worst_by_day,
)

FIRST = date(2026, 3, 2)


@dataclass(frozen=True)
class Score:
    day: date
    score: int


def daily(*scores: int | None) -> list[Score]:
    """One score a day from the first day on; None is a day without an answer."""
    return [Score(FIRST + timedelta(days=n), score) for n, score in enumerate(scores) if score is not None]


def on(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def records(*states: DayState) -> list[DayRecord]:
    return [DayRecord(on(n), state, state != DayState.REST) for n, state in enumerate(states, 1)]


@pytest.mark.parametrize(
    ("due", "outcome", "paused", "state"),
    [
        (True, Outcome.DONE, False, DayState.DONE),
        (True, Outcome.PARTLY, False, DayState.PARTLY),
        (True, Outcome.SKIPPED, False, DayState.SKIPPED),
        (True, None, False, DayState.NO_ENTRY),
        (False, None, False, DayState.REST),
        (True, None, True, DayState.REST),
        (False, Outcome.DONE, False, DayState.DONE),
        (True, Outcome.DONE, True, DayState.DONE),
    ],
)
def test_what_was_recorded_stands_and_silence_counts_only_where_something_was_due(
    due: bool, outcome: Outcome | None, paused: bool, state: DayState
) -> None:
    assert day_state(due, outcome, paused) == state


def test_before_the_first_plan_no_day_is_a_rest_day_and_what_was_recorded_stands() -> None:
    assert day_state(due=False, outcome=None, planned=False) == DayState.NOT_YET
    assert day_state(due=False, outcome=Outcome.PARTLY, planned=False) == DayState.PARTLY


def test_nine_of_twelve_two_not_logged() -> None:
    days = records(*[DayState.DONE] * 9, DayState.SKIPPED, *[DayState.NO_ENTRY] * 2, *[DayState.REST] * 5)
    result = adherence(days)
    assert result == Adherence(done=9, due=12, not_logged=2, partly_share=0)
    assert result.percent == 75
    assert str(result.words) == "9 of 12 done, 2 not logged"


def test_a_day_partly_done_counts_by_its_completed_share() -> None:
    partly = DayRecord(on(3), DayState.PARTLY, due=True, share=0.25)
    result = adherence([*records(DayState.DONE, DayState.DONE), partly])
    assert result == Adherence(done=2, due=3, not_logged=0, partly_share=0.25, partly=1)
    assert result.percent == 75


def test_days_are_told_in_whole_numbers_whatever_their_shares_add_up_to() -> None:
    thirds = [DayRecord(on(n), DayState.PARTLY, due=True, share=1 / 3) for n in (4, 5)]
    result = adherence([*records(DayState.DONE, DayState.DONE, DayState.NO_ENTRY), *thirds])
    assert str(result.words) == "2 of 5 done, 2 partly, 1 not logged"


def test_partly_without_a_word_on_how_much_counts_half() -> None:
    result = adherence(records(DayState.DONE, DayState.PARTLY))
    assert result.partly_share == 0.5
    assert str(result.words) == "1 of 2 done, 1 partly"


def test_something_done_on_a_rest_day_does_not_pay_for_a_day_that_was_due() -> None:
    extra = DayRecord(on(2), DayState.DONE, due=False)
    assert adherence([*records(DayState.SKIPPED), extra]) == Adherence(0, 1, 0, 0)


def test_a_paused_day_is_in_nobodys_count() -> None:
    paused = DayRecord(on(2), day_state(due=True, outcome=None, paused=True), due=True)
    assert adherence([*records(DayState.DONE), paused]) == Adherence(1, 1, 0, 0)


def test_where_nothing_was_due_there_is_no_percentage() -> None:
    result = adherence(records(DayState.REST, DayState.REST))
    assert result.percent is None
    assert str(result.words) == "Nothing was due"


DAYS = st.lists(
    st.builds(
        DayRecord,
        st.dates(),
        st.sampled_from(DayState),
        st.booleans(),
        st.one_of(st.none(), st.floats(0, 1)),
    )
)


@given(DAYS)
def test_adherence_is_never_above_100_percent_nor_below_0(days: list[DayRecord]) -> None:
    percent = adherence(days).percent
    assert percent is None or 0 <= percent <= 100


@given(DAYS.flatmap(lambda days: st.tuples(st.just(days), st.permutations(days))))
def test_adherence_does_not_depend_on_the_order_of_replay(
    orders: tuple[list[DayRecord], list[DayRecord]],
) -> None:
    assert adherence(orders[0]) == adherence(orders[1])


@given(DAYS)
def test_silence_is_never_worth_more_than_a_skip(days: list[DayRecord]) -> None:
    skipped = [DayRecord(day.day, DayState.SKIPPED, day.due) if day.state == DayState.NO_ENTRY else day for day in days]
    assert adherence(days).percent == adherence(skipped).percent
    assert adherence(skipped).not_logged == 0


def test_the_worst_score_of_a_day_is_its_value() -> None:
    entries = [Score(on(2), 3), Score(on(1), 4), Score(on(1), 7), Score(on(1), 2)]
    assert worst_by_day(entries) == {on(1): 7, on(2): 3}


def test_a_score_of_nought_is_an_answer() -> None:
    assert worst_by_day(daily(0, None, 0)) == {on(1): 0, on(3): 0}
    assert seven_day_mean(daily(0, 0, 0, 0), on(4)) == 0


def test_a_week_needs_four_answered_days_for_a_mean() -> None:
    assert seven_day_mean(daily(4, None, 5, None, 6), on(7)) is None
    assert seven_day_mean(daily(4, None, 5, None, 6, None, 7), on(7)) == 5.5


def test_the_mean_is_of_answered_days_and_each_counts_once() -> None:
    twice = [*daily(4, 4, 4, 4), Score(on(4), 8)]
    assert seven_day_mean(twice, on(7)) == (4 + 4 + 4 + 8) / 4 == 5


def test_the_week_ends_with_the_day_and_begins_six_days_before() -> None:
    scores = daily(10, 2, 2, 2, 2, 2, 2, 2, 10)
    assert seven_day_mean(scores, on(8)) == 2
    assert seven_day_mean(scores, on(7)) == (10 + 6 * 2) / 7


def test_the_baseline_is_the_median_of_the_first_seven_answered_days() -> None:
    assert baseline(daily(5, None, 6, 4, 9, None, 3, 5, 2, 0, 0, 0)) == 5
    assert baseline(daily(6, 6, 6, 4, 4, 4)) is None


def test_the_baseline_does_not_move_with_later_answers() -> None:
    early = daily(5, 6, 4, 9, 3, 5, 2)
    assert baseline(early) == baseline(early + [Score(on(30), 10)] * 20) == 5


def test_what_is_usual_looks_at_the_fourteen_days_before_and_not_at_the_day_itself() -> None:
    scores = daily(*[9] * 10, *[4] * 13, 8)
    # Day 24 looks at days 10 to 23: one 9 and thirteen 4.
    assert own_median(scores, on(24)) == 4
    # Day 17 looks at days 3 to 16: eight 9 and six 4.
    assert own_median(scores, on(17)) == 9
    # Day 18 looks at days 4 to 17: seven of each.
    assert own_median(scores, on(18)) == 6.5


def test_before_the_first_answer_nothing_is_usual() -> None:
    assert own_median(daily(8), on(1)) is None
    assert own_median([], on(1)) is None
    assert own_median(daily(8), on(16)) is None


@pytest.mark.parametrize(
    ("now", "before", "direction", "points", "percent"),
    [
        (4.0, 6.0, Direction.BETTER, -2, -33.3),
        (4.1, 6.0, Direction.TOO_SMALL, -1.9, -31.7),
        (2.0, 3.0, Direction.BETTER, -1, -33.3),
        (2.5, 3.0, Direction.TOO_SMALL, -0.5, -16.7),
        (0.5, 1.0, Direction.TOO_SMALL, -0.5, -50),
        (8.0, 6.0, Direction.WORSE, 2, 33.3),
        (4.0, 3.0, Direction.WORSE, 1, 33.3),
        (7.0, 6.0, Direction.TOO_SMALL, 1, 16.7),
        (9.0, 7.0, Direction.WORSE, 2, 28.6),
        (5.0, 5.0, Direction.TOO_SMALL, 0, 0),
    ],
)
def test_a_change_is_called_from_two_points_or_a_third(
    now: float, before: float, direction: Direction, points: float, percent: float
) -> None:
    change = change_words(now, before)
    assert change.direction == direction
    assert change.points == pytest.approx(points)
    assert change.percent == pytest.approx(percent, abs=0.05)


def test_from_no_pain_there_is_no_percentage() -> None:
    change = change_words(2.0, 0.0)
    assert change.direction == Direction.WORSE
    assert change.percent is None
    assert str(change.words) == "Pain about 2 over 7 days, was 0 at the start (+2 of 10 points): worse"


def test_points_and_percent_are_both_said() -> None:
    assert str(change_words(4.0, 6.0).words) == (
        "Pain about 4 over 7 days, was 6 at the start (-2 of 10 points, -33 %): much better"
    )
    assert str(change_words(4.0, 4.5).words) == (
        "Pain about 4 over 7 days, was 4.5 at the start (-0.5 of 10 points, -11 %): no clear change"
    )
    assert str(change_words(5.0, 5.0).words) == (
        "Pain about 5 over 7 days, was 5 at the start (0 of 10 points, 0 %): no clear change"
    )


def test_two_points_are_two_points_whatever_the_floats_say() -> None:
    assert 2.1 - 4.1 > -2
    assert change_words(2.1, 4.1).direction == Direction.BETTER


def test_means_of_a_run_of_days_are_those_of_each_day() -> None:
    entries = daily(4, None, 5, None, 6, 7, 0, None, None, 3, 10, None, 2)
    scores = worst_by_day(entries)
    days = [on(n) for n in range(1, 14)]
    means = seven_day_means(scores, days[0], days[-1])
    assert means == [seven_day_mean(entries, day) for day in days] == [week_mean(scores, day) for day in days]


def test_the_band_ends_where_a_change_begins_to_be_called() -> None:
    # From 8 two points, from 4 a third of it, from 2 the one point that is felt at all; nothing is under 0 or over 10.
    bands = {8.0: (6.0, 10.0), 4.0: (2.68, 5.32), 2.0: (1.0, 3.0), 9.5: (7.5, 10.0), 0.5: (0.0, 1.5)}
    for before, (low, high) in bands.items():
        assert too_small_band(before) == pytest.approx((low, high))
    # One point less than 2 is half of it, and is called; a little less than one point is not.
    assert change_words(1.0, 2.0).direction is Direction.BETTER
    assert change_words(1.1, 2.0).direction is Direction.TOO_SMALL
    assert change_words(2.67, 4.0).direction is Direction.BETTER
    assert change_words(2.69, 4.0).direction is Direction.TOO_SMALL
