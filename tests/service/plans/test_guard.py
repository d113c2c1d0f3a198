"""The decision table of the prescribing guard, worked out by hand from the library's entries and clinical facts 1.2."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from service.catalogue.library import shipped
from service.catalogue.rules import Exercise, LoadUnit, Sentence, Side, WorkingSide, dose_default
from service.catalogue.rules.own import OwnExercise, entry_of
from service.plans.rules import Cadence, EveryDays, FixedWeekdays, TimesPerWeek
from service.plans.rules.guard import (
    GENERAL,
    HARM_SOURCES,
    SIDE_LYING,
    Candidate,
    Circumstances,
    SorePlace,
    Warned,
    warnings,
    week_of,
)

MONDAY = date(2026, 3, 9)
ENTRIES = {entry.id: entry for entry in shipped().exercises}
LABELS = {context.id: context.name for context in shipped().contexts}
DAILY = FixedWeekdays(127)
MON_WED_FRI = FixedWeekdays(0b0010101)
TUE_THU = FixedWeekdays(0b0001010)
LEFT, RIGHT, BOTH = Side.LEFT, Side.RIGHT, Side.BOTH
FIVE = ("glu-squeeze", "glu-bridge-double", "glu-bird-dog", "glu-sidestep", "glu-quad-ext")


def of(code: str | Exercise, side: Side = BOTH, cadence: Cadence | None = None, **dose: Any) -> Candidate:
    """Three days a week, or every day where the library has it more often."""
    entry = ENTRIES[code] if isinstance(code, str) else code
    cadence = cadence or (MON_WED_FRI if entry.dose.days_per_week[0] <= 3 else DAILY)
    return Candidate(0, entry, entry.name, replace(dose_default(entry), side=side, **dose), cadence)


def told(*labels: str, week: int = 1, sore: Sequence[tuple[str | None, Side | None]] = ()) -> Circumstances:
    places = [SorePlace(site, side) for site, side in sore]
    return Circumstances(MONDAY, week, {label: LABELS[label] for label in labels}, places)


def found(items: Sequence[Candidate], known: Circumstances) -> list[Warned]:
    return warnings([replace(item, place=place) for place, item in enumerate(items)], known)


def own_stretch(group: str) -> Exercise:
    """A clinic's own: it names no muscles, but what it does."""
    dose = ENTRIES["ham-strap"].dose
    numbers = {name: getattr(dose, name) for name in ("sets", "reps", "hold_seconds", "per_day", "days_per_week")}
    own = OwnExercise("Own", group, (LEFT, RIGHT), WorkingSide.MOVING, stage="static", **numbers)
    return entry_of(own, "own")


def too_much(items: int) -> list[tuple[int | None, str]]:
    return [(place, f"dose_{field}") for place in range(items) for field in ("sets", "reps")]


