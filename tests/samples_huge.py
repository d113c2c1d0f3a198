"""The pages of staff with what people may write at its longest: names of 200 characters without a space, names from
the right, notes of forty lines."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import fields, replace

from service.review.schemas.forms import StepLine
from service.review.schemas.limits import LimitGroup
from service.review.schemas.settings import NumberField, OfficeField

LONG: Final = "Maximiliane-" * 16 + "Featherstone"[:8]
ARABIC: Final = "عبدالرحمنبنمحمد" * 8
LINES: Final = "\n".join(f"{number}. Better after the pool." for number in range(1, 41))
_NAMES: Final = (
    *("address", "author", "by", "client_name", "clinic", "clinic_name", "contact", "email", "for_whom", "made_by"),
    *("made_for", "mail_from", "name", "sent_to", "short_name", "staff_name", "texts_from", "therapist"),
)
_WORDS: Final = ("answer", "note", "text", "words")


def huge(view: Any) -> Any:
    """A view of a page with each name and each note in it made long."""
    return _made(view, "", cycle((LONG, ARABIC, f"{LONG}@{'x' * 40}.example")))


def _made(part: Any, name: str, names: Iterator[str]) -> Any:
    match part:
        case str() if part and name in _NAMES:
            return next(names)
        case str() if part and name in _WORDS:
            return LINES
        case OfficeField() | NumberField() | LimitGroup() | StepLine():
            return part
        case Struct():
            # What was typed into a field goes by the field's name.
            own = [one.name for one in fields(part)]
            return replace(
                part, **{one: _made(getattr(part, one), name if one == "value" else one, names) for one in own}
            )
        case dict():
            return {key: _made(one, str(key), names) for key, one in part.items()}
        case list():
            return [_made(one, name, names) for one in part]
        case tuple() if type(part) is tuple:
            return tuple(_made(one, name, names) for one in part)
        case _:
            return part
