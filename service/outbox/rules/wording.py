"""What a clinic may say in its own words in the texts of its reminders, and what must stay for them to work."""

import re
from collections.abc import Mapping
from typing import Final

from service.outbox.kinds import Fuse, MessageKind
from service.outbox.rules import MESSAGES
from service.outbox.words import blocked_words, normalise, reading_grade, segments

EDITABLE: Final = tuple(kind for kind in MessageKind if kind.fuse is Fuse.REMINDER and kind is not MessageKind.WHY)
"""Those of reminders. The one that asks why is answered by the numbers in it, which are ours."""

HARDEST: Final = 6
LONGEST: Final = 400
CLINIC: Final = "{clinic}"
_PLACE = re.compile(r"%\((\w+)\)s")
_TYPED = re.compile(r"\{(\w*)\}")
_KEPT = re.compile(r"\b(?:[A-Z]{3,}|\d+)\b")
# The longest that can stand in a text for one person; a short name has at most 20 characters.
LONGEST_OF: Final[Mapping[str, str]] = {
    "clinic": "Northside & Westgate",
    "link": "https://go.clinic.example/r/0123456789abcdefABCDEF",
    "anchor": "after your morning coffee",
}


def typed_of(words: str) -> str:
    """As it is edited: `%(link)s` is `{link}`."""
    return _PLACE.sub(r"{\1}", words).replace("%%", "%")


def stored_of(typed: str) -> str:
    return _TYPED.sub(r"%(\1)s", typed.replace("%", "%%"))


def places_of(kind: MessageKind) -> list[str]:
    """What the text needs, as it is edited."""
    return [f"{{{name}}}" for name in _PLACE.findall(MESSAGES[kind].sms)]


def kept_of(usual: str) -> list[str]:
    """The words and numbers of our text in this language that people answer with."""
    return list(dict.fromkeys(_KEPT.findall(typed_of(usual))))


def wording_problem(kind: MessageKind, usual: str, typed: str, locale: str) -> str | None:
    """What would be right about the words of a clinic; `usual` are ours in the same language."""
    needed = places_of(kind)
    if not typed.strip() or len(typed) > LONGEST:
        return "Use 1 to 400 characters."
    if not typed.startswith(CLINIC):
        return "Begin with {clinic}: people must see who writes."
    if sorted(_TYPED.findall(typed)) != sorted(name.strip("{}") for name in needed) or re.search("[{}]", _bare(typed)):
        return "Use each of the parts in curly brackets once, and no other."
    try:
        text = normalise(stored_of(typed) % LONGEST_OF)
    except (ValueError, KeyError):
        return "Take out pictures: use words and plain signs only."
    if any(word not in _KEPT.findall(_bare(typed)) for word in kept_of(usual)):
        return "Keep the words in capitals and the numbers: people answer with them."
    if blocked_words(_bare(typed)):
        return "Take out words that tell what somebody is treated for: others may see the screen."
    if segments(text) != (1, "gsm7"):
        return "Make it shorter, or use plain letters: with the longest name and link it must fit one text."
    if locale == "en" and reading_grade(text) >= HARDEST:
        return "Use shorter words and sentences: a child of eleven should follow."
    return None


def _bare(typed: str) -> str:
    return _TYPED.sub(" ", typed)
