"""What an intake may say, what it has in common with the catalogue's patterns, and how its form is read."""

from uuid import UUID

from service.catalogue.library import shipped
from service.intake import forms
from service.intake.rules import Answers, Goal, changed, patterns, problems, settled, treatment_problems


def suggested(answers: Answers) -> list[str]:
    return [code for pattern in patterns(answers) for code in (*pattern.suggests, *["!"] * pattern.warning)]


def test_a_pattern_needs_every_part_of_what_was_reported() -> None:
    outer, deep, groin = ("lateral_hip", "right"), ("deep_buttock", None), ("groin_front", "left")
    rows: list[tuple[Answers, list[str]]] = [
        (Answers(), []),
        # Outer hip, night on the side, and stairs or one leg.
        (Answers(sites=[outer], timing=["night_lying_on_side"], aggravators=["stairs_up"]), ["gt"]),
        (Answers(sites=[outer], aggravators=["lying_on_sore_side", "standing_on_one_leg"]), ["gt"]),
        (Answers(sites=[outer], timing=["night_lying_on_side"]), []),
        (Answers(sites=[outer], aggravators=["stairs_up", "stairs_down"]), []),
        (Answers(sites=[deep], timing=["night_lying_on_side"], aggravators=["stairs_up"]), []),
        # Deep in the buttock, sitting, to the thigh or beyond.
        (Answers(sites=[deep], radiates="to_knee", aggravators=["sitting"]), ["dgs"]),
        (Answers(sites=[deep], radiates="no", aggravators=["sitting"]), []),
        (Answers(sites=[deep], aggravators=["sitting"]), []),
        # Groin, pinch or first steps: two labels, for one pattern.
        (Answers(sites=[groin], qualities=["pinching"]), ["fai", "hip_oa"]),
        (Answers(sites=[groin], aggravators=["first_steps"]), ["fai", "hip_oa"]),
        (Answers(sites=[groin], qualities=["ache"]), []),
        (Answers(sites=[("si_upper_buttock", "both")], aggravators=["rising_from_chair"]), ["sij"]),
        # Shooting to calf or foot: told by how far it runs, or by where it hurts.
        (Answers(qualities=["shooting"], radiates="to_foot", aggravators=["coughing_or_straining"]), ["radic"]),
        (Answers(sites=[("calf", None)], qualities=["shooting"], aggravators=["sitting"]), ["radic"]),
        (Answers(qualities=["shooting"], radiates="to_knee", aggravators=["sitting"]), []),
        (Answers(sites=[("sit_bone", None)], aggravators=["sitting", "running"]), ["pht"]),
        (Answers(sites=[("sit_bone", None)], aggravators=["sitting"]), []),
        (Answers(sites=[("lateral_knee", None)], aggravators=["cycling"]), ["itbs"]),
        # A warning suggests nothing else.
        (Answers(sites=[groin], red_flags=["rf-fever"]), ["!"]),
        (Answers(sites=[outer], red_flags=["rf-fever"]), []),
        # Several places, several patterns, in the order of the catalogue.
        (
            Answers(
                sites=[deep, outer],
                radiates="to_thigh",
                aggravators=["sitting", "lying_on_sore_side", "stairs_down"],
            ),
            ["gt", "dgs"],
        ),
    ]
    assert [suggested(answers) for answers, _ in rows] == [expected for _, expected in rows]
    assert all(pattern.source for pattern in shipped().patterns)


