from dataclasses import replace

import pytest

from service.catalogue.library import shipped
from service.catalogue.rules import (
    Dose,
    Effort,
    Exercise,
    Guard,
    LoadUnit,
    Sentence,
    Side,
    WorkingSide,
    contradictions,
    dose_default,
    dose_problems,
    minutes,
    seconds,
)
from service.catalogue.rules.own import OwnExercise, problems

EXERCISES = {exercise.id: exercise for exercise in shipped().exercises}
CLAM = EXERCISES["glu-clam"]
CLAM_DOSE = Dose(
    sets=3,
    reps=10,
    hold_seconds=0,
    rest_seconds=60,
    tempo="2 s up, 3 s down",
    load=None,
    load_unit=None,
    effort=Effort.LIGHT,
    side=Side.LEFT,
    working_side=WorkingSide.MOVING,
)


def said(exercise: Exercise, dose: Dose) -> list[tuple[str, str]]:
    return [(field, str(message)) for field, message in dose_problems(exercise, dose)]


def test_the_default_dose_is_the_low_end_of_every_range_and_leaves_the_side_open() -> None:
    assert dose_default(CLAM) == replace(CLAM_DOSE, sets=2, reps=8, rest_seconds=45, side=None)


def test_an_exercise_for_both_sides_needs_no_choice() -> None:
    assert dose_default(EXERCISES["glu-bridge-double"]).side == Side.BOTH


def test_a_dose_inside_the_ranges_has_no_problem() -> None:
    assert said(CLAM, CLAM_DOSE) == []


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_every_default_dose_lacks_at_most_its_side(exercise: Exercise) -> None:
    assert {field for field, _ in dose_problems(exercise, dose_default(exercise))} <= {"side"}


def test_a_figure_outside_its_range_is_told_what_would_be_right() -> None:
    wrong = replace(CLAM_DOSE, sets=4, reps=20, hold_seconds=10, rest_seconds=10)
    assert said(CLAM, wrong) == [
        ("sets", "Use a whole number from 2 to 3."),
        ("reps", "Use a whole number from 8 to 15."),
        ("hold_seconds", "Use a whole number from 0 to 3."),
        ("rest_seconds", "Use a whole number from 45 to 60."),
    ]


def test_both_ends_of_a_range_are_inside_it() -> None:
    assert said(CLAM, replace(CLAM_DOSE, reps=8)) == said(CLAM, replace(CLAM_DOSE, reps=15)) == []


def test_a_range_of_one_figure_asks_for_that_figure() -> None:
    wall = EXERCISES["glu-iso-wall"]
    assert said(wall, replace(dose_default(wall), side=Side.RIGHT, hold_seconds=6)) == [("hold_seconds", "Use 5.")]


def test_a_side_the_exercise_does_not_have_is_refused() -> None:
    bridge = EXERCISES["glu-bridge-double"]
    assert said(CLAM, replace(CLAM_DOSE, side=Side.BOTH)) == [("side", "Choose left or right.")]
    assert said(bridge, replace(dose_default(bridge), side=Side.LEFT)) == [
        ("side", "This exercise works both sides at once: choose both.")
    ]
    reach = EXERCISES["glu-bird-dog"]
    assert said(reach, dose_default(reach)) == [("side", "Choose left, right or both.")]


def test_the_leg_that_is_trained_cannot_be_swapped() -> None:
    assert said(CLAM, replace(CLAM_DOSE, working_side=WorkingSide.STANCE)) == [
        ("working_side", "This exercise trains the leg that moves.")
    ]


def test_the_wall_press_may_name_the_leg_that_stands() -> None:
    wall = EXERCISES["glu-iso-wall"]
    dose = replace(dose_default(wall), side=Side.LEFT, working_side=WorkingSide.STANCE)
    assert said(wall, dose) == []


@pytest.mark.parametrize(
    ("load", "unit", "problem"),
    [
        (4.0, LoadUnit.KG, []),
        (0.0, LoadUnit.KG, []),
        (4.0, None, [("load_unit", "Choose kg, lb or band.")]),
        (None, LoadUnit.KG, [("load", "Say how much, or leave the unit out.")]),
        (-1.0, LoadUnit.KG, [("load", "Use 0 or more.")]),
    ],
)
def test_a_load_and_its_unit_go_together(
    load: float | None, unit: LoadUnit | None, problem: list[tuple[str, str]]
) -> None:
    assert said(CLAM, replace(CLAM_DOSE, load=load, load_unit=unit)) == problem


