"""The sets of an exercise on a form: a row for each that the plan asks for and one more, a box for each number."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from service.catalogue.rules import Dose, LoadUnit, Side
from service.diary.rules import MOST_LOAD, MOST_REPS, MOST_SECONDS, MOST_SETS
from service.progress.rules import plain

_WHOLE = re.compile(r"[0-9]{1,6}")
_DECIMAL = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?")
_LEGS = (Side.LEFT, Side.RIGHT)
_UNITS = {LoadUnit.KG: "kg", LoadUnit.LB: "lb", LoadUnit.BAND: "band"}


class Row(NamedTuple):
    """`place` counts the rows of an exercise on the form, `number` its sets of one leg; both from 1."""

    place: int
    number: int
    side: Side | None


@dataclass(frozen=True, slots=True)
class Box:
    """`name` is reps, seconds or load. `asked` is what the plan asks for."""

    name: str
    unit: str
    asked: int | float
    most: int

    @property
    def is_whole(self) -> bool:
        return self.name != "load"

    def value_of(self, typed: str) -> int | float | None:
        """Raises ValueError for what is no such number; None when nothing was typed."""
        if not typed:
            return None
        pattern = _WHOLE if self.is_whole else _DECIMAL
        if not pattern.fullmatch(typed):
            raise ValueError(typed)
        value = float(typed.replace(",", "."))
        if value > self.most:
            raise ValueError(typed)
        return int(value) if self.is_whole else value


def legs_of(dose: Dose, sides: Collection[Side]) -> list[Side]:
    """Those that do it one after the other; none where both do it at once. `sides` are those the exercise knows."""
    if list(sides) == [Side.BOTH] or dose.side is None:
        return []
    return [*_LEGS] if dose.side == Side.BOTH else [dose.side]


def rows_of(dose: Dose, sides: Collection[Side], times_per_day: int) -> list[Row]:
    """One leg after the other is counted leg by leg."""
    legs: list[Side | None] = [*legs_of(dose, sides)] or [None]
    sets = min(dose.sets * times_per_day, MOST_SETS // len(legs) - 1)
    listed = [(number, leg) for leg in legs for number in range(1, sets + 2)]
    return [Row(place, number, leg) for place, (number, leg) in enumerate(listed, 1)]


def boxes_of(dose: Dose) -> Iterator[Box]:
    if dose.reps > 1 or not dose.hold_seconds:
        yield Box("reps", "reps", dose.reps, MOST_REPS)
    if dose.hold_seconds:
        yield Box("seconds", "seconds", dose.hold_seconds, MOST_SECONDS)
    if dose.load is not None and dose.load_unit is not None:
        yield Box("load", _UNITS[dose.load_unit], plain(dose.load), MOST_LOAD)


def box_name(item: UUID, row: Row, box: Box) -> str:
    return f"set_{item}_{row.place}_{box.name}"


def is_short(dose: Dose, rows: Collection[Row], reps: Collection[int | None]) -> bool:
    """Fewer sets than the plan asks for, or fewer reps in one of them. `rows` has one for each leg beyond the plan."""
    spare = len({row.side for row in rows})
    return len(reps) < len(rows) - spare or any(told is not None and told < dose.reps for told in reps)
