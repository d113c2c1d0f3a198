"""A week on paper: WEEK, then the letter of each exercise with its days, as two letters each: "WEEK A MO WE B TU".

One letter for a day would not do: T is two days, S is two, and M is Monday in English and Tuesday in Spanish.
"""

import re
from typing import Final, Literal

from service.conversation.rules import PaperWeek, UnreadWeek

_DAYS: Final = (
    "mo|mon|monday|lu|lun|lunes",
    "tu|tue|tues|tuesday|ma|mar|martes",
    "we|wed|weds|wednesday|mi|mie|miercoles",
    "th|thu|thur|thurs|thursday|ju|jue|jueves",
    "fr|fri|friday|vi|vie|viernes",
    "sa|sat|saturday|sab|sabado",
    "su|sun|sunday|do|dom|domingo",
)
_DAY: Final = {name: day for day, names in enumerate(_DAYS) for name in names.split("|")}
_SHORT: Final = "|".join(name for name in _DAY if len(name) == 2)
_HEAD: Final = re.compile(
    r"\W*(?:(?:my|mi) )?(?:(?P<this>this|esta) |(?P<last>last|past|la)? ?)(?:week|wk|semana|sem)\b"
    r"(?P<past> pasada\b)?(?P<rest>.+)",
    re.DOTALL,
)
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_CODE: Final = r"(?P<letter>[a-hj-np-xz])(?P=letter){0,2}"
_PARTS: Final = (
    re.compile(rf"(?P<days>(?:{_SHORT})+)"),
    re.compile(rf"(?P<code>{_CODE})(?P<days>(?:{_SHORT})*)"),
)
_NAMES: Final = "|".join(_DAY)
_UNSURE: Final = re.compile(rf"(?:{_NAMES})\s*(?:-|\.\.|…)\W*(?:{_NAMES})|\?")
"""MO-FR may be five days, or two."""
_SHAPE: Final = re.compile(r"[mtwrfsulxjvd]{1,7}|[a-z]|\d{1,2}")
"""What people write in the place of days: MTWF, L X V, 5."""
_BESIDE: Final = frozenset(["and", "y", "please", "thanks", "thank", "you", "por", "favor", "gracias", "ok"])


def week(plain: str) -> PaperWeek | UnreadWeek | None:
    """None for a text that only begins with the word: "week was hard, 6"."""
    head = _HEAD.fullmatch(plain)
    tokens = [token for token in _TOKEN.findall(head["rest"]) if token not in _BESIDE] if head else []
    parts = [_parts(token) for token in tokens]
    if head is None or not parts or not isinstance(parts[0], list) or not isinstance(parts[0][0], str):
        return None
    if any(part is None and not _SHAPE.fullmatch(token) for part, token in zip(parts, tokens, strict=True)):
        return None
    is_clear = None not in parts and not _UNSURE.search(head["rest"])
    ticks = _ticks([one for part in parts if part for one in part]) if is_clear else None
    return PaperWeek(ticks, _which(head)) if ticks else UnreadWeek()


def _which(head: re.Match[str]) -> Literal["this", "last"] | None:
    return "this" if head["this"] else "last" if head["past"] or head["last"] in ("last", "past") else None


def _parts(token: str) -> list[str | int] | None:
    """The letter of an exercise, days, or both written as one word; None for anything else."""
    if token in _DAY:
        return [_DAY[token]]
    match = next((match for pattern in _PARTS if (match := pattern.fullmatch(token))), None)
    if match is None:
        return None
    code = match.groupdict().get("code")
    return [*([code.upper()] if code else []), *(_DAY[day] for day in re.findall(_SHORT, match["days"]))]


def _ticks(parts: list[str | int]) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """None when a letter has no days, or a letter or one of its days comes twice: one of the two is a slip."""
    found: dict[str, list[int]] = {}
    last: list[int] | None = None
    for part in parts:
        if isinstance(part, str):
            if part in found:
                return None
            last = found[part] = []
        elif last is None or part in last:
            return None
        else:
            last.append(part)
    return tuple((code, tuple(sorted(days))) for code, days in found.items()) if all(found.values()) else None
