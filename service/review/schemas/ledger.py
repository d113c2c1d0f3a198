"""What became of every due moment, and where a client can be reached."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.conversation.rules.invites import Code
from service.review.schemas.fixes import LedgerKind

OccurrenceState = Literal["queued", "sent", "answered", "skipped", "expired", "suppressed", "failed"]
Channel = Literal["sms", "email", "inbox"]


class LedgerRow(Struct, frozen=True, omit_defaults=True):
    """One due moment and what became of it. `first_try` tells what became of the channel tried before this one."""

    due_at: datetime
    kind: LedgerKind
    state: OccurrenceState
    reason: str
    channel: Channel | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    first_try: str | None = None


class InviteLine(Struct, frozen=True, omit_defaults=True):
    """The last invitation at an address: where it stands, since when, and why it did not arrive.
    `is_open`: they may still answer, and staff withdraw it."""

    id: UUID
    state: Code
    words: str
    at: datetime
    reason: str | None = None
    is_open: bool = False


class Contact(Struct, frozen=True, omit_defaults=True):
    """`stopped_at` is set once the person said stop; only they can start again. `stopped_how` is bounce or complaint
    when their mail server said so, or their mailbox. `invalid_at`: it does not work. `invite` while they have
    not said yes."""

    kind: Literal["phone", "email"]
    address: str
    verified: bool
    consent_words: str | None = None
    consent_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_how: str | None = None
    invalid_at: datetime | None = None
    invite: InviteLine | None = None
