"""Which phase of a programme is due, and what it prescribes. The weeks were counted on a paper calendar."""

from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from service.catalogue.library import shipped
from service.catalogue.rules import Dose, Effort, Side, WorkingSide, dose_default
from service.plans.rules import FixedWeekdays, TimesPerWeek
from service.plans.rules.changes import Asked, Words, habit_changes, lesson_changes, place_changes, word_changes
from service.plans.rules.programmes import (
    Place,
    began_on,
    entry_week,
    phase_due,
    phase_from,
    phase_items,
    week_on,
)

EXERCISES = {exercise.id: exercise for exercise in shipped().exercises}
PROGRAMMES = {programme.id: programme for programme in shipped().programmes}
OA = PROGRAMMES["prog-oa"]  # weeks 1-2, 3-6, 7-12
LEAP = PROGRAMMES["prog-gt-leap"]  # weeks 1, 2, 3-8, 9-52


@dataclass(frozen=True)
class Pause:
    from_day: date
    until_day: date | None


def march(day: int) -> date:
    return date(2026, 2, 28) + timedelta(days=day)


HOLIDAY = Pause(march(5), march(11))  # seven days


def test_weeks_count_from_one_and_a_pause_makes_none() -> None:
    for day, pauses, week in (
        (march(1), [], 0),
        (march(2), [], 1),
        (march(8), [], 1),
        (march(9), [], 2),
        (march(9), [HOLIDAY], 1),
        (march(16), [HOLIDAY], 2),
        (march(40), [Pause(march(5), None)], 1),
        # The day itself is not over yet: whether it is paused says nothing about the days before.
        (march(9), [Pause(march(9), march(12))], 2),
    ):
        assert week_on(march(2), day, pauses) == week, (day, pauses)


def test_the_next_phase_is_due_when_its_week_is_reached_and_this_one_has_had_its_time() -> None:
    begun = march(2)
    for phase, since, day, pauses, due in (
        (1, begun, begun + timedelta(days=13), [], None),
        (1, begun, begun + timedelta(days=14), [], (2, 3, 3, 3)),
        (1, begun, begun + timedelta(days=14), [HOLIDAY], None),
        (1, begun, begun + timedelta(days=21), [HOLIDAY], (2, 3, 3, 3)),
        # Weeks later it is still the next one, never the one after.
        (1, begun, begun + timedelta(weeks=20), [], (2, 3, 3, 21)),
        # Begun a week late: phase 2 has its four weeks all the same.
        (2, begun + timedelta(weeks=3), begun + timedelta(weeks=6), [], None),
        (2, begun + timedelta(weeks=3), begun + timedelta(weeks=7), [], (3, 3, 7, 8)),
        # Begun early: not before the programme's own week.
        (2, begun + timedelta(weeks=1), begun + timedelta(weeks=5), [], None),
        (2, begun + timedelta(weeks=1), begun + timedelta(weeks=6), [], (3, 3, 7, 7)),
        # After the last phase comes none, and a phase that no programme has is none.
        (3, begun, begun + timedelta(weeks=30), [], None),
        (9, begun, begun + timedelta(weeks=30), [], None),
        # A phase to come.
        (2, begun + timedelta(weeks=9), begun + timedelta(weeks=8), [], None),
    ):
        found = phase_due(OA, Place("prog-oa", phase, begun), since, day, EXERCISES, pauses)
        told = (found.phase, found.phases, found.week, found.now) if found else None
        assert told == due, (phase, since, day, pauses)


def test_an_exercise_that_may_not_be_done_yet_holds_its_phase_back() -> None:
    early = LEAP.phases[1]
    gated = {code: EXERCISES[code] for code in early.exercises}
    assert entry_week(early, gated, ["gt"]) == 2
    gated["glu-bridge-offset"] = replace(gated["glu-bridge-offset"], not_before_week={"gt": 5, "fai": 9})
    assert entry_week(early, gated, ["gt"]) == 5
    assert entry_week(early, gated, ["hip_oa"]) == 2
    place = Place("prog-gt-leap", 1, march(2))
    assert phase_due(LEAP, place, march(2), march(2) + timedelta(days=27), gated) is None
    day = march(2) + timedelta(days=28)
    assert phase_due(LEAP, place, march(2), day, gated) is not None
    # For the client's own label it is later still.
    assert phase_due(LEAP, place, march(2), day, gated, labels=["fai"]) is None


