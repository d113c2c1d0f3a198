"""A clinic's settings, for the API and for their page."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.reminders.schemas import LocalTime
from service.review.rules.settings import NUMBERS
from service.review.schemas import StaffBar

FlareScore = Annotated[
    int, Meta(ge=NUMBERS["flare_score"].low, le=NUMBERS["flare_score"].high, description=NUMBERS["flare_score"].hint)
]
TextsPerDay = Annotated[
    int,
    Meta(ge=NUMBERS["texts_per_day"].low, le=NUMBERS["texts_per_day"].high, description=NUMBERS["texts_per_day"].hint),
]
TextsPerWeek = Annotated[
    int,
    Meta(
        ge=NUMBERS["texts_per_week"].low, le=NUMBERS["texts_per_week"].high, description=NUMBERS["texts_per_week"].hint
    ),
]


EscalateMinutes = Annotated[
    int,
    Meta(
        ge=NUMBERS["escalate_minutes"].low,
        le=NUMBERS["escalate_minutes"].high,
        description=NUMBERS["escalate_minutes"].hint,
    ),
]


TracesDays = Annotated[
    int,
    Meta(ge=NUMBERS["traces_days"].low, le=NUMBERS["traces_days"].high, description=NUMBERS["traces_days"].hint),
]


class OfficeDay(Struct, forbid_unknown_fields=True):
    opens: LocalTime
    closes: LocalTime


class OfficeWeek(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A weekday that is not named has no hours."""

    mon: OfficeDay | UnsetType = UNSET
    tue: OfficeDay | UnsetType = UNSET
    wed: OfficeDay | UnsetType = UNSET
    thu: OfficeDay | UnsetType = UNSET
    fri: OfficeDay | UnsetType = UNSET
    sat: OfficeDay | UnsetType = UNSET
    sun: OfficeDay | UnsetType = UNSET


class SettingsIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays as it is. Each may only be made stricter than it comes."""

    flare_score: FlareScore | UnsetType = UNSET
    texts_per_day: TextsPerDay | UnsetType = UNSET
    texts_per_week: TextsPerWeek | UnsetType = UNSET
    fresh_start: bool | UnsetType = UNSET
    week_text: bool | UnsetType = UNSET
    monitoring: bool | UnsetType = UNSET
    escalate_minutes: EscalateMinutes | UnsetType = UNSET
    traces_days: TracesDays | UnsetType = UNSET
    office_hours: OfficeWeek | UnsetType = UNSET
    closed_days: list[date] | UnsetType = UNSET


class SettingsOut(Struct):
    """`flare_score`: a score from there on rests exercise reminders for a day. `fresh_start`: one last text when a
    month begins, to whoever was silent for 30 planned days. `week_text`: a text when a week is over. `monitoring`: the
    ledger of remote therapeutic monitoring in the US is there for staff. `escalate_minutes`: of office hours, after
    nobody looked at a client to call in time, until the next person is told. `traces_days`: how long links, sign-ins,
    reports of providers and emails to staff are kept once they are over. `office_hours` by the clinic's clock; a
    weekday that is not named has none, and nobody is there on `closed_days`."""

    flare_score: int
    texts_per_day: int
    texts_per_week: int
    fresh_start: bool
    week_text: bool
    monitoring: bool
    escalate_minutes: int
    traces_days: int
    office_hours: OfficeWeek
    closed_days: list[date]


class OfficeField(Struct, frozen=True):
    """A day of the week with its hours as typed."""

    code: str
    name: str
    opens: str
    closes: str
    problem: str | None = None


class NumberField(Struct, frozen=True):
    name: str
    label: str
    source: str
    value: str
    low: int
    high: int
    problem: str | None = None


class SwitchField(Struct, frozen=True):
    name: str
    label: str
    source: str
    is_on: bool


class SettingsView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    numbers: list[NumberField]
    switches: list[SwitchField]
    office: list[OfficeField]
    closed: str
    closed_problem: str | None = None
    status: str | None = None
    url: str = "/settings"
