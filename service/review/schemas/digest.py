"""The mail about the caseload, for the API and for its page."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from service.reminders.schemas import LocalTime, Weekday
from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


def _working_days() -> list[Weekday]:
    return ["mon", "tue", "wed", "thu", "fri"]


class DigestIn(Struct, forbid_unknown_fields=True):
    """One mail on each of these days at this time of the zone, when somebody waits. Without `zone`, the clinic's."""

    local_time: LocalTime
    weekdays: Annotated[list[Weekday], Meta(min_length=1, description="Choose weekdays.")] = field(
        default_factory=_working_days
    )
    zone: str | UnsetType = UNSET


class DigestMailOut(Struct, omit_defaults=True):
    """What became of the mail of a day. `reason` is a sentence; `reason_code` is there when nothing was sent."""

    day: date
    due_at: datetime
    state: Literal["queued", "in_flight", "sent", "skipped", "expired", "failed"]
    reason: str
    reason_code: str | UnsetType = UNSET


class DigestOut(Struct, omit_defaults=True):
    """`wanted` is false until it is set, and after it was ended. `mails` are the last ones, the newest first."""

    wanted: bool
    mails: list[DigestMailOut]
    local_time: str | UnsetType = UNSET
    weekdays: list[Weekday] | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    next_at: datetime | UnsetType = UNSET


class DigestView(Struct, frozen=True, kw_only=True):
    """`mails` are the last days with what became of each, in a sentence."""

    bar: StaffBar
    wanted: bool
    email: str
    local_time: Field
    zone: Field
    zones: Sequence[str]
    weekdays: list[Option]
    mails: list[tuple[date, str]]
    next_at: datetime | None = None
    days_problem: str | None = None
    status: str | None = None
    url: str = "/digest"
    stop_url: str = "/digest/stop"
