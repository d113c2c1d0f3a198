from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.remedies import whole
from service.reminders.recurrence import MOST_DAYS_APART, MOST_EXCEPTIONS, MOST_TIMES
from service.reminders.wishes import MOST_ANCHOR

KindName = Literal["check_in", "plan", "habit"]
LedgerKind = Literal["check_in", "plan", "habit", "fix"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
AskingName = Literal["stopped", "not_now", "resting", "fewer_days", "wanted_daily", "every_day"]
ExtraName = Literal["again", "evening", "lapse", "why", "taper", "changed", "moved", "week", "recheck"]
ChannelName = Literal["sms", "email"]
LocalTime = Annotated[
    str, Meta(pattern=whole(r"([01][0-9]|2[0-3]):[0-5][0-9]"), description="Use a local time such as 08:00.")
]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ReminderIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Times and days are by the client's own clock and calendar. `channels` are tried in this order.

    At most one of `weekdays`, `every_days` (counted from `starts_on`) and `times_per_week` (spread over Monday to
    Sunday); without any, every day. Left out, it starts today and has no end. Nothing comes due on the days of
    `except_on`; until `paused_until`, included, due moments are skipped and say so in the ledger.
    `anchor` names a daily act in the text of the plan's reminder, such as "after your coffee".
    """

    local_times: Annotated[
        list[LocalTime], Meta(min_length=1, max_length=MOST_TIMES, description=f"Use 1 to {MOST_TIMES} times.")
    ]
    channels: Annotated[list[ChannelName], Meta(min_length=1, description="Use sms, email or both.")]
    weekdays: Annotated[list[Weekday], Meta(min_length=1, description="Choose weekdays.")] | UnsetType = UNSET
    every_days: (
        Annotated[int, Meta(ge=1, le=MOST_DAYS_APART, description=f"Use 1 to {MOST_DAYS_APART} days.")] | UnsetType
    ) = UNSET
    times_per_week: Annotated[int, Meta(ge=1, le=7, description="Use 1 to 7 times a week.")] | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType = UNSET
    except_on: Annotated[
        list[date], Meta(max_length=MOST_EXCEPTIONS, description=f"Give at most {MOST_EXCEPTIONS} days.")
    ] = []
    paused_until: date | UnsetType = UNSET
    anchor: (
        Annotated[str, Meta(min_length=1, max_length=MOST_ANCHOR, description=f"Use at most {MOST_ANCHOR} letters.")]
        | UnsetType
    ) = UNSET


class ReminderOut(Struct, omit_defaults=True):
    kind: KindName
    local_times: list[str]
    channels: list[ChannelName]
    starts_on: date
    revision: int
    weekdays: list[Weekday] | UnsetType = UNSET
    every_days: int | UnsetType = UNSET
    times_per_week: int | UnsetType = UNSET
    ends_on: date | UnsetType = UNSET
    except_on: list[date] = []
    paused_until: date | UnsetType = UNSET
    anchor: str | UnsetType = UNSET


class RhythmOut(Struct, omit_defaults=True):
    """How often this client is asked now. `reason` is a sentence. `weekdays` are there when only these are asked,
    `since` is the day it became so, `until` when a rest ends. The plan's reminder may have moved by itself on
    `moved_on`, towards the usual time of a log: CHANGE BACK brings it to `moved_from`, KEEP does not."""

    asking: AskingName
    reason: str
    weekdays: list[Weekday] | UnsetType = UNSET
    since: date | UnsetType = UNSET
    until: datetime | UnsetType = UNSET
    moved_from: str | UnsetType = UNSET
    moved_on: date | UnsetType = UNSET


class ReminderList(Struct):
    data: list[ReminderOut]
    rhythm: RhythmOut


class AttemptOut(Struct, omit_defaults=True, kw_only=True):
    """One try that may have reached a provider. Without `outcome`, its answer never came or is not here yet."""

    at: datetime
    channel: ChannelName
    provider: str
    outcome: str | UnsetType = UNSET
    status_code: int | UnsetType = UNSET
    provider_code: str | UnsetType = UNSET


class LedgerEntryOut(Struct, omit_defaults=True, kw_only=True):
    """One due moment. `reason` is a sentence, `reason_code` is there when nothing was sent.

    `extra` is there when it was no time of the reminder: asked again after LATER, an evening text, a word about
    silence, a miss, a good rhythm, a changed plan or a week that is over. `day` and `zone` are the client's at that
    moment; `sent_at` is when the message service took it, and `answered_at` when the client first logged that day what
    was asked for, after the message. `attempts` are for staff only.
    """

    id: UUID
    kind: LedgerKind
    day: date
    zone: str
    due_at: datetime
    state: Literal["queued", "sent", "answered", "skipped", "expired", "suppressed", "failed"]
    reason: str
    reason_code: str | UnsetType = UNSET
    extra: ExtraName | UnsetType = UNSET
    channel: ChannelName | UnsetType = UNSET
    sent_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    message_id: UUID | UnsetType = UNSET
    attempts: list[AttemptOut] = []


class UnwrittenOut(Struct, omit_defaults=True, kw_only=True):
    """A day on which a reminder had no due moment, or a moment that is not in the ledger yet, with the reason.

    Without `kind`, no reminder was set. `changed_on`: the reminder changed after that day, and may have had other
    days before.
    """

    day: date
    reason: str
    reason_code: str
    kind: KindName | UnsetType = UNSET
    due_at: datetime | UnsetType = UNSET
    changed_on: date | UnsetType = UNSET


class LedgerOut(Struct, omit_defaults=True):
    """Newest first. `next_cursor` asks for the days before; it is left out when there is nothing to tell of them."""

    first: date
    last: date
    data: list[LedgerEntryOut]
    unwritten: list[UnwrittenOut]
    next_cursor: str | UnsetType = UNSET


class LedgerDayOut(Struct):
    """Why no message came on a day, or that one did: `answer` in one or two sentences, and what it rests on."""

    day: date
    zone: str
    answer: str
    data: list[LedgerEntryOut]
    unwritten: list[UnwrittenOut]
