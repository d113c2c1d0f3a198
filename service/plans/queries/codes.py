"""The letters by which a hand-out names its exercises, so that a week on paper can be texted back."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from service.plans.queries import Content, Item

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXZ"
"""Without I and O, which look like 1 and 0, and Y, a word of Spanish."""


def codes(listed: Iterable[Content]) -> dict[UUID, str]:
    """By the key of the item: the same on every sheet this person was ever given, so that an old one says nothing
    else. The versions in the order in which they were made: one that starts earlier may be made later."""
    keys: dict[UUID, None] = {}
    for content in sorted(listed, key=lambda content: (content.version.created_at, content.version.number)):
        keys.update(dict.fromkeys(item.row.item_key for item in in_routines(content.items)))
    return {key: _code(number) for number, key in enumerate(keys)}


def _code(number: int) -> str:
    """A to Z, then AA, BB: two different letters may be a day."""
    turn, place = divmod(number, len(LETTERS))
    return LETTERS[place] * (turn + 1)


def in_routines(items: Sequence[Item]) -> list[Item]:
    """Those of one routine together, in the order in which each is named first."""
    routines = list(dict.fromkeys(item.row.routine for item in items))
    return sorted(items, key=lambda item: routines.index(item.row.routine))
