"""Every text a clinic's clients may get, measured, for its owner."""

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


class TextLine(Struct, frozen=True):
    """`grade` is the school grade of an English text; `blocked` are words that would tell a stranger too much."""

    words: str
    characters: int
    parts: int
    is_plain: bool
    grade: float | None
    blocked: list[str]
    is_fine: bool


class WordingView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    short_name: Field
    languages: list[Option]
    texts: list[TextLine]
    url: str = "/wording"
