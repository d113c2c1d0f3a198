"""Every text a clinic's clients may get, measured, for its owner."""

from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


class TextLine(Struct, frozen=True):
    """`grade` is the school grade of an English text; `blocked` are words that would tell a stranger too much.
    `change_url` where the clinic may say it in its own words, and `is_own` when it does."""

    words: str
    characters: int
    parts: int
    is_plain: bool
    grade: float | None
    blocked: list[str]
    is_fine: bool
    change_url: str | None = None
    is_own: bool = False


class WordingView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    short_name: Field
    languages: list[Option]
    texts: list[TextLine]
    url: str = "/wording"


class OneWordingView(Struct, frozen=True, kw_only=True):
    """One text being put into the clinic's own words. `shown` is how it reads with them, None when they cannot be;
    `usual` are ours; `places` and `kept` must stand in both."""

    bar: StaffBar
    url: str
    language: str
    other_url: str
    other_language: str
    usual: str
    words: Field
    is_own: bool
    shown: TextLine | None
    places: list[str]
    kept: list[str]
    email: str
    phone: Field = Field("")
    status: str | None = None


class ReadyLine(Struct, frozen=True):
    """`measured` by the name of the language; `words` as typed, with what is wrong with them."""

    id: UUID
    words: dict[str, Field]
    measured: list[tuple[str, TextLine]]
    is_open: bool = False


class ReadyView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    languages: list[tuple[str, str]]
    own: list[ReadyLine]
    ours: list[str]
    fresh: ReadyLine
    status: str | None = None