def test_what_cannot_be_right_is_named_by_field() -> None:
    rows: list[tuple[dict[str, object], list[str]]] = [
        ({}, []),
        ({"red_flags": None}, ["/red_flags"]),
        ({"red_flags": ["rf-none"]}, ["/red_flags/0"]),
        ({"sites": [("", "left")]}, ["/sites/0/site"]),
        ({"sites": [("calf", None), ("elbow", None)]}, ["/sites/1/site"]),
        ({"sites": [("calf", "left"), ("calf", "right")]}, []),
        ({"sites": [("calf", "left"), ("calf", "left")]}, ["/sites/1/site"]),
        ({"sites": [("calf", "up")]}, ["/sites/0/side"]),
        ({"sites": [(s.id, None) for s in shipped().sites[:5]]}, ["/sites"]),
        ({"radiates": "to_arm"}, ["/radiates"]),
        ({"qualities": ["ache", "odd"]}, ["/qualities/1"]),
        # When it comes is no aggravator, and the other way round.
        ({"timing": ["sitting"], "aggravators": ["morning"]}, ["/timing/0", "/aggravators/0"]),
        ({"onset": "a" * 1000, "previous_care": "a" * 1001}, ["/previous_care"]),
        ({"goals": [Goal("Walk the dog", 3, 3), Goal("", 2, 8)]}, ["/goals/1/words"]),
        ({"goals": [Goal("Walk the dog", 11, -1)]}, ["/goals/0/now", "/goals/0/wanted"]),
        ({"goals": [Goal("Walk the dog", 7, 6)]}, ["/goals/0/wanted"]),
        ({"goals": [Goal("a")] * 4}, ["/goals"]),
        ({"habits": {"hab-car-min": 45.0, "hab-hang-hip": True, "hab-side-sleep": "back"}}, []),
        ({"habits": {"hab-car-min": 1441.0}}, ["/habits/hab-car-min"]),
        (
            {"habits": {"hab-hang-hip": 1.0, "hab-side-sleep": "chair"}},
            ["/habits/hab-hang-hip", "/habits/hab-side-sleep"],
        ),
        ({"habits": {"hab-fly": True}}, ["/habits/hab-fly"]),
    ]
    found = [problems(Answers(**{"red_flags": [], **told})) for told, _ in rows]  # type: ignore[arg-type]
    assert [[pointer for pointer, _ in one] for one in found] == [expected for _, expected in rows]
    assert all(str(problem.message).endswith(".") for one in found for _, problem in one)


def test_a_treatment_by_field() -> None:
    rows = [
        (("massage", "lateral_hip", "left", 20, None), []),
        (("massage", None, None, None, None), []),
        (("cupping", None, None, None, None), ["/kind"]),
        (("massage", "elbow", "up", 0, None), ["/site", "/side", "/minutes"]),
        (("other", None, None, 241, None), ["/minutes", "/note"]),
        (("other", None, None, None, "a" * 2001), ["/note"]),
    ]
    assert [[p for p, _ in treatment_problems(*told)] for told, _ in rows] == [expected for _, expected in rows]


def test_the_same_answers_in_another_order_are_no_change_but_the_order_of_places_is() -> None:
    one = settled(Answers(sites=[("calf", None), ("low_back", None)], qualities=["dull", "ache", "ache"], onset=" "))
    same = settled(Answers(sites=[("calf", None), ("low_back", None)], qualities=["ache", "dull"]))
    other = settled(Answers(sites=[("low_back", None), ("calf", None)], qualities=["ache", "dull"]))
    assert changed(one, same) == []
    assert changed(other, same) == ["sites"]


def test_a_form_is_read_with_its_gaps_and_shown_again_as_it_was_typed() -> None:
    pairs = [
        ("site_0", "lateral_hip"), ("side_0", "right"), ("site_1", ""), ("site_2", "calf"), ("radiates", "no"),
        ("qualities", "ache"), ("goal_1", "Climb the stairs"), ("now_1", "2"), ("wanted_1", "8"),
        ("habit_hab-car-min", "1,5 h"), ("habit_hab-walk", "30"), ("habit_hab-hang-hip", "no"),
    ]  # fmt: skip
    reading = forms.read(pairs)
    assert reading.answers.sites == (("lateral_hip", "right"), ("calf", None))
    assert reading.answers.goals == (Goal("Climb the stairs", 2, 8),)
    assert reading.answers.habits == {"hab-car-min": "1,5 h", "hab-hang-hip": False, "hab-walk": 30.0}
    assert [pointer for pointer, _ in reading.problems] == ["/habits/hab-car-min", "/red_flags"]
    shown = forms.shown("/", UUID(int=1), 0, reading.answers, "es", reading.problems, sent=True)
    assert [habit.value for habit in shown.habits if habit.problem] == ["1,5 h"]
    assert shown.flags_problem == "Marca lo que es cierto ahora, o marca: nada de esto."
    assert shown.none_picked is False
    both = forms.read([("red_flags", "rf-fever"), ("red_flags", "none")])
    assert [pointer for pointer, _ in both.problems] == ["/red_flags"]
    assert forms.read([("red_flags", "none")]).problems == []


def test_warning_signs_are_asked_anew_every_time() -> None:
    answers = Answers(red_flags=["rf-fever"])
    fresh = forms.shown("/", UUID(int=1), 1, answers, "en")
    assert (fresh.none_picked, [flag for flag in fresh.red_flags if flag.picked]) == (False, [])
