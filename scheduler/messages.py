"""A claimed message on its way, and the words for what may become of it.

Structs and not dataclasses: of each there is one for each message, and a frozen dataclass sets field by field.
"""

from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from service.reminders.reasons import Reason


class Claimed(Struct, frozen=True):
    id: UUID
    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: str
    params: dict[str, Any]
    occurrence_id: UUID | None
    day: date | None
    lease_token: int
    priority: int
    due_at: datetime
    expires_at: datetime
    created_at: datetime
    soft_fails: int
    zone: str
    reminder_id: UUID | None


class Settlement(Struct, frozen=True):
    """What a message becomes. `give_back` returns the attempt when the provider certainly did not process it."""

    state: str
    reason: str | None = None
    provider_message_id: str | None = None
    due_at: datetime | None = None
    check_at: datetime | None = None
    give_back: int = 0
    soft_fail: int = 0

    @property
    def settled(self) -> bool:
        return self.state in ("accepted", "failed", "expired", "suppressed")

    @property
    def ledger_state(self) -> str:
        """The ledger tells skipped from suppressed; to the outbox both are messages that were held back."""
        if self.state == "accepted":
            return "sent"
        return Reason(self.reason).state if self.settled and self.reason else self.state


class Leased(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def lease_token(self) -> int: ...


class Ready(Struct, frozen=True):
    """A claimed message that was written and may be marked. `cap`: how many of its purpose may go to this address in
    a day."""

    message: Claimed
    attempt_id: UUID
    provider: str
    body_sha256: bytes
    cap: int


class Marking(Enum):
    DONE = "done"
    FUSE = "fuse"
    NOT_NOW = "not now"


class Proof(Struct, frozen=True):
    """What is known of one try."""

    attempt_id: UUID
    outcome: str
    status_code: int | None = None
    code: str | None = None
    provider_message_id: str | None = None
    detail: str | None = None


def postponed(message: Claimed, due_at: datetime, *, give_back: int = 0, soft_fail: int = 0) -> Settlement:
    """Later, while that still makes sense; what would come after its window is over now."""
    if due_at >= message.expires_at:
        return Settlement("expired", Reason.LATE.value, give_back=give_back, soft_fail=soft_fail)
    return Settlement("queued", due_at=due_at, give_back=give_back, soft_fail=soft_fail)
