"""The ledger of remote therapeutic monitoring: counts, and which code they would support."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import NOTHING_SENT, Sent


class CodeOut(Struct, frozen=True, omit_defaults=True):
    """`times` the counts support the code; `missing` is why not when they do not."""

    code: str
    label: str
    times: int
    missing: str | None = None


class ChannelDays(Struct, frozen=True):
    """Days on which something came through this channel; `counted` is False for one that was left out."""

    channel: str
    words: str
    days: int
    counted: bool


class Window(Struct, frozen=True):
    """30 days in a row from the start of monitoring. `data_days` are those that count."""

    first: date
    last: date
    data_days: list[date]
    channels: list[ChannelDays]
    codes: list[CodeOut]


class StaffTime(Struct, frozen=True):
    id: UUID
    day: date
    minutes: int
    is_live: bool
    by: str


class Month(Struct, frozen=True):
    """A calendar month. `live`: talks in which both sides spoke."""

    first: date
    last: date
    minutes: int
    live: int
    times: list[StaffTime]
    codes: list[CodeOut]


class Ledger(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The two clocks of the day `on`; `window` is missing before monitoring starts. Nothing here says that anything
    may be billed."""

    client_id: UUID
    name: str
    on: date
    today: date
    zone: str
    starts_on: date | None = None
    ended_on: date | None = None
    window: Window | None = None
    month: Month
    cautions: list[str]


class LedgerView(Ledger, frozen=True, kw_only=True):
    bar: StaffBar
    entry: UUID  # of the minutes being written down: sent twice, they are one
    status: str | None = None
    sent: Sent = NOTHING_SENT


class StartIn(Struct, forbid_unknown_fields=True):
    starts_on: date


class TimeIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`is_live`: both sides spoke there and then; texts back and forth are no talk."""

    day: date
    minutes: Annotated[int, Meta(ge=0, le=480, description="Use 0 to 480 minutes.")]
    is_live: bool = False
