from datetime import date
from uuid import UUID

from msgspec import Struct

from service.portal.schemas.own import Device


class HelperLine(Struct, frozen=True):
    id: UUID
    name: str
    relation: str
    contact: str
    since: date
    until: date
    told_on: date | None = None


class HandOver(Struct, frozen=True):
    """A link that was made just now, and how it is handed over: by the person's own phone or mail."""

    name: str
    link: str
    send_url: str
    by_text: bool


class HelperForm(Struct, frozen=True, kw_only=True):
    """`entry` makes a form that is sent twice one helper; `problems` by the name of the field."""

    entry: UUID
    relations: list[tuple[str, str]]
    wording: str
    name: str = ""
    relation: str = ""
    contact: str = ""
    problems: dict[str, str] = {}


class DevicesView(Struct, frozen=True, kw_only=True):
    """`saved`: what was done just now."""

    clinic_name: str
    devices: list[Device]
    helpers: list[HelperLine]
    form: HelperForm
    made: HandOver | None = None
    saved: str = ""
