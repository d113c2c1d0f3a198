"""Texts that are nobody's for sure."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class UnplacedText(Struct, frozen=True):
    """A text that is nobody's for sure. `maybe` names those of its possible senders whom the reader treats."""

    id: UUID
    at: datetime
    text: str
    sent_from: str
    is_shared: bool
    is_danger: bool
    was_asked: bool
    maybe: list[tuple[UUID, str]]
    look_by: datetime | None = None
    is_overdue: bool = False


class DangerText(Struct, frozen=True):
    """A text without a name that somebody should read now, at `look_by` at the latest."""

    id: UUID
    at: datetime
    text: str
    look_by: datetime | None = None
    is_overdue: bool = False


class ReadyText(Struct, frozen=True):
    """Words to send as they are or to change first, in the client's language."""

    code: str
    words: str
