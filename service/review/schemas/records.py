"""All that is kept of one client, for the owner: to take along, or to erase."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field


class RecordView(Struct, frozen=True, kw_only=True):
    """`asked_on`: they asked to be forgotten. `confirm` is the name as typed."""

    bar: StaffBar
    client_id: UUID
    name: str
    url: str
    asked_on: date | None = None
    confirm: Field = Field()
