from datetime import datetime
from uuid import UUID

from msgspec import Struct

from service.review.rules import Tier
from service.review.schemas import StaffBar
from service.review.schemas.forms import Option


class Recipient(Struct, frozen=True):
    """`from_at`, by the client's own clock, when it is night there now."""

    id: UUID
    name: str
    by_text: bool
    language: str
    picked: bool
    from_at: datetime | None = None


class LeftOut(Struct, frozen=True):
    id: UUID
    name: str
    why: str


class BulkView(Struct, frozen=True, kw_only=True):
    """`to` get it, `left_out` do not. `sent` is the message that was sent just now, and `undo_until` how long it can be
    taken back; `more` are those past the most that one message goes to."""

    bar: StaffBar
    entry: UUID
    tiers: list[Option]
    shown: Tier | None
    therapists: list[Option]
    to: list[Recipient]
    left_out: list[LeftOut]
    more: int = 0
    words: str = ""
    languages: list[str] = []
    problem: str | None = None
    text_problem: str | None = None
    sent: UUID | None = None
    undo_until: datetime | None = None
    status: str | None = None
    in_test: bool = False