def test_a_rep_lasts_as_long_as_its_tempo_says() -> None:
    # 3 sets of 10 reps of 2 + 3 s, and two rests of 60 s
    assert seconds(CLAM_DOSE) == 3 * 10 * 5 + 2 * 60 == 270


def test_a_tempo_without_figures_counts_four_seconds_a_rep() -> None:
    assert seconds(replace(CLAM_DOSE, tempo="slow")) == 3 * 10 * 4 + 2 * 60 == 240
    assert seconds(replace(CLAM_DOSE, tempo=None)) == 240


def test_a_span_in_a_tempo_counts_its_low_end() -> None:
    assert seconds(replace(CLAM_DOSE, sets=1, tempo="press 3-6 s, relax, hold")) == 10 * 3


def test_in_a_single_set_of_holds_the_rest_falls_between_the_holds() -> None:
    stretch = replace(CLAM_DOSE, sets=1, reps=4, hold_seconds=15, rest_seconds=10, tempo="still")
    assert seconds(stretch) == 4 * (15 + 4) + 3 * 10 == 106


def test_the_minutes_of_a_whole_plan_are_rounded_up_once() -> None:
    assert minutes(CLAM_DOSE) == 5
    assert minutes(CLAM_DOSE, CLAM_DOSE) == 9
    assert minutes(*[CLAM_DOSE] * 14) == 63
    assert minutes() == 0


def test_what_must_be_avoided_comes_before_what_needs_care() -> None:
    found = contradictions(EXERCISES["ham-strap"], {"fai", "pht", "hip_oa"})
    assert [(c.guard, c.context, str(c.reason)) for c in found] == [
        (Guard.AVOID, "pht", "end-range stretch squeezes the tendon on the sit bone"),
        (Guard.CAUTION, "fai", "keep the leg lower"),
    ]


def test_a_stage_gate_closes_until_its_week() -> None:
    step = EXERCISES["glu-step-up"]
    early = [c for c in contradictions(step, {"gt"}, week=5) if c.guard == Guard.TOO_EARLY]
    assert [str(c.reason) for c in early] == ["Not before week 6 of the programme."]
    for week in (6, None):
        assert [c.guard for c in contradictions(step, {"gt"}, week)] == [Guard.CAUTION]


def test_no_label_means_no_contradiction() -> None:
    assert contradictions(EXERCISES["glu-pelvic-drop"], set(), week=1) == []


def test_a_sentence_inside_a_sentence_is_translated_too() -> None:
    spanish = {"%(name)s: %(reps)s times": "%(name)s: %(reps)s veces", "Clamshell": "La almeja"}
    line = Sentence("%(name)s: %(reps)s times", {"name": Sentence("Clamshell"), "reps": 10})
    assert str(line) == "Clamshell: 10 times"
    assert line.read(spanish.__getitem__) == "La almeja: 10 veces"
    assert line.read(str, show=lambda value: f"<{value}>") == "Clamshell: <10> times"


def test_a_sentence_comes_back_from_storage_as_it_was() -> None:
    line = Sentence("%(name)s: %(reps)s times", {"name": Sentence("Clamshell"), "reps": 10})
    assert Sentence.from_stored(line.stored()) == line
    assert line.stored() == {
        "msgid": "%(name)s: %(reps)s times",
        "params": {"name": {"msgid": "Clamshell", "params": {}}, "reps": 10},
    }


def test_a_sentence_without_parts_may_hold_a_percent_sign() -> None:
    assert str(Sentence("Press at 50% of full effort")) == "Press at 50% of full effort"


def test_an_exercise_of_our_own_has_a_name_that_is_seen() -> None:
    move = OwnExercise("Bridge", "glute", [Side.BOTH], WorkingSide.BOTH, (2, 3), (8, 12), (0, 0))
    assert problems(move) == []
    [found] = problems(replace(move, name=" "))
    assert (found.pointer, found.message) == ("/name", "Use 1 to 120 characters.")
