"""What a plan can start from, and two plans beside each other."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field
from service.review.schemas.proposals import ProgrammeLine


class StartChoice(Struct, frozen=True):
    """One link that fills the form; `facts` are a line beside it, `more` what a therapist may want to read first."""

    url: str
    name: str
    facts: str
    more: str | None = None


class StartView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    client_id: UUID
    client_name: str
    programmes: list[StartChoice]
    templates: list[StartChoice]
    earlier: list[StartChoice]
    others: list[StartChoice]
    runs: bool = False
    current: ProgrammeLine | None = None


class TemplateRow(Struct, frozen=True):
    id: UUID
    name: Field
    facts: str


class TemplatesView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    templates: list[TemplateRow]
    status: str | None = None


class RowToPick(Struct, frozen=True):
    """One thing that differs between what is saved and what was written; `picked` is saved, mine or nothing yet."""

    name: str
    label: str
    saved: str
    mine: str
    picked: str = ""


class BothView(Struct, frozen=True, kw_only=True):
    """`fields` are the form as it was written, to be sent along."""

    bar: StaffBar
    client_id: UUID
    client_name: str
    number: int
    author: str
    made_on: date
    rows: list[RowToPick]
    same: int
    fields: list[tuple[str, str]]


class VersionRow(Struct, frozen=True, kw_only=True):
    """`days_told` are days on which something was logged under it, and it stays there."""

    id: UUID
    number: int
    starts_on: date
    ends_on: date | None
    never_ran: bool
    author: str
    made_at: datetime
    change: str
    days_told: int


class VersionsView(Struct, frozen=True, kw_only=True):
    """`lines` say how `new` differs from `old`."""

    bar: StaffBar
    client_id: UUID
    client_name: str
    rows: list[VersionRow]
    old: UUID | None = None
    new: UUID | None = None
    lines: list[str] = []
