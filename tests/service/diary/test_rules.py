from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.library import shipped
from service.diary.rules import (
    STAFF_BACK_DAYS,
    HabitAnswer,
    HabitValue,
    day_problem,
    done_at_problem,
    habit_answer,
    habit_met,
    local_day,
    merged,
    pain_score_problem,
)
from service.words import translator

TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HABITS = {habit.id: habit for habit in shipped().habits}


def answer(number: int, value: HabitValue | None, minute: int, received: int) -> HabitAnswer:
    written_at, received_at = NOON + timedelta(minutes=minute), NOON + timedelta(minutes=received)
    return HabitAnswer(UUID(int=number), value, written_at, received_at)


@pytest.mark.parametrize("score", range(11))
def test_whole_numbers_from_0_to_10_are_scores(score: int) -> None:
    assert pain_score_problem(score) is None


@pytest.mark.parametrize("value", [-1, 11, 100, 3.5, 4.0, "4", "four", "", None, True, False, [4]])
def test_anything_else_is_asked_for_again(value: object) -> None:
    problem = pain_score_problem(value)
    assert problem is not None
    assert problem.code == "pain_score"
    assert str(problem.message) == "Use a whole number from 0 to 10."


@pytest.mark.parametrize("back", range(8))
def test_a_client_may_go_back_a_week(back: int) -> None:
    assert day_problem(TODAY - timedelta(days=back), TODAY) is None


def test_a_client_may_not_go_back_eight_days_and_staff_may_go_back_400() -> None:
    eight_days_ago = date(2026, 3, 2)
    problem = day_problem(eight_days_ago, TODAY)
    assert problem is not None
    assert (problem.code, str(problem.message)) == ("day_too_old", "Use a day of the last 7 days.")
    assert day_problem(eight_days_ago, TODAY, STAFF_BACK_DAYS) is None
    assert day_problem(date(2025, 2, 3), TODAY, STAFF_BACK_DAYS) is None
    problem = day_problem(date(2025, 2, 2), TODAY, STAFF_BACK_DAYS)
    assert problem is not None
    assert (problem.code, str(problem.message)) == ("day_too_old", "Use a day of the last 400 days.")


@pytest.mark.parametrize("back_days", [7, 400])
def test_nobody_writes_about_tomorrow(back_days: int) -> None:
    problem = day_problem(date(2026, 3, 11), TODAY, back_days)
    assert problem is not None
    assert (problem.code, str(problem.message)) == ("day_in_future", "Use today or a day before it.")


def test_what_would_be_right_is_said_in_spanish_too() -> None:
    refusals = [pain_score_problem(11), day_problem(date(2026, 3, 11), TODAY), day_problem(date(2026, 3, 2), TODAY)]
    refusals.append(done_at_problem(NOON - timedelta(days=401), NOON))
    refusals += [habit_answer(kind, ("back",), "x")[1] for kind in ("yes_no", "choice", "minutes", "count", "number")]
    msgids = [refusal.message.msgid for refusal in refusals if refusal]
    assert len(msgids) == 9
    assert [msgid for msgid in msgids if translator("es").gettext(msgid) == msgid] == []


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (datetime(2026, 3, 10, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 3, 10)),
        (datetime(2026, 3, 10, 3, 59, tzinfo=UTC), "America/New_York", date(2026, 3, 9)),
        (datetime(2026, 3, 10, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 3, 11)),
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "America/Chicago", date(2026, 3, 8)),
        (datetime(2026, 3, 10, 0, 0, tzinfo=UTC), "UTC", date(2026, 3, 10)),
    ],
)
def test_a_day_is_the_clients_own(instant: datetime, zone: str, day: date) -> None:
    assert local_day(instant, ZoneInfo(zone)) == day


def test_an_instant_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        local_day(datetime(2026, 3, 10, 12), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("code", "value", "met"),
    [
        ("hab-cross-legs", 0, True),
        ("hab-cross-legs", 1, False),
        ("hab-stand-total", 120, True),
        ("hab-stand-total", 119, False),
        ("hab-car-min", 60, True),
        ("hab-car-min", 61.5, False),
        ("hab-hang-hip", True, True),
        ("hab-hang-hip", False, False),
        ("hab-wallet", False, True),
        ("hab-wallet", True, False),
        ("hab-stairs", "no_stairs", True),
        ("hab-stairs", "no", False),
        ("hab-side-sleep", "sore_side", False),
        ("hab-side-sleep", "not_sure", None),
        ("hab-shoes", 800, True),
        ("hab-shoes", 801, False),
    ],
)
def test_an_answer_meets_its_target_or_does_not(code: str, value: HabitValue, met: bool | None) -> None:
    assert habit_met(HABITS[code], value) is met


