"""A clinic's limits, for the API and for their page."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.review.rules.limits import LIMITS
from service.review.schemas import StaffBar


def _bounds(name: str) -> Meta:
    one = LIMITS[name]
    return Meta(ge=one.low, le=one.high, description=f"{one.label}. {one.source} {one.hint}")


HighPain = Annotated[int, _bounds("high_pain")]
PainJump = Annotated[int, _bounds("pain_jump")]
PainRise = Annotated[int, _bounds("pain_rise")]
HurtsTimes = Annotated[int, _bounds("hurts_times")]
QuietPlannedDays = Annotated[int, _bounds("quiet_planned_days")]
InvitedHours = Annotated[int, _bounds("invited_hours")]
UnreachedTexts = Annotated[int, _bounds("unreached_texts")]
LoadPain = Annotated[int, _bounds("load_pain")]
LoadSessions = Annotated[int, _bounds("load_sessions")]
LoadMisses = Annotated[int, _bounds("load_misses")]
LoadPercent = Annotated[int, _bounds("load_percent")]
LoadNights = Annotated[int, _bounds("load_nights")]
GuardExercises = Annotated[int, _bounds("guard_exercises")]
GuardMinutes = Annotated[int, _bounds("guard_minutes")]
GuardLoadedDays = Annotated[int, _bounds("guard_loaded_days")]
GuardSoreDays = Annotated[int, _bounds("guard_sore_days")]


class LimitsIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays as it is."""

    high_pain: HighPain | UnsetType = UNSET
    pain_jump: PainJump | UnsetType = UNSET
    pain_rise: PainRise | UnsetType = UNSET
    hurts_times: HurtsTimes | UnsetType = UNSET
    quiet_planned_days: QuietPlannedDays | UnsetType = UNSET
    invited_hours: InvitedHours | UnsetType = UNSET
    unreached_texts: UnreachedTexts | UnsetType = UNSET
    load_pain: LoadPain | UnsetType = UNSET
    load_sessions: LoadSessions | UnsetType = UNSET
    load_misses: LoadMisses | UnsetType = UNSET
    load_percent: LoadPercent | UnsetType = UNSET
    load_nights: LoadNights | UnsetType = UNSET
    guard_exercises: GuardExercises | UnsetType = UNSET
    guard_minutes: GuardMinutes | UnsetType = UNSET
    guard_loaded_days: GuardLoadedDays | UnsetType = UNSET
    guard_sore_days: GuardSoreDays | UnsetType = UNSET


class LimitsOut(Struct):
    """What the rules of the clinic go by."""

    high_pain: HighPain
    pain_jump: PainJump
    pain_rise: PainRise
    hurts_times: HurtsTimes
    quiet_planned_days: QuietPlannedDays
    invited_hours: InvitedHours
    unreached_texts: UnreachedTexts
    load_pain: LoadPain
    load_sessions: LoadSessions
    load_misses: LoadMisses
    load_percent: LoadPercent
    load_nights: LoadNights
    guard_exercises: GuardExercises
    guard_minutes: GuardMinutes
    guard_loaded_days: GuardLoadedDays
    guard_sore_days: GuardSoreDays


class LimitField(Struct, frozen=True):
    """`usual` is what it comes with."""

    name: str
    label: str
    source: str
    value: str
    low: int
    high: int
    usual: int
    problem: str | None = None


class LimitGroup(Struct, frozen=True):
    title: str
    limits: list[LimitField]


class LimitsView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    groups: list[LimitGroup]
    problem: str | None = None
    status: str | None = None
    url: str = "/settings/limits"
