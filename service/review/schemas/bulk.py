from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.conversation.rules import LONGEST_MESSAGE
from service.conversation.rules.reaching import MOST_AT_ONCE
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
    code: str
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


class RecipientOut(Struct, frozen=True, omit_defaults=True):
    """`channel` is how they are told that there is a message, `from_at` when it is night there now: not before then."""

    client_id: UUID
    channel: Literal["sms", "email"]
    from_at: datetime | UnsetType = UNSET


class NotReachedOut(Struct, frozen=True):
    client_id: UUID
    reason: str


class RecipientList(Struct, frozen=True):
    """`more` would get it too, and are past the most that one message goes to."""

    to: list[RecipientOut]
    not_to: list[NotReachedOut]
    more: int


class BulkIn(Struct, forbid_unknown_fields=True):
    to: Annotated[
        list[UUID],
        Meta(min_length=1, max_length=MOST_AT_ONCE, description=f"Name 1 to {MOST_AT_ONCE} clients."),
    ]
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_MESSAGE)]


class BulkOut(Struct, frozen=True):
    """Until `undo_until` nothing tells them of it, and it can be taken back."""

    to: list[UUID]
    not_to: list[NotReachedOut]
    undo_until: datetime


class TakenBack(Struct, frozen=True):
    """`count`: from how many. Whom something told already, or who read it, keeps it."""

    count: int
