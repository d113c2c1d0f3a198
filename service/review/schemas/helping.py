from datetime import date
from uuid import UUID

from msgspec import Struct


class HelperRow(Struct, frozen=True):
    """`by_client`: they named them themselves."""

    id: UUID
    name: str
    relation: str
    contact: str
    since: date
    until: date
    by_client: bool
    told_on: date | None = None


class Helping(Struct, frozen=True, kw_only=True):
    """`link` is that of a helper who was named just now; `wordings` what the client says yes to, their language first;
    `problems` by the name of the field."""

    helpers: list[HelperRow]
    relations: list[tuple[str, str]]
    wording: str
    wording_language: str
    name: str = ""
    relation: str = ""
    contact: str = ""
    problems: dict[str, str] = {}
    made_for: str | None = None
    link: str | None = None
