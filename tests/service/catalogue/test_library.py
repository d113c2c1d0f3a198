import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.library import DATA, BrokenEntry, FlagTier, read, shipped
from service.catalogue.rules import Side, WorkingSide
from service.catalogue.rules.habits import Good

Damage = Callable[[str, Callable[[Any], object]], Path]


@pytest.fixture
def damaged(tmp_path: Path) -> Damage:
    """A copy of the shipped data with one file changed by hand."""

    def damage(file: str, change: Callable[[Any], object]) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder)
        path = folder / f"{file}.json"
        body = json.loads(path.read_bytes())
        change(body)
        path.write_text(json.dumps(body))
        return folder

    return damage


def exercise(body: Any, code: str) -> Any:
    return next(entry for entry in body["exercises"] if entry["id"] == code)


def refusal(folder: Path) -> str:
    with pytest.raises(BrokenEntry) as refused:
        read(folder)
    return str(refused.value)


def test_the_library_is_all_there() -> None:
    library = shipped()
    assert len(library.exercises) == 58
    assert len(library.programmes) == 11
    assert len(library.habits) == 20
    assert len(library.sites) == 13
    assert len(library.red_flags) == 22
    assert len(library.contexts) == 17
    assert len(library.qualities) == 10
    assert len(library.aggravators) == 20


def test_it_is_read_once() -> None:
    assert shipped() is shipped()


def test_an_entry_says_what_its_source_says() -> None:
    hitch = next(e for e in shipped().exercises if e.id == "glu-hitch-hold")
    assert hitch.dose.hold_seconds == (10, 40)
    assert hitch.working_side == WorkingSide.STANCE
    assert hitch.sides == (Side.LEFT, Side.RIGHT)
    assert hitch.easier == ("glu-iso-abd-stand", "glu-iso-wall")
    assert hitch.source["dose"] == ("GLOBE",)


def test_yes_and_no_are_words_and_not_truth_values() -> None:
    stairs = next(h for h in shipped().habits if h.id == "hab-stairs")
    assert stairs.options == ("no_stairs", "yes", "no")
    assert stairs.good == Good("any_of", values=("yes", "no_stairs"))
    assert shipped().pain["radiates"]["options"][0] == "no"


def test_every_flag_has_words_and_the_emergency_ones_send_people_to_an_emergency_department() -> None:
    library = shipped()
    tiers = [flag.tier for flag in library.red_flags]
    assert tiers.count(FlagTier.EMERGENCY) == 11
    assert tiers.count(FlagTier.SAME_DAY) == 8
    assert tiers.count(FlagTier.SOON) == 3
    assert "local emergency number" in library.flag_actions["emergency"].patient
    assert "not watched all the time" in library.flag_actions["always"].patient


def test_nobody_with_outer_hip_tendon_pain_is_given_a_hamstring_stretch() -> None:
    library = shipped()
    groups = {exercise.id: exercise.group for exercise in library.exercises}
    for programme in library.programmes:
        if "gt" in programme.contexts:
            prescribed = {code for phase in programme.phases for code in phase.exercises}
            assert {groups[code] for code in prescribed} == {"glute"}


def test_no_phase_has_more_than_four_exercises() -> None:
    assert max(len(phase.exercises) for p in shipped().programmes for phase in p.phases) == 4


def test_a_missing_field_is_refused_by_the_name_of_its_entry(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "glu-clam")["dose"].pop("sets"))
    assert refusal(folder) == "glu-clam: Object missing required field `sets` - at `$.dose`"


def test_a_field_nobody_knows_is_refused(damaged: Damage) -> None:
    folder = damaged("habits", lambda body: body["habits"][0].update(tagret="0"))
    assert refusal(folder) == "hab-cross-legs: Object contains unknown field `tagret`"


def test_two_entries_of_one_name_are_refused(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: body["exercises"].append(body["exercises"][0]))
    assert refusal(folder) == "glu-squeeze: stands twice"


def test_a_link_to_nothing_is_refused(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "glu-clam")["harder"].append("glu-clamp"))
    assert refusal(folder) == "glu-clam: unknown exercise glu-clamp"


def test_a_habit_that_does_not_say_how_sure_it_is_is_refused(damaged: Damage) -> None:
    folder = damaged("habits", lambda body: body["habits"][0].update(strength=None))
    assert refusal(folder) == "hab-cross-legs: has no strength"