def test_breaks_are_counted_against_the_hours_of_sitting() -> None:
    breaks = HABITS["hab-sit-break"]
    assert habit_met(breaks, 8, sitting_hours=4) is True
    assert habit_met(breaks, 7, sitting_hours=4) is False
    assert habit_met(breaks, 8) is None


def test_the_therapists_own_number_is_a_ceiling_for_running_and_a_floor_for_walking() -> None:
    assert habit_met(HABITS["hab-run-load"], 5.0, plan_target=5) is True
    assert habit_met(HABITS["hab-run-load"], 5.1, plan_target=5) is False
    assert habit_met(HABITS["hab-walk"], 20, plan_target=20) is True
    assert habit_met(HABITS["hab-walk"], 19, plan_target=20) is False
    assert habit_met(HABITS["hab-bike-load"], 30) is None
    assert habit_met(HABITS["hab-walk"], 20) is None


@pytest.mark.parametrize("code", HABITS)
def test_no_answer_never_meets_a_target(code: str) -> None:
    assert habit_met(HABITS[code], None, plan_target=0, sitting_hours=0) is None


def test_a_word_is_no_amount() -> None:
    with pytest.raises(ValueError, match="'often' is not an amount"):
        habit_met(HABITS["hab-cross-legs"], "often")


@pytest.mark.parametrize(
    ("kind", "value", "column"),
    [
        ("yes_no", False, "yes"),
        ("choice", "back", "choice"),
        ("count", 0, "amount"),
        ("minutes", 1440, "amount"),
        ("count", 999, "amount"),
        ("number", 9999, "amount"),
        ("number", 2.5, "amount"),
    ],
)
def test_an_answer_goes_into_the_one_column_of_its_kind(kind: str, value: HabitValue, column: str) -> None:
    columns, problem = habit_answer(kind, ("back", "front"), value)
    assert problem is None
    assert {name: told for name, told in columns.items() if told is not None} == {column: value, "skipped": False}


def test_no_answer_is_a_habit_that_was_skipped() -> None:
    assert habit_answer("yes_no", (), None) == ({"yes": None, "amount": None, "choice": None, "skipped": True}, None)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("yes_no", 1, "Answer yes or no."),
        ("yes_no", "yes", "Answer yes or no."),
        ("choice", "side", "Choose one of: back, front."),
        ("count", -1, "Use a whole number from 0 to 999."),
        ("count", 1000, "Use a whole number from 0 to 999."),
        ("count", 2.5, "Use a whole number from 0 to 999."),
        ("minutes", 1441, "Use a whole number from 0 to 1440."),
        ("minutes", True, "Use a whole number from 0 to 1440."),
        ("minutes", "ten", "Use a whole number from 0 to 1440."),
        ("number", 9999.5, "Use a number from 0 to 9999."),
        ("number", float("nan"), "Use a number from 0 to 9999."),
        ("number", float("inf"), "Use a number from 0 to 9999."),
    ],
)
def test_an_answer_of_another_kind_is_told_what_would_be_right(kind: str, value: HabitValue, message: str) -> None:
    _, problem = habit_answer(kind, ("back", "front"), value)
    assert problem is not None
    assert str(problem.message) == message


def test_the_answer_written_last_stands_even_when_it_arrives_first() -> None:
    by_text = answer(1, True, minute=5, received=5)
    from_the_phone = answer(2, False, minute=0, received=60)
    for order in permutations([by_text, from_the_phone]):
        assert merged(order) == by_text


def test_taking_an_answer_back_is_an_answer() -> None:
    taken_back = answer(2, None, minute=1, received=1)
    assert merged([answer(1, True, 0, 0), taken_back]) == taken_back


def test_nobody_answered() -> None:
    assert merged([]) is None


ANSWERS = st.lists(
    st.builds(answer, st.integers(0, 99), st.booleans(), st.integers(0, 2), st.integers(0, 2)),
    unique_by=lambda each: each.id,
)


@given(ANSWERS.flatmap(lambda answers: st.tuples(st.just(answers), st.permutations(answers))), st.integers(0, 5))
def test_answers_merge_to_the_same_one_in_any_order_and_piece_by_piece(
    orders: tuple[list[HabitAnswer], list[HabitAnswer]], pieces: int
) -> None:
    answers, replayed = orders
    early = merged(replayed[:pieces])
    assert merged(answers) == merged(replayed)
    assert merged(answers) == merged([*replayed[pieces:], *([early] if early else [])])
