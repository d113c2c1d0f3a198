"""Both sides of an exercise that works one leg at a time: one line of the form, two items of the plan.

The doses of such an exercise count one side, so a plan holds the left and the right one beside each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from service.catalogue.queries import entry_of
from service.catalogue.rules import Exercise as Entry
from service.catalogue.rules import Side
from service.catalogue.tables import Exercise
from service.plans.queries import Item
from service.plans.tables import PlanItem
from service.review.guards import Typed

_ONE_LEG = (Side.LEFT, Side.RIGHT)


def offered(entry: Entry) -> tuple[Side, ...]:
    return (*entry.sides, Side.BOTH) if set(entry.sides) == set(_ONE_LEG) else entry.sides


def is_split(form: Typed, code: str, exercise: Exercise | None) -> bool:
    """Whether this line of the form asks for two items."""
    if exercise is None or form.one(f"side_{code}") != Side.BOTH:
        return False
    return Side.BOTH not in entry_of(exercise).sides


def places(form: Typed, codes: Sequence[str], library: Mapping[str, Exercise]) -> dict[str, int]:
    """At which place of the plan each line's first item stands."""
    found, place = {}, 0
    for code in codes:
        found[code] = place
        place += 2 if is_split(form, code, library.get(code)) else 1
    return found


def paired(items: Sequence[Item]) -> dict[str, tuple[Item, Item]]:
    """The left and the right one of an exercise, side by side and with the same dose, by its code."""
    return {
        one.exercise.code: (one, other)
        for one, other in pairwise(items)
        if one.exercise.code == other.exercise.code
        and {one.row.side, other.row.side} == set(_ONE_LEG)
        and _shown(one.row) == _shown(other.row)
    }


def _shown(row: PlanItem) -> tuple[object, ...]:
    """What the form has fields for, but the side."""
    cadence = (row.cadence, row.weekdays, row.times_per_week, row.every_days, row.times_per_day)
    dose = (row.sets, row.reps, row.hold_seconds, row.rest_seconds, row.tempo, row.load, row.load_unit, row.effort)
    return *dose, row.working_side, row.cue, *cadence


def halves(items: Sequence[Item]) -> Iterator[tuple[Side, Item | None]]:
    """The sides in the order in which they stand already, each with its item."""
    known = {Side(item.row.side): item for item in items}
    for side in dict.fromkeys([*(side for side in known if side in _ONE_LEG), *_ONE_LEG]):
        yield side, known.get(side)
