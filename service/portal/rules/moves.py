"""Going through the moves one by one: what the page carries from move to move, and what it comes to."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from service.catalogue.rules import Dose, Side
from service.portal.rules import Form
from service.portal.rules.sets import Box, boxes_of, legs_of
from service.remedies import day_or_none

MOST_COUNTED = 25
"""Sets of one leg; both legs together are as many as a session may hold of an exercise."""
COUNT_HINT = "Use a whole number from 1 to 25."


class Told(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"


class Tap(StrEnum):
    """The buttons of the page. `again` shows it as it is; `stop` and `finish` keep what was done."""

    DONE = "done"
    SKIPPED = "skipped"
    BACK = "back"
    AGAIN = "again"
    STOP = "stop"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Walk:
    """`place` counts the moves from 1; one more than there are is the end. `day` is the one it was begun on: it may go
    on past midnight. `fields` are amounts as they were typed, by the name of their box."""

    place: int
    told: Mapping[UUID, Told]
    day: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """As an address or a form carries it."""
        yield "at", str(self.place)
        if self.day:
            yield "day", self.day.isoformat()
        for item, told in self.told.items():
            yield f"did_{item}", told.value
        yield from self.fields.items()


def amounts_of(dose: Dose) -> list[Box]:
    """What can be more or less than the plan asks for, the same in each set."""
    return [Box("sets", "sets", dose.sets, MOST_COUNTED), *boxes_of(dose)]


def amount_name(item: UUID, box: Box) -> str:
    return f"{box.name}_{item}"


def walk_of(form: Form, doses: Mapping[UUID, Dose]) -> Walk:
    """`doses` are the moves in their order. What is said of no move among them is left out, and a place that is none
    is the nearest."""
    told = {item: Told(words) for item in doses if (words := form.one(f"did_{item}")) in list(Told)}
    names = {amount_name(item, box): str(box.asked) for item, dose in doses.items() for box in amounts_of(dose)}
    sent = {name: value.strip() for name, value in form.pairs}
    changed = {name: sent[name] for name, asked in names.items() if sent.get(name, asked) != asked}
    place = form.one("at")
    return Walk(_near(place, len(doses)), told, day_or_none(form.one("day")), changed)


def _near(place: str, last: int) -> int:
    return min(max(int(place), 1), last + 1) if place.isascii() and place.isdigit() and len(place) < 4 else 1


def after(walk: Walk, tap: Tap, items: Sequence[UUID]) -> Walk:
    """A move that was done stays done, whoever looks at it again and goes on."""
    if tap == Tap.BACK:
        return _at(walk, max(walk.place - 1, 1), walk.told)
    if tap not in (Tap.DONE, Tap.SKIPPED) or walk.place > len(items):
        return walk
    item = items[walk.place - 1]
    told = dict(walk.told) | ({} if walk.told.get(item) == Told.DONE else {item: Told(tap.value)})
    return _at(walk, next_open(walk.place, told, items), told)


def next_open(place: int, told: Mapping[UUID, Told], items: Sequence[UUID]) -> int:
    """The first after `place` of which nothing was told; else the end."""
    return next((at for at in range(place + 1, len(items) + 1) if items[at - 1] not in told), len(items) + 1)


def _at(walk: Walk, place: int, told: Mapping[UUID, Told]) -> Walk:
    return Walk(place, told, walk.day, walk.fields)


def sets_told(dose: Dose, sides: Collection[Side], amounts: Mapping[str, int | float]) -> list[Side | None]:
    """One for each set: the leg that did it."""
    legs: list[Side | None] = [*legs_of(dose, sides)] or [None]
    return [leg for leg in legs for _ in range(int(amounts["sets"]))]


def is_less(dose: Dose, amounts: Mapping[str, int | float]) -> bool:
    return amounts["sets"] < dose.sets or amounts.get("reps", dose.reps) < dose.reps
