"""What staff do about an alert, a warning sign as they see it, and good news."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.review.rules import Rule


class SeenIn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`as_of` is when the caseload was read: what came in after it stays unseen. Left out, it is now."""

    rule: Rule
    as_of: Annotated[datetime, Meta(tz=True, description="Use a time with its offset.")] | UnsetType = UNSET


class SnoozeIn(SeenIn, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    days: Annotated[int, Meta(ge=1, le=30, description="Use 1 to 30 days.")] = 3


class DoneIn(SeenIn, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    note: Annotated[
        str, Meta(min_length=1, max_length=2000, description="Write what you did, in 1 to 2000 characters.")
    ]


class RedFlagShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`lines` are what was said, or the questions that were answered with yes. `care` is how soon the answers ask for
    it, and was told to the client. One that was cleared says by whom, and with which note."""

    id: UUID
    opened_at: datetime
    source: Literal["text", "intake", "staff", "screen"]
    lines: list[str] = []
    care: str | None = None
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    note: str | None = None


class QuestionsAnswered(Struct, frozen=True):
    """To how many of all questions about warning signs somebody said yes, and to how many no, at once. What is missing
    was not asked, or not answered."""

    at: datetime
    yes: int
    no: int
    of: int


class GoodNews(Struct, frozen=True):
    client_id: UUID
    name: str
    sentence: str
