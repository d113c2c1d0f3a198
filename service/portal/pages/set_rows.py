"""The sets of an exercise on Today, to be filled in by whoever did fewer or more."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.catalogue.rules import Sentence
from service.diary.queries import Session
from service.plans.queries import Item
from service.portal.actions.sets import rows
from service.portal.queries import Record
from service.portal.rules import Reader, Unsaved, answer_text
from service.portal.rules.sets import Box, Row, box_name, boxes_of
from service.portal.schemas import SetBox, SetRow
from service.terms import SIDES


def set_rows(record: Record, item: Item, reader: Reader, unsaved: Unsaved | None) -> list[SetRow]:
    """What was typed and could not be kept stays in its box; otherwise what is kept."""
    told = _by_row(record.session, item) if record.session else {}
    typed = unsaved.form if unsaved and unsaved.place == "session" else None

    def box_of(row: Row, box: Box) -> SetBox:
        name = box_name(item.row.id, row, box)
        kept = told.get((row.side, row.number), {}).get(box.name)
        value = typed.one(name) if typed else ("" if kept is None else answer_text(kept))
        step = "1" if box.is_whole else "any"
        return SetBox(name, reader.say(box.unit), str(box.asked), box.most, value, step)

    return [SetRow(_label(row, reader), [box_of(row, box) for box in boxes_of(item.dose)]) for row in rows(item)]


def _label(row: Row, reader: Reader) -> str:
    words = Sentence("Set %(number)s", {"number": row.number})
    if row.side is not None:
        words = Sentence("%(first)s, %(rest)s", {"first": words, "rest": Sentence(SIDES[row.side])})
    return reader.read(words)


def _by_row(session: Session, item: Item) -> dict[tuple[str | None, int], Mapping[str, Any]]:
    """The kept sets by leg, and by their number among those of that leg."""
    results: set[UUID] = {result.id for result in session.results if result.plan_item_id == item.row.id}
    counts: dict[str | None, int] = defaultdict(int)
    found: dict[tuple[str | None, int], Mapping[str, Any]] = {}
    for one in session.sets:
        if one.result_id in results:
            counts[one.side] += 1
            found[one.side, counts[one.side]] = {"reps": one.reps, "seconds": one.seconds, "load": one.load}
    return found
