"""Which steps a therapist allows ahead: what of it cannot be right is said by field, the rest is kept on the item."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from service.catalogue.queries import entry_of
from service.catalogue.rules import Exercise as Entry
from service.catalogue.rules import Side
from service.catalogue.tables import Exercise
from service.errors import FieldProblem
from service.plans.actions.wanted import AheadWanted, ItemToPrescribe, Prescription
from service.plans.queries import Content, Item
from service.plans.rules.ahead import (
    LASTS,
    LONGEST,
    Ahead,
    Direction,
    Target,
    chain,
    side_after,
    sides_offered,
    wrong_leg,
)
from service.plans.tables import PlanVersion

Library = Mapping[str, Exercise]
Sides = set[Side | None]

_NOT_A_LINK = {
    Direction.HARDER: "Use an exercise that the library has as a harder one of this.",
    Direction.EASIER: "Use an exercise that the library has as an easier one of this.",
}


def targets(wanted: Prescription) -> list[str]:
    return [code for item in wanted.items if item.ahead for code, _ in item.ahead.steps.values()]


def ahead_problems(wanted: Prescription, library: Library, before: Content | None) -> Iterator[FieldProblem]:
    known = _standing(before)
    for place, item in enumerate(wanted.items):
        if item.ahead is not None and item.exercise in library:
            pointer = f"/items/{place}/ahead"
            if not item.ahead.steps:
                yield FieldProblem(pointer, "required", "Name a harder or an easier exercise.")
            for way in item.ahead.steps:
                yield from _step_problems(f"{pointer}/{way}", way, item, wanted, library)
            yield from _until_problems(f"{pointer}/until", item.ahead, wanted.starts_on, known.get(item.item_key))


def _step_problems(
    pointer: str, way: Direction, item: ItemToPrescribe, wanted: Prescription, library: Library
) -> Iterator[FieldProblem]:
    code, side = item.ahead.steps[way] if item.ahead else ("", None)
    if code not in chain(entry_of(library[item.exercise]), way):
        yield FieldProblem(pointer, "unknown", _NOT_A_LINK[way])
    elif code not in library:
        yield FieldProblem(pointer, "unknown", "Use the code of an exercise in the library.")
    elif any(other.exercise == code for other in wanted.items):
        yield FieldProblem(pointer, "twice", "This exercise is in the plan already.")
    else:
        yield from _side_problems(f"{pointer}/side", side, _sides(wanted.items, library, item), entry_of(library[code]))


def _side_problems(pointer: str, side: Side | None, now: Sides, entry: Entry) -> Iterator[FieldProblem]:
    """`now`: the legs that are worked."""
    side = side or side_after(now, entry)
    if side is None or side not in sides_offered(entry):
        yield FieldProblem(pointer, "side", "Say with which leg: left, right or both.")
    elif wrong_leg(now, Target(entry.id, side), entry):
        yield FieldProblem(pointer, "side", "Use the leg that the exercise works now.")


def _until_problems(pointer: str, ahead: AheadWanted, starts_on: date, known: Ahead | None) -> Iterator[FieldProblem]:
    """One that goes on may end before this version starts."""
    goes_on = known is not None and known.until == ahead.until
    if ahead.until is not None and not goes_on and not starts_on <= ahead.until <= starts_on + LONGEST:
        yield FieldProblem(pointer, "day", "Use a day from the first day of the plan to 12 weeks after it.")


def _sides(items: Sequence[ItemToPrescribe], library: Library, of: ItemToPrescribe) -> Sides:
    """Of every item of the exercise: a plan holds the left and the right one beside each other."""
    entry = entry_of(library[of.exercise])
    only = entry.sides[0] if len(entry.sides) == 1 else None
    return {item.dose_fields.get("side", only) for item in items if item.exercise == of.exercise}


def set_ahead(
    version: PlanVersion, items: Sequence[Item], wanted: Prescription, library: Library, before: Content | None
) -> None:
    """Of what has no problem. What is allowed as it was stays with whoever allowed it, and since when."""
    known, sides = _standing(before), defaultdict[str, Sides](set)
    for item in items:
        sides[item.exercise.code].add(item.dose.side)
    for item, asked in zip(items, wanted.items, strict=True):
        if asked.ahead is not None:
            steps = _steps(asked.ahead, sides[item.exercise.code], library)
            until = asked.ahead.until or version.starts_on + LASTS
            made = Ahead(steps, until, version.created_by, version.created_at)
            before_it = known.get(item.row.item_key)
            item.row.ahead = (before_it if before_it and made.says_as(before_it) else made).stored()


def _steps(asked: AheadWanted, now: Sides, library: Library) -> dict[Direction, Target]:
    entries = {code: entry_of(library[code]) for code, _ in asked.steps.values()}
    found = {way: (code, side or side_after(now, entries[code])) for way, (code, side) in asked.steps.items()}
    return {way: Target(code, side) for way, (code, side) in found.items() if side is not None}


def ahead_of(item: Item) -> AheadWanted | None:
    """To be allowed once more as it is."""
    if (ahead := item.ahead) is None:
        return None
    return AheadWanted({way: (to.exercise, to.side) for way, to in ahead.steps.items()}, ahead.until)


def _standing(before: Content | None) -> dict[UUID | None, Ahead]:
    """By the key of its item."""
    return {item.row.item_key: item.ahead for item in before.items if item.ahead} if before else {}
