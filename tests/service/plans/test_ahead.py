"""A step that was allowed ahead: which leg it goes to, on which days, and when it may be taken."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.library import shipped
from service.catalogue.rules import Exercise, Side
from service.plans.rules import Cadence, EveryDays, FixedWeekdays, TimesPerWeek
from service.plans.rules.ahead import Ahead, Direction, Standing, Target, cadence_after, legs, side_after, wrong_leg

LEFT, RIGHT, BOTH = Side
ALL_SO = Standing(*[True] * len(fields(Standing)))


def entry(code: str) -> Exercise:
    return next(one for one in shipped().exercises if one.id == code)


BRIDGE, OFFSET, BIRD_DOG = entry("glu-bridge-double"), entry("glu-bridge-offset"), entry("glu-bird-dog")


@pytest.mark.parametrize("missing", [field.name for field in fields(Standing)])
def test_each_thing_that_is_not_so_keeps_a_step_from_being_taken_and_is_named(missing: str) -> None:
    assert replace(ALL_SO, **{missing: False}).against == missing


def test_a_step_is_taken_only_where_everything_is_so() -> None:
    assert ALL_SO.against is None


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_what_is_not_allowed_is_never_taken_whatever_else_is_so(so: list[bool]) -> None:
    standing = Standing(*so)
    assert (standing.against is None) == all(so)
    if not standing.is_allowed:
        assert standing.against == "is_allowed"


@pytest.mark.parametrize(
    ("now", "to", "side"),
    [
        ({BOTH}, OFFSET, None),  # which leg? nobody guesses
        ({LEFT}, OFFSET, LEFT),
        ({RIGHT}, OFFSET, RIGHT),
        ({LEFT, RIGHT}, OFFSET, BOTH),  # each in turn, as now
        ({LEFT}, BRIDGE, BOTH),  # knows nothing else
        ({LEFT, RIGHT}, BRIDGE, BOTH),
        ({BOTH}, BIRD_DOG, BOTH),
        ({None}, OFFSET, None),
    ],
)
def test_the_leg_goes_on_and_is_never_guessed(now: set[Side | None], to: Exercise, side: Side | None) -> None:
    assert side_after(now, to) is side


@pytest.mark.parametrize(
    ("now", "side", "wrong"),
    [
        ({LEFT}, RIGHT, LEFT),
        ({LEFT}, BOTH, LEFT),
        ({LEFT}, LEFT, None),
        ({BOTH}, RIGHT, None),
        ({LEFT, RIGHT}, RIGHT, None),
    ],
)
def test_a_step_never_goes_to_the_other_leg(now: set[Side | None], side: Side, wrong: Side | None) -> None:
    assert wrong_leg(now, Target(OFFSET.id, side), OFFSET) is wrong


def test_both_legs_of_an_exercise_that_works_one_are_two_items() -> None:
    assert list(legs(Target(OFFSET.id, BOTH), OFFSET)) == [LEFT, RIGHT]
    assert list(legs(Target(BRIDGE.id, BOTH), BRIDGE)) == [BOTH]


@pytest.mark.parametrize(
    ("now", "to", "then"),
    [
        (FixedWeekdays(0b10101), "glu-bridge-offset", FixedWeekdays(0b10101)),
        (FixedWeekdays(127), "glu-bridge-offset", FixedWeekdays(127)),  # 3 to 7 days a week
        (FixedWeekdays(127), "glu-bridge-band", TimesPerWeek(3)),  # 3 to 5
        (TimesPerWeek(2), "glu-bridge-band", TimesPerWeek(3)),
        (FixedWeekdays(127, 2), "glu-bridge-offset", TimesPerWeek(3)),  # once a day at most
        (EveryDays(2, date(2026, 3, 2)), "glu-bridge-band", EveryDays(2, date(2026, 3, 2))),
        (FixedWeekdays(0b11), "glu-hitch-hold", TimesPerWeek(5)),
    ],
)
def test_the_days_stay_where_the_library_has_the_exercise_on_so_many(now: Cadence, to: str, then: Cadence) -> None:
    assert cadence_after(now, entry(to)) == then


def test_what_is_kept_on_an_item_is_read_as_it_was_allowed() -> None:
    steps = {Direction.HARDER: Target("glu-bridge-offset", RIGHT)}
    ahead = Ahead(steps, date(2026, 4, 7), UUID(int=7), datetime(2026, 3, 10, 15, tzinfo=UTC))
    assert Ahead.from_stored(ahead.stored()) == ahead
    assert ahead.says_as(replace(ahead, by=UUID(int=8)))
    assert not ahead.says_as(replace(ahead, until=date(2026, 4, 8)))
    assert not ahead.says_as(None)
