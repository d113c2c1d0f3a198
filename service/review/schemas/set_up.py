"""The five steps of a clinic's set-up, for its owner."""

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option, StepLine


class SetUpView(Struct, frozen=True, kw_only=True):
    """`test_news` says what became of the last test email; `lacking` what must hold before the clinic goes live."""

    bar: StaffBar
    steps: list[StepLine]
    facts: dict[str, Field]
    languages: list[Option]
    zones: list[str]
    countries: list[str]
    email: str
    texts_from: str
    mail_from: str
    is_live: bool
    lacking: list[str]
    has_provider: bool
    test_news: str | None = None
    problem: str | None = None
    status: str | None = None
    url: str = "/setup"