def test_a_phase_began_with_the_first_of_the_versions_that_have_it() -> None:
    one, two = Place("prog-oa", 1, march(2)), Place("prog-oa", 2, march(2))
    for places, since in (
        ([(march(2), one)], march(2)),
        ([(march(2), one), (march(9), one)], march(2)),
        ([(march(2), one), (march(16), two), (march(20), two)], march(16)),
        # Back to the first phase: its weeks are counted anew.
        ([(march(2), one), (march(16), two), (march(20), one)], march(20)),
        ([(march(2), None), (march(16), two)], march(16)),
    ):
        assert phase_from(places) == since


def test_a_plan_that_starts_in_a_later_phase_counts_the_weeks_before_it() -> None:
    assert [began_on(OA, phase, march(30)) for phase in (1, 2, 3)] == [march(30), march(16), march(-12)]


def test_what_a_phase_prescribes() -> None:
    first, _, third, fourth = LEAP.phases
    items = phase_items(first, EXERCISES)
    assert [item.exercise for item in items] == list(first.exercises)
    assert {item.dose.effort for item in items} == {Effort.LIGHT}
    assert items[1].dose.sets == EXERCISES["glu-bridge-double"].dose.sets[0]
    assert {type(item.cadence) for item in items} == {FixedWeekdays}
    assert [item.cadence for item in phase_items(fourth, EXERCISES)] == [TimesPerWeek(3, 1)] * 3
    # A side with a choice is never guessed.
    assert phase_items(fourth, EXERCISES)[0].dose.side is None
    # What is hidden is left out; what is prescribed already keeps its dose, one item for each.
    left = dose_default(EXERCISES["glu-bridge-single"])
    mine = [
        Dose(3, 7, 4, 50, "slow", 2.0, None, Effort.HARD, side, WorkingSide.STANCE) for side in (Side.LEFT, Side.RIGHT)
    ]
    known = {code: EXERCISES[code] for code in third.exercises if code != "glu-squat-offset"}
    again = phase_items(third, known, {"glu-bridge-single": mine})
    assert [item.exercise for item in again] == [
        "glu-iso-abd-stand",
        "glu-bridge-single",
        "glu-bridge-single",
        "glu-sidestep-band",
    ]
    assert [item.dose for item in again[1:3]] == mine != [left, left]


def test_every_phase_of_every_shipped_programme_can_be_drafted_within_the_ranges_of_its_exercises() -> None:
    drafted = 0
    for programme in shipped().programmes:
        for phase in programme.phases:
            items = phase_items(phase, EXERCISES)
            assert [item.exercise for item in items] == list(phase.exercises)
            assert 2 <= len(items) <= 4
            assert entry_week(phase, EXERCISES, programme.contexts) == phase.weeks[0], (programme.id, phase.name)
            drafted += 1
    assert (len(PROGRAMMES), drafted) == (11, 36)


def test_what_changed_beside_the_doses_in_a_line() -> None:
    one, two = Place("prog-oa", 1, march(2)), Place("prog-oa", 2, march(2))
    sitting, walk = Asked("a", "Did you sit long?", None), Asked("b", "Minutes walked?", 20.0)
    far = Asked("b", "Minutes walked?", 30.0)
    before = Words("Plan", None, {"k": ("Clamshell", None)})
    for lines, told in (
        (place_changes(None, None, 0), []),
        (place_changes(one, one, 3), []),
        (place_changes(None, one, 3), ["Phase 1 of 3"]),
        (place_changes(one, two, 3), ["Phase 2 of 3"]),
        (place_changes(two, None, 0), ["No longer in phases"]),
        (place_changes(two, Place("prog-oa", 2, march(9)), 3), ["The weeks are counted from another day"]),
        (habit_changes([sitting, walk], [walk]), ["Habit taken out: Did you sit long?"]),
        (habit_changes([walk], [walk, sitting]), ["New habit: Did you sit long?"]),
        (habit_changes([walk], [far]), ["Minutes walked? target 20 to target 30"]),
        (lesson_changes({"a": ("Pain", "Up to 3")}, {"a": ("Pain", "Up to 3")}), []),
        (
            lesson_changes(
                {"a": ("Pain", "Up to 3"), "b": ("Sleep", "Well")}, {"a": ("Pain", "Up to 5"), "c": ("Sit", "Less")}
            ),
            ["A note to read, changed: Pain", "A note to read: Sit", "A note to read was taken out: Sleep"],
        ),
        (word_changes(before, before), []),
        (
            word_changes(before, Words("Plan B", "Slowly", {"k": ("Clamshell", "Heels together")})),
            ["Clamshell: a new tip", "The plan has a new name", "A new note"],
        ),
    ):
        assert [str(line) for line in lines] == told
