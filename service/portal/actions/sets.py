"""The sets that somebody counted on the page."""

from typing import Any

from service.catalogue.queries import entry_of
from service.diary.actions import NewSet
from service.diary.rules import SET_HINTS
from service.errors import Refused
from service.plans.queries import Item
from service.portal.rules import Form
from service.portal.rules.sets import Box, Row, box_name, boxes_of, is_short, rows_of


def counted_sets(form: Form, item: Item) -> list[NewSet]:
    """Rows left empty are sets that were not counted, or not done."""
    found = []
    for row in rows(item):
        told = {box.name: value for box in boxes_of(item.dose) if (value := _value(form, item, row, box)) is not None}
        if told:
            found.append(NewSet(item.row.id, **told, side=row.side))
    return found


def _value(form: Form, item: Item, row: Row, box: Box) -> Any:
    name = box_name(item.row.id, row, box)
    try:
        return box.value_of(form.one(name))
    except ValueError:
        raise Refused.one(f"/{name}", "range", SET_HINTS[box.name]) from None


def is_short_of(item: Item, sets: list[NewSet]) -> bool:
    """Nothing counted is nothing said."""
    return bool(sets) and is_short(item.dose, rows(item), [one.reps for one in sets])


def rows(item: Item) -> list[Row]:
    return rows_of(item.dose, entry_of(item.exercise).sides, item.row.times_per_day)
