"""What the lists and forms of the clinic's library share."""

from collections.abc import Mapping, Sequence
from typing import Final

from service.errors import FieldProblem
from service.review.schemas.forms import Option
from service.words import translator

ALL_OF_THEM: Final = "All of them"
OUR_OWN: Final = "Our own"
HIDDEN_ONES: Final = "Hidden ones"


def options(words: Mapping[str, str], picked: str, locale: str) -> list[Option]:
    say = translator(locale).gettext
    return [Option(value, say(label), value == picked) for value, label in words.items()]


def nothing_saved(problems: Sequence[FieldProblem], locale: str) -> str | None:
    words = "Nothing was saved yet. Please look at the fields marked below."
    return translator(locale).gettext(words) if problems else None


def beside(problems: Sequence[FieldProblem], locale: str) -> dict[str, str]:
    """What would be right, by field."""
    say = translator(locale).gettext
    return {problem.pointer: say(problem.message) for problem in problems}
