import re
from dataclasses import replace

import pytest

from service.catalogue.library import shipped
from service.catalogue.rules import Dose, LoadUnit, Side, WorkingSide
from service.portal.rules import (
    chips,
    dose_words,
    goal_words,
    habit_value,
    prompt_in_public,
    score_of,
    side_words,
)

ONE_SIDE = (Side.LEFT, Side.RIGHT)
DOSE = Dose(
    sets=2,
    reps=10,
    hold_seconds=0,
    rest_seconds=30,
    tempo=None,
    load=None,
    load_unit=None,
    effort=None,
    side=Side.RIGHT,
    working_side=WorkingSide.MOVING,
)


@pytest.mark.parametrize(
    ("fields", "times_a_day", "words"),
    [
        ({}, 1, "2 sets of 10"),
        ({"hold_seconds": 5}, 1, "2 sets of 10, hold 5 seconds"),
        ({"hold_seconds": 1}, 1, "2 sets of 10, hold 1 second"),
        ({"sets": 1, "reps": 3, "hold_seconds": 30}, 1, "3 times, hold 30 seconds"),
        ({"sets": 4, "reps": 1, "hold_seconds": 20}, 1, "4 times, hold 20 seconds"),
        ({"sets": 1, "reps": 1, "hold_seconds": 45}, 1, "Once, hold 45 seconds"),
        ({"load": 5.0, "load_unit": LoadUnit.KG}, 1, "2 sets of 10, with 5 kg"),
        ({"load": 2.5, "load_unit": LoadUnit.LB}, 1, "2 sets of 10, with 2.5 lb"),
        ({"load": 2.0, "load_unit": LoadUnit.BAND}, 2, "2 sets of 10, with band 2, 2 times a day"),
    ],
)
def test_a_dose_is_told_in_words(fields: dict[str, object], times_a_day: int, words: str) -> None:
    assert str(dose_words(replace(DOSE, **fields), times_a_day)) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("working_side", "side", "words"),
    [
        (WorkingSide.MOVING, Side.LEFT, "Move the left leg"),
        (WorkingSide.STANCE, Side.LEFT, "Weight on the left leg"),
        (WorkingSide.BOTH, Side.RIGHT, "Right leg"),
        (WorkingSide.MOVING, Side.BOTH, "Both legs, one after the other"),
    ],
)
def test_the_side_says_which_leg_does_what(working_side: WorkingSide, side: Side, words: str) -> None:
    assert str(side_words(replace(DOSE, working_side=working_side, side=side), ONE_SIDE)) == words


def test_an_exercise_of_both_sides_and_a_side_nobody_chose_say_nothing() -> None:
    assert side_words(replace(DOSE, side=Side.BOTH), [Side.BOTH]) is None
    assert side_words(replace(DOSE, side=None), ONE_SIDE) is None


@pytest.mark.parametrize(("words", "score"), [("0", 0), ("4", 4), ("10", 10), ("04", 4)])
def test_a_score_is_a_whole_number_from_0_to_10(words: str, score: int) -> None:
    assert score_of(words) == score


@pytest.mark.parametrize("words", ["11", "-1", "+4", "3.5", "four", "", "²", "٤", "004", "1 0"])
def test_nothing_else_is_a_score(words: str) -> None:
    assert score_of(words) is None


def test_a_habit_answer_is_read_by_its_kind() -> None:
    assert habit_value("yes_no", "yes") is True
    assert habit_value("yes_no", "no") is False
    assert habit_value("yes_no", "1") is None
    assert habit_value("minutes", "45") == 45
    assert habit_value("number", "2,5") == 2.5
    assert [habit_value("count", words) for words in ("-1", "1e3", "inf", "nan", "")] == [None] * 5
    assert habit_value("choice", "back") == "back"


@pytest.mark.parametrize(
    ("good", "target", "amounts"),
    [
        ({"rule": "max", "value": 60}, None, ["0", "30", "60"]),
        ({"rule": "max", "value": 0}, None, ["0", "1", "2"]),
        ({"rule": "min_from_plan"}, 30, ["0", "15", "30"]),
        ({"rule": "min_from_plan"}, None, ["0"]),
        ({"rule": "min_per_sitting_hour", "value": 2}, None, ["0"]),
    ],
)
def test_a_number_is_told_by_none_some_or_the_goal(
    good: dict[str, object], target: float | None, amounts: list[str]
) -> None:
    assert [sent for sent, _ in chips("minutes", [], "min", good, target)] == amounts


@pytest.mark.parametrize(
    ("rule", "goal", "words", "amounts"),
    [
        ("min", 2.5, "Goal: 2.5 or more.", ["0", "1", "2.5"]),
        ("max", 0.4, "Goal: 0.4 or less.", ["0", "1", "2"]),
        ("min", 1440.0, "Goal: 1440 or more.", ["0", "720", "1440"]),
    ],
)
def test_a_goal_that_is_no_whole_number_is_said_as_it_is(
    rule: str, goal: float, words: str, amounts: list[str]
) -> None:
    good = {"rule": rule, "value": goal}
    assert str(goal_words(good, None, "km")) == words
    assert [sent for sent, _ in chips("number", [], "km", good, None)] == amounts


def test_every_option_of_the_library_has_words_and_a_clinics_own_are_words() -> None:
    for habit in shipped().habits:
        for option, words in chips(habit.kind, habit.options, habit.unit, {}, None):
            assert "_" not in str(words), option
    assert str(chips("choice", ["Half an hour"], None, {}, None)[0][1]) == "Half an hour"


def test_a_question_in_public_names_no_complaint() -> None:
    told = {habit.id: prompt_in_public(habit.prompt) for habit in shipped().habits}
    assert told["hab-hang-hip"] == "Did you stand evenly on both feet when waiting?"
    assert [habit for habit, words in told.items() if words is None] == ["hab-woke", "hab-no-outer-stretch"]
    assert prompt_in_public("¿Cuántas veces le despertó el dolor de cadera?") is None
    assert prompt_in_public("Why did you stop?", "Too late", "My hip hurt") is None
    spanish = ("¿Te dolió al caminar?", "¿Te dolía?", "¿Te duelen?", "Que no te duela", "¿Estás adolorido?", "Doler")
    assert [words for words in spanish if prompt_in_public(words)] == []
    assert prompt_in_public("¿Has ido al duelo con los adolescentes?") is not None
    assert not [words for words in told.values() if words and re.search(r"\bhip\b|\bpain\b", words)]
