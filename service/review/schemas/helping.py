from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class HelperRow(Struct, frozen=True):
    """`by_client`: they named them themselves. `sent`: what became of the link that we sent; `problem`: why we
    do not."""

    id: UUID
    name: str
    relation: str
    contact: str
    since: date
    until: date
    by_client: bool
    told_on: date | None = None
    sent: str | None = None
    problem: str | None = None


class Helping(Struct, frozen=True, kw_only=True):
    """`link` is that of a helper who was named just now, and `is_sent` that we send it; `wording` is what the client
    says yes to, and `send_wording` to that; `problems` by the name of the field."""

    helpers: list[HelperRow]
    relations: list[tuple[str, str]]
    wording: str
    wording_language: str
    send_wording: str
    send: bool = False
    agreed: bool = False
    name: str = ""
    relation: str = ""
    contact: str = ""
    problems: dict[str, str] = {}
    made_for: str | None = None
    link: str | None = None
    is_sent: bool = False


class SendLinkIn(Struct, forbid_unknown_fields=True):
    """`consent` is what the client said yes to, word for word."""

    consent: Annotated[str, Meta(min_length=1, max_length=500, description="Use 1 to 500 characters.")]