def test_a_link_that_goes_one_way_is_refused(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "glu-clam")["easier"].clear())
    assert refusal(folder) == "glu-iso-abd-supine: glu-clam does not call it easier"


def test_an_exercise_easier_than_itself_is_refused(damaged: Damage) -> None:
    def close_the_loop(body: Any) -> None:
        exercise(body, "glu-clam-band")["harder"].append("glu-clam")
        exercise(body, "glu-clam")["easier"].append("glu-clam-band")

    message = refusal(damaged("exercises", close_the_loop))
    assert "easier than itself by way of" in message
    assert "glu-clam-band" in message


def test_a_source_nobody_knows_is_refused_at_any_depth(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "glu-clam")["emg"]["source"].append("EMG-99"))
    assert refusal(folder) == "glu-clam: unknown source EMG-99"


@pytest.mark.parametrize("file", ["codes", "rtm_us", "rules", "pain", "red_flags", "contexts", "programmes"])
def test_every_file_cites_sources_that_exist(file: str, damaged: Damage) -> None:
    def cite_nothing(part: Any) -> bool:
        if isinstance(part, dict) and "source" in part:
            part["source"].append("NOWHERE")
            return True
        children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return any(cite_nothing(child) for child in children)

    assert "unknown source NOWHERE" in refusal(damaged(file, cite_nothing))


def test_a_range_that_runs_backwards_is_refused(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "glu-clam")["dose"].update(reps=[15, 8]))
    assert refusal(folder) == "glu-clam: reps runs from 15 to 8"


def test_an_exercise_cannot_suit_and_harm_the_same_people(damaged: Damage) -> None:
    folder = damaged("exercises", lambda body: exercise(body, "ham-strap")["fits"].append("pht"))
    assert refusal(folder) == "ham-strap: fits a context it must avoid"


def test_a_programme_may_not_prescribe_what_its_people_must_avoid(damaged: Damage) -> None:
    def add_a_stretch(body: Any) -> None:
        tendon = next(p for p in body["programmes"] if p["id"] == "prog-pht")
        tendon["phases"][0]["exercises"].append("ham-strap")

    message = "prog-pht: ham-strap: end-range stretch squeezes the tendon on the sit bone"
    assert refusal(damaged("programmes", add_a_stretch)) == message


def test_a_programme_may_not_open_a_stage_gate_early(damaged: Damage) -> None:
    def squat_at_once(body: Any) -> None:
        body["programmes"][0]["phases"][0]["exercises"].append("glu-sl-squat")

    message = "prog-gt-leap: glu-sl-squat: Not before week 9 of the programme."
    assert refusal(damaged("programmes", squat_at_once)) == message


def test_a_stage_gate_has_to_be_open_in_the_first_week_of_the_phase(damaged: Damage) -> None:
    def step_in_week_three(body: Any) -> None:
        body["programmes"][0]["phases"][2]["exercises"].append("glu-step-up")

    message = "prog-gt-leap: glu-step-up: Not before week 6 of the programme."
    assert refusal(damaged("programmes", step_in_week_three)) == message


def test_a_programme_may_not_ask_for_an_exercise_more_often_than_its_range(damaged: Damage) -> None:
    def every_day(body: Any) -> None:
        next(p for p in body["programmes"] if p["id"] == "prog-oa")["phases"][2]["per_week"] = 6

    message = "prog-oa: Progress has glu-split-squat 6 days a week, not 2 to 3"
    assert refusal(damaged("programmes", every_day)) == message


def test_phases_follow_each_other_without_a_gap(damaged: Damage) -> None:
    folder = damaged("programmes", lambda body: body["programmes"][0]["phases"].pop(1))
    assert refusal(folder) == "prog-gt-leap: a gap before Graduated loading"


def test_a_habit_counts_only_answers_that_can_be_given(damaged: Damage) -> None:
    def misspell(body: Any) -> None:
        next(h for h in body["habits"] if h["id"] == "hab-stairs")["good"]["values"] = ["yes", "no_stair"]

    assert refusal(damaged("habits", misspell)) == "hab-stairs: unknown option no_stair"


def test_a_context_nobody_knows_is_refused(damaged: Damage) -> None:
    folder = damaged("contexts", lambda body: body["contexts"].pop(1))
    assert refusal(folder) == "glu-squeeze: unknown context gt"


def test_a_flag_without_an_action_is_refused(damaged: Damage) -> None:
    folder = damaged("red_flags", lambda body: body["actions"].pop("soon"))
    assert refusal(folder) == "rf-constitutional: unknown action soon"