TABLE: list[tuple[str, list[Candidate], Circumstances, list[tuple[int | None, str]]]] = [
    ("nothing speaks against it", [of("glu-bridge-double", cadence=DAILY)], told("gt", "pht"), []),
    ("no label, no avoid list", [of("ham-strap", RIGHT), of("glu-pelvic-drop", LEFT)], told(), []),
    ("the avoid list of a label", [of("ham-strap", RIGHT)], told("pht"), [(0, "avoid_pht")]),
    ("of two labels", [of("ham-strap", RIGHT)], told("pht", "radic"), [(0, "avoid_pht"), (0, "avoid_radic")]),
    (
        "the drop in gt, second in the plan",
        [of("glu-squeeze"), of("glu-pelvic-drop", LEFT)],
        told("gt"),
        [(1, "avoid_gt")],
    ),
    ("what is only to be minded needs no reason", [of("glu-clam", LEFT)], told("gt", "dgs"), []),
    ("gt from week 3: week 2 is too early", [of("glu-bridge-single", LEFT)], told("gt", week=2), [(0, "too_early_gt")]),
    ("gt from week 3: week 3 is not", [of("glu-bridge-single", LEFT)], told("gt", week=3), []),
    ("pht from week 5", [of("glu-bridge-single", LEFT)], told("gt", "pht", week=4), [(0, "too_early_pht")]),
    ("four at a time", [of(code) for code in FIVE[:4]], told(), []),
    ("five at a time", [of(code) for code in FIVE], told(), [(None, "too_many")]),
    (
        "left and right are one exercise",
        [of(c) for c in FIVE[:3]] + [of("glu-clam", s) for s in (LEFT, RIGHT)],
        told(),
        [],
    ),
    # 3 x 20 x (0 + 4 s) + 2 x 60 s = 360 s for each; 20 minutes are 1200 s.
    ("18 minutes", [of("glu-squat-double", sets=3, reps=20, rest_seconds=60)] * 3, told(), too_much(3)),
    (
        "24 minutes",
        [of("glu-squat-double", sets=3, reps=20, rest_seconds=60)] * 4,
        told(),
        [(None, "too_long"), *too_much(4)],
    ),
    (
        "dose: sets 1-3, reps 5-15, hold 0-5, rest 60",
        [of("glu-bridge-double", sets=4, reps=4, hold_seconds=6, rest_seconds=59)],
        told(),
        [(0, "dose_sets"), (0, "dose_reps"), (0, "dose_hold_seconds"), (0, "dose_rest_seconds")],
    ),
    ("dose: the ends are inside", [of("glu-bridge-double", sets=3, reps=15, hold_seconds=5)], told(), []),
    (
        "dose: beyond any dose no reason helps, so it is no warning",
        [of("glu-bridge-double", rest_seconds=901)],
        told(),
        [],
    ),
    ("loaded Mon Wed Fri", [of("glu-hip-thrust")], told(), []),
    ("loaded every day", [of("glu-hip-thrust", cadence=DAILY)], told(), [(0, "days_per_week"), (0, "loaded_days")]),
    ("loaded Sun and Mon", [of("glu-hip-thrust", cadence=FixedWeekdays(0b1000001))], told(), [(0, "loaded_days")]),
    ("loaded every second day", [of("glu-hip-thrust", cadence=EveryDays(2, MONDAY))], told(), []),
    ("loaded three times a week", [of("glu-hip-thrust", cadence=TimesPerWeek(3))], told(), []),
    (
        "loaded four times a week",
        [of("glu-hip-thrust", cadence=TimesPerWeek(4))],
        told(),
        [(0, "days_per_week"), (0, "loaded_days")],
    ),
    (
        "kilos make any exercise loaded",
        [of("glu-bridge-double", BOTH, DAILY, load=2.0, load_unit=LoadUnit.KG)],
        told(),
        [(0, "loaded_days")],
    ),
    ("body weight may be daily", [of("glu-bridge-double", BOTH, DAILY)], told(), []),
    # The clamshell is for 3 to 5 days a week, once a day; the squeeze for 3 to 7, once or twice.
    ("six days a week", [of("glu-clam", LEFT, FixedWeekdays(0b0111111))], told(), [(0, "days_per_week")]),
    ("five days a week", [of("glu-clam", LEFT, FixedWeekdays(0b0011111))], told(), []),
    ("twice a week", [of("glu-clam", LEFT, TimesPerWeek(2))], told(), [(0, "days_per_week")]),
    ("every other day are three or four", [of("glu-clam", LEFT, EveryDays(2, MONDAY))], told(), []),
    ("every third day are two or three", [of("glu-clam", LEFT, EveryDays(3, MONDAY))], told(), []),
    ("every fourth day are one or two", [of("glu-clam", LEFT, EveryDays(4, MONDAY))], told(), [(0, "days_per_week")]),
    ("every tenth day", [of("glu-squeeze", cadence=EveryDays(10, MONDAY))], told(), [(0, "days_per_week")]),
    ("twice a day", [of("glu-clam", LEFT, TimesPerWeek(3, 2))], told(), [(0, "times_per_day")]),
    ("twice a day where it may be", [of("glu-squeeze", cadence=FixedWeekdays(127, 2))], told(), []),
    ("less often a day is for the therapist to say", [of("glu-iso-abd-supine", cadence=DAILY)], told(), []),
    # Both train the gluteus maximus of both legs.
    (
        "two loaded ones on days in between",
        [of("glu-hip-thrust"), of("glu-rdl", cadence=TUE_THU)],
        told(),
        [(1, "loaded_days")],
    ),
    ("two loaded ones on the same days", [of("glu-hip-thrust"), of("glu-rdl")], told(), []),
    (
        "other muscles: gluteus maximus and hamstrings",
        [of("glu-hip-thrust"), of("ham-slide", cadence=TUE_THU)],
        told(),
        [],
    ),
    ("the other leg", [of("glu-sl-rdl", LEFT), of("glu-sl-rdl", RIGHT, TUE_THU)], told(), []),
    ("the same leg", [of("glu-sl-rdl", LEFT), of("glu-sl-rdl", LEFT, TUE_THU)], told(), [(1, "loaded_days")]),
    (
        "sit bone and hamstring stretch",
        [of("ham-strap", RIGHT)],
        told(sore=[("sit_bone", RIGHT)]),
        [(0, "sit_bone_stretch")],
    ),
    ("the other sit bone", [of("ham-strap", RIGHT)], told(sore=[("sit_bone", LEFT)]), []),
    (
        "a sit bone, nobody said which",
        [of("ham-strap", RIGHT)],
        told(sore=[("sit_bone", None)]),
        [(0, "sit_bone_stretch")],
    ),
    ("a hinge stretches too", [of("ham-hinge")], told(sore=[("sit_bone", LEFT)]), [(0, "sit_bone_stretch")]),
    ("hamstring strength does not", [of("ham-iso-heel", RIGHT)], told(sore=[("sit_bone", RIGHT)]), []),
    ("another place", [of("ham-strap", RIGHT)], told(sore=[("groin_front", RIGHT)]), []),
    # The clamshell trains the upper leg: with the left one, somebody lies on the right.
    (
        "left clamshell, right hip sore",
        [of("glu-clam", LEFT)],
        told(sore=[("lateral_hip", RIGHT)]),
        [(0, "lying_on_sore_side")],
    ),
    ("right clamshell, right hip sore", [of("glu-clam", RIGHT)], told(sore=[("lateral_hip", RIGHT)]), []),
    ("only a side was told", [of("glu-clam", LEFT)], told(sore=[(None, RIGHT)]), [(0, "lying_on_sore_side")]),
    # The side plank trains the leg below.
    (
        "right side plank, right hip sore",
        [of("glu-side-plank", RIGHT)],
        told(sore=[("lateral_hip", RIGHT)]),
        [(0, "lying_on_sore_side")],
    ),
    ("left side plank, right hip sore", [of("glu-side-plank", LEFT)], told(sore=[("lateral_hip", RIGHT)]), []),
    ("lying on the side does not press the groin", [of("glu-clam", LEFT)], told(sore=[("groin_front", RIGHT)]), []),
    ("a stretch of the outer hip in gt", [of(own_stretch("glute"), LEFT)], told("gt"), [(0, "outer_hip_stretch")]),
    ("without gt", [of(own_stretch("glute"), LEFT)], told("sij"), []),
    ("a hamstring stretch in gt", [of(own_stretch("hamstring"), LEFT)], told("gt"), []),
]


