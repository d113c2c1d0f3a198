"""What would be right in the place of a wrong value, in plain words: the field's own (the `description` of its Meta),
or, of a type without, what may stand there."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from service.errors import Refused

USE_A_DAY: Final = "Use a day such as 2026-03-10."
USE_AN_INSTANT: Final = "Use an instant with its offset, such as 2026-03-10T08:05:00-05:00."


def whole(pattern: str) -> str:
    """The pattern of a text from its first letter to its last: Python's `$` takes an end of line after that too."""
    return rf"^(?:{pattern})$(?!\n)"


_OF_TYPE: Final[dict[Any, str]] = {
    bool: "Use true or false.",
    int: "Use a whole number.",
    float: "Use a number.",
    str: "Use a text.",
    date: USE_A_DAY,
    datetime: USE_AN_INSTANT,
    UUID: "Use an id such as 0195f7b2-4c3e-7a10-9d5b-2f6e8c1a7b40.",
    list: "Use a list.",
    tuple: "Use a list.",
    dict: "Use an object.",
}
_NUMBERS: Final[dict[Any, str]] = {int: "a whole number", float: "a number"}
_MANY: Final = (list, dict, tuple)


def day_or_none(words: str) -> date | None:
    """The day that somebody typed, for whoever has words or a way of their own where it is none."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def day_read(words: str, pointer: str = "/day") -> date:
    """The day that somebody typed. Raises Refused."""
    day = day_or_none(words)
    if day is None:
        raise Refused.one(pointer, "invalid", USE_A_DAY)
    return day


def of_field(body_type: Any, pointer: str, *, is_other_type: bool) -> str | None:
    """Of the field at `pointer`, or of the list it stands in; of a field of a part, never what is said of a whole
    around it. Where a value `is_other_type` than the field's, its own words may take that for granted."""
    found, current = None, body_type
    for part in filter(None, pointer.split("/")):
        current = _inner(current)
        if part.isdigit() or part == "...":
            current = (get_args(current) or (None,))[-1]
        else:
            hints = get_type_hints(current, include_extras=True) if hasattr(current, "__struct_fields__") else {}
            found, current = None, hints.get(part)
        found = _description(current) or found
    kind = _inner(current)
    if is_other_type and (kind is str or _is_made_of_parts(kind)):
        return " ".join(filter(None, (of_type(kind), _description(current))))
    return found or _choices(kind) or (of_type(kind) if is_other_type else _within(current, kind)) or of_type(kind)


def of_parameter(annotation: Any, description: str | None) -> str | None:
    """Of a part of an address. A `description` tells what it is for, and of a number also its bounds."""
    kind = _inner(annotation)
    return description if description and kind in (int, float, str) else of_type(kind)


def of_type(kind: Any) -> str | None:
    if choices := _choices(kind):
        return choices
    if hasattr(kind, "__struct_encode_fields__"):
        return f"Use an object with {', '.join(kind.__struct_encode_fields__)}."
    return _OF_TYPE.get(get_origin(kind) or kind)


def _choices(kind: Any) -> str | None:
    words = get_args(kind) if get_origin(kind) is Literal else ()
    if isinstance(kind, type) and issubclass(kind, Enum):
        words = tuple(one.value for one in kind)
    return f"Use one of these: {', '.join(map(str, words))}." if words else None


def _within(annotation: Any, kind: Any) -> str | None:
    """The bounds of a number, or of how long a text or a list is."""
    bounds = next(_metas(annotation), msgspec.Meta())
    if kind in (int, float):
        least, most = bounds.ge, bounds.le
        return None if least is None or most is None else f"Use {_NUMBERS[kind]} from {least} to {most}."
    if bounds.max_length is None:
        return None
    counted = "characters" if kind is str else "entries"
    return f"Use {bounds.min_length or 0} to {bounds.max_length} {counted}."


def _is_made_of_parts(kind: Any) -> bool:
    return (get_origin(kind) or kind) in _MANY or hasattr(kind, "__struct_encode_fields__")


def _inner(annotation: Any) -> Any:
    """The struct or container inside Annotated and unions with UNSET or None."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    options = [arg for arg in get_args(annotation) if arg not in (msgspec.UnsetType, type(None))]
    return _inner(options[0])


def _description(annotation: Any) -> str | None:
    return next((meta.description for meta in _metas(annotation) if meta.description), None)


def _metas(annotation: Any) -> Iterator[msgspec.Meta]:
    """Its own, and those of the options of a union; never those of what a list is made of."""
    if get_origin(annotation) is Annotated:
        yield from (extra for extra in get_args(annotation)[1:] if isinstance(extra, msgspec.Meta))
        yield from _metas(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _metas(option)
