"""One form for every spelling, and a text as the phrases it is made of."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from service.conversation.words import answers, places

LONGEST: Final = 6
DROPPED: Final = frozenset(("a", "an", "the", "my", "el", "la", "las", "los", "mi", "mis"))
# A slash or a dash between two numbers says nothing: there are two numbers.
PUNCTUATION: Final = frozenset('.,!?:;"“”«»()[]~≈*…-/&=¡¿')

_INVISIBLE: Final = frozenset(("Mn", "Me", "Cf", "Sk"))
# "1O" may be a slip for 10 and "5k" is a walk.
_TOKEN: Final = re.compile(r"\b\d+[ok]\b|(?<![\w.])-\d+(?:\.\d+)?|(?<![\w.])\.\d+|\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]")

_HOURS = "una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce"
_AT_HOUR: Final = re.compile(rf"\ba las? (?=\d|(?:{_HOURS})\b)")
_CLOCK: Final = re.compile(r"\d+\.(?!0+$)\d{2,}")


class Mark(NamedTuple):
    """What one phrase of a text stands for: a kind such as side, num or done, and its value."""

    kind: str
    value: str


def fold(text: str) -> str:
    """Lower case, plain digits, no accents, apostrophes or invisible characters; line breaks stay."""
    folded = "".join(
        map(_fold_character, text.replace("½", " 1/2").replace("⁄", "/").replace("\\", "/").replace("_", " "))
    ).casefold()
    return re.sub(r" ?\n ?", "\n", re.sub(r"[^\S\n]+", " ", folded)).strip()


def _fold_character(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.east_asian_width(character) in "FH":
        character = unicodedata.normalize("NFKC", character)
    if unicodedata.category(character) == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    parts = unicodedata.normalize("NFD", character)
    return "".join(c for c in parts if unicodedata.category(c) not in _INVISIBLE and c not in "'’‘´ʼ")


@lru_cache(maxsize=4)
def _lexicon(asked: str | None) -> Mapping[str, Mark]:
    tables = [
        *(("fill", "", table) for table in (answers.FILLERS, answers.SCALE)),
        *(("polite", "", table) for table in (answers.POLITE, *PUNCTUATION)),
        *(("side", side, table) for side, table in places.SIDES.items()),
        *(("site", site, table) for site, table in places.SITES.items()),
        *(("timing", codes, table) for codes, table in places.AGGRAVATORS.items()),
        *(("num", number, table) for number, table in answers.NUMBERS.items()),
        *(("why", reason, table) for reason, table in answers.SKIP_REASONS.items()),
        *(("command", name, table) for name, table in answers.COMMANDS.items()),
        *(
            ("painless", "", answers.PAINLESS),
            ("half", "", answers.HALF),
            ("ache", "", answers.ACHE),
            ("vague", "", places.VAGUE),
            ("item", "", answers.ITEM),
            ("back", "low_back", "back"),
            ("motive", "", answers.MOTIVE),
            ("meant", "", answers.MEANT),
        ),
        *(("done", "", answers.DONE), ("some", "", answers.SOME), ("skip", "", answers.SKIP)),
    ]
    tables += [(kind, "", table) for kind, table in answers.WHEN_ASKED.get(asked or "", {}).items()]
    return {phrase: Mark(kind, value or phrase) for kind, value, table in tables for phrase in table.split("|")}


def marks_of(plain: str, asked: str | None) -> list[Mark]:
    """A folded text as marks, longest phrase first. Half points may have a comma: "3,5"."""
    known, found = _lexicon(asked if asked in answers.WHEN_ASKED else None), list[Mark]()
    spelled = _AT_HOUR.sub("at ", re.sub(r"(\d),5\b", r"\1.5", plain))
    tokens = [token for token in _TOKEN.findall(spelled) if token not in DROPPED]
    while tokens:
        sizes = range(min(LONGEST, len(tokens)), 0, -1)
        size = next((n for n in sizes if " ".join(tokens[:n]) in known), 1)
        found.append(known.get(" ".join(tokens[:size])) or _unlisted(tokens[0]))
        del tokens[:size]
    return found


def _unlisted(token: str) -> Mark:
    if token[-1].isdecimal():
        return Mark("unknown" if _CLOCK.fullmatch(token) else "num", token)
    # A face or a flower beside an answer does not change it.
    return Mark("polite" if unicodedata.category(token[0]) == "So" else "unknown", token)
