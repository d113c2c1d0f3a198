"""A clinic's settings, for the API and for their page."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

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


class SettingsIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays as it is. Each may only be made stricter than it comes."""

    flare_score: FlareScore | UnsetType = UNSET
    texts_per_day: TextsPerDay | UnsetType = UNSET
    texts_per_week: TextsPerWeek | UnsetType = UNSET
    fresh_start: bool | UnsetType = UNSET
    week_text: bool | UnsetType = UNSET
    monitoring: bool | UnsetType = UNSET


class SettingsOut(Struct):
    """`flare_score`: a score from there on rests exercise reminders for a day. `fresh_start`: one last text when a
    month begins, to whoever was silent for 30 planned days. `week_text`: a text when a week is over. `monitoring`: the
    ledger of remote therapeutic monitoring in the US is there for staff."""

    flare_score: int
    texts_per_day: int
    texts_per_week: int
    fresh_start: bool
    week_text: bool
    monitoring: bool


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
    status: str | None = None
    url: str = "/settings"
