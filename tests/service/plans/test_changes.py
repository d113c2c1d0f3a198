"""A change of a plan in words: a line for each field that changed, and a tag that changes with any of them."""

from dataclasses import replace

from service.catalogue.rules import Dose, Effort, LoadUnit, Side, WorkingSide
from service.plans.rules import Prescribed, TimesPerWeek, change_summary, etag
from tests.service.plans.test_rules import MON_WED_FRI, SUNDAY

CLAM = Prescribed(
    key="clam",
    name="Clamshell",
    dose=Dose(
        sets=2,
        reps=10,
        hold_seconds=0,
        rest_seconds=60,
        tempo="2 s up, 3 s down",
        load=None,
        load_unit=None,
        effort=Effort.LIGHT,
        side=Side.LEFT,
        working_side=WorkingSide.MOVING,
    ),
    cadence=TimesPerWeek(3),
)
BRIDGE = replace(CLAM, key="bridge", name="Double-leg bridge")


def summary(old: list[Prescribed], new: list[Prescribed]) -> list[str]:
    return [str(line) for line in change_summary(old, new)]


def test_a_change_is_said_in_one_line() -> None:
    more = replace(CLAM, dose=replace(CLAM.dose, sets=3))
    assert summary([CLAM, BRIDGE], [more, BRIDGE]) == ["Clamshell: 2 x 10 to 3 x 10"]


def test_every_field_that_changed_has_its_line() -> None:
    dose = Dose(
        sets=2,
        reps=12,
        hold_seconds=5,
        rest_seconds=45,
        tempo=None,
        load=2.5,
        load_unit=LoadUnit.KG,
        effort=Effort.HARD,
        side=Side.RIGHT,
        working_side=WorkingSide.BOTH,
    )
    assert summary([CLAM], [replace(CLAM, dose=dose, cadence=MON_WED_FRI)]) == [
        "Clamshell: 2 x 10 to 2 x 12",
        "Clamshell: hold 0 s to hold 5 s",
        "Clamshell: rest 60 s to rest 45 s",
        "Clamshell: 2 s up, 3 s down to any tempo",
        "Clamshell: no load to 2.5 kg",
        "Clamshell: light effort to hard",
        "Clamshell: left side to right side",
        "Clamshell: trains the leg that moves to trains both legs",
        "Clamshell: 3 times a week to Mon, Wed, Fri",
    ]


def test_a_whole_load_has_no_decimals() -> None:
    loaded = replace(CLAM, dose=replace(CLAM.dose, load=4.0, load_unit=LoadUnit.LB))
    banded = replace(CLAM, dose=replace(CLAM.dose, load=3.0, load_unit=LoadUnit.BAND))
    assert summary([loaded], [banded]) == ["Clamshell: 4 lb to band 3"]


def test_what_comes_and_goes_is_named() -> None:
    assert summary([CLAM], [BRIDGE]) == ["Added: Double-leg bridge, 2 x 10", "Removed: Clamshell"]


def test_a_new_order_is_said_and_an_addition_is_not_a_new_order() -> None:
    squat = replace(CLAM, key="squat", name="Mini squat")
    assert summary([CLAM, BRIDGE], [BRIDGE, CLAM]) == ["The order of the exercises changed"]
    assert summary([CLAM, BRIDGE], [CLAM, squat, BRIDGE]) == ["Added: Mini squat, 2 x 10"]


def test_nothing_changed_says_nothing() -> None:
    assert summary([CLAM, BRIDGE], [CLAM, BRIDGE]) == []


def test_the_entity_tag_changes_with_any_part_of_the_plan_and_only_then() -> None:
    tag = etag("plan", 2, [CLAM, BRIDGE], None)
    assert tag == etag("plan", 2, [CLAM, replace(CLAM, key="bridge", name="Double-leg bridge")], None)
    assert tag.startswith('"')
    assert tag.endswith('"')
    others = [
        etag("plan", 3, [CLAM, BRIDGE], None),
        etag("plan", 2, [BRIDGE, CLAM], None),
        etag("plan", 2, [CLAM, BRIDGE], SUNDAY),
        etag("plan", 2, [CLAM, replace(BRIDGE, cadence=TimesPerWeek(2))], None),
    ]
    assert len({tag, *others}) == 5