def test_the_decision_table_row_by_row() -> None:
    wrong = {
        row: got
        for row, items, known, expected in TABLE
        if (got := [(w.place, w.code) for w in found(items, known)]) != expected
    }
    assert wrong == {}


def test_a_warning_says_why_where_and_who_says_so() -> None:
    [warned] = found([of("glu-squeeze"), of("ham-strap", RIGHT)], told("pht"))[-1:]
    assert warned.pointer == "/items/1/exercise"
    assert str(warned.words) == (
        "To be avoided with this label: Proximal hamstring tendon pain. "
        "Why: end-range stretch squeezes the tendon on the sit bone."
    )
    assert warned.sources == ("PHT-GOOM", "PHT-TSMT")
    [early] = found([of("glu-bridge-single", LEFT)], told("gt", week=2))
    assert "Too early in week 2. With this label from week 3 on: Outer-hip tendon pain" in str(early.words)
    [sets] = found([of("glu-bridge-double", sets=4)], told())
    assert (sets.pointer, str(sets.words)) == ("/items/0/sets", "Use a whole number from 1 to 3.")
    # The sources of that exercise's own dose.
    assert sets.sources == ("LEAP-P3", "PURE-FAI")


def test_every_source_of_the_guard_is_in_the_library_and_every_label_that_forbids_has_one() -> None:
    known = {source.id for source in shipped().sources}
    told_of = {code for sources in HARM_SOURCES.values() for code in sources} | set(GENERAL)
    rows = [warned for _, items, known_of, _ in TABLE for warned in found(items, known_of)]
    assert (told_of | {code for warned in rows for code in warned.sources}) - known == set()
    assert all(warned.sources for warned in rows)
    assert set(HARM_SOURCES) <= set(LABELS)


def test_what_is_done_lying_on_the_side_is_known_by_name() -> None:
    """The library says it in words only; a clinic's copy from before has the same codes."""
    told_lying = {
        entry.id
        for entry in ENTRIES.values()
        if any(words in entry.position for words in ("lying on the side", "side lying", "as clamshell"))
    }
    assert told_lying == SIDE_LYING


def test_weeks_count_from_the_first_day() -> None:
    days = {MONDAY: 1, date(2026, 3, 15): 1, date(2026, 3, 16): 2, date(2026, 3, 8): 1, date(2026, 5, 3): 8}
    assert {day: week_of(MONDAY, day) for day in days} == days


def test_a_name_in_a_warning_is_put_into_the_readers_words() -> None:
    [warned] = found([of("glu-hip-thrust"), of("glu-rdl", cadence=TUE_THU)], told())
    assert warned.words.params == {"name": Sentence("Hip thrust")}


def test_how_often_is_said_with_the_range_and_its_source() -> None:
    [often] = found([of("glu-clam", LEFT, TimesPerWeek(2))], told())
    assert str(often.words) == "2 days a week. The library has it on 3 to 5 days a week."
    assert (often.pointer, often.sources) == ("/items/0/cadence", ENTRIES["glu-clam"].source["dose"])
    [times] = found([of("glu-clam", LEFT, TimesPerWeek(3, 4))], told())
    assert str(times.words) == "4 a day. The library has at most 1 a day."
