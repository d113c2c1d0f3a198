from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

KindName = Literal["check_in", "plan", "habit"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ChannelName = Literal["sms", "email"]
LocalTime = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Use a local time such as 08:00.")
]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ReminderIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Times are by the client's own clock. `channels` are tried in this order. Left out, it starts today."""

    local_times: Annotated[list[LocalTime], Meta(min_length=1, max_length=6, description="Use 1 to 6 times.")]
    channels: Annotated[list[ChannelName], Meta(min_length=1, description="Use sms, email or both.")]
    weekdays: Annotated[list[Weekday], Meta(min_length=1, description="Choose weekdays.")] = field(
        default_factory=lambda: list(EVERY_DAY)
    )
    starts_on: date | UnsetType = UNSET


class ReminderOut(Struct, omit_defaults=True):
    kind: KindName
    local_times: list[str]
    weekdays: list[Weekday]
    channels: list[ChannelName]
    starts_on: date
    revision: int
    paused_until: date | UnsetType = UNSET


class ReminderList(Struct):
    data: list[ReminderOut]


class LedgerEntryOut(Struct, omit_defaults=True, kw_only=True):
    """One due moment. `reason` is a sentence, `reason_code` is there when nothing was sent.

    `day` and `zone` are the client's at that moment; `sent_at` is when the message service took it, and
    `answered_at` when the client first logged that day what was asked for, after the message.
    """

    id: UUID
    kind: KindName
    day: date
    zone: str
    due_at: datetime
    state: Literal["queued", "sent", "answered", "skipped", "expired", "suppressed", "failed"]
    reason: str
    reason_code: str | UnsetType = UNSET
    channel: ChannelName | UnsetType = UNSET
    sent_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    message_id: UUID | UnsetType = UNSET


class LedgerOut(Struct):
    """Newest first."""

    first: date
    last: date
    data: list[LedgerEntryOut]
