from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.plans.fix_rows import FixToPrescribe, LessonToPrescribe, OnceToPrescribe
from service.plans.queries import Content
from service.plans.schemas.ahead import AheadIn, AheadOut
from service.remedies import whole

SetCount = Annotated[int, Meta(ge=1, le=20, description="Use a whole number from 1 to 20.")]
RepCount = Annotated[int, Meta(ge=1, le=200, description="Use a whole number from 1 to 200.")]
Hold = Annotated[int, Meta(ge=0, le=600, description="Use whole seconds from 0 to 600.")]
Rest = Annotated[int, Meta(ge=0, le=900, description="Use whole seconds from 0 to 900.")]
Load = Annotated[float, Meta(ge=0, le=500, description="Use a number from 0 to 500.")]
Words = Annotated[str, Meta(max_length=500, description="Use at most 500 characters.")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class CadenceIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of `weekdays`, `times_per_week` and `every_days`."""

    weekdays: list[Weekday] | UnsetType = UNSET
    times_per_week: Annotated[int, Meta(ge=1, le=7, description="Days per week must be 1 to 7.")] | UnsetType = UNSET
    every_days: Annotated[int, Meta(ge=1, le=28, description="Use 1 to 28 days.")] | UnsetType = UNSET
    times_per_day: Annotated[int, Meta(ge=1, le=6, description="Use 1 to 6 times a day.")] = 1


class ItemIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Whatever is left out is the library's default: the low end of each range."""

    exercise: Annotated[str, Meta(max_length=60, description="Use the code of an exercise in the library.")]
    cadence: CadenceIn
    routine: Annotated[str, Meta(max_length=80, description="Use at most 80 characters.")] | UnsetType = UNSET
    side: Literal["left", "right", "both"] | UnsetType = UNSET
    working_side: Literal["moving", "stance", "both"] | UnsetType = UNSET
    sets: SetCount | UnsetType = UNSET
    reps: RepCount | UnsetType = UNSET
    hold_seconds: Hold | UnsetType = UNSET
    rest_seconds: Rest | UnsetType = UNSET
    tempo: Words | UnsetType = UNSET
    load: Load | UnsetType = UNSET
    load_unit: Literal["kg", "lb", "band"] | UnsetType = UNSET
    effort: Literal["light", "somewhat_hard", "hard"] | UnsetType = UNSET
    cue: Words | UnsetType = UNSET
    item_key: UUID | UnsetType = UNSET
    """In a change: the key of the item this one continues."""
    ahead: AheadIn | UnsetType = UNSET
    """Steps to allow ahead; left out, none is."""


class HabitIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    habit: Annotated[str, Meta(max_length=60, description="Use the code of a habit in the library.")]
    target: Annotated[float, Meta(ge=0, le=100000, description="Use a number from 0 to 100000.")] | UnsetType = UNSET
    habit_key: UUID | UnsetType = UNSET


class ProgrammeIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where in a programme the plan is. `began_on` is the first day of its week 1: left out, it is worked out from the
    first week of the phase, or stays that of the version before."""

    code: Annotated[str, Meta(max_length=60, description="Use the code of a programme in the catalogue.")]
    phase: Annotated[int, Meta(ge=1, le=20, description="Use a whole number from 1.")] = 1
    began_on: date | UnsetType = UNSET


class ReasonIn(Struct, forbid_unknown_fields=True):
    """Why a warning is passed: with its `pointer` and its `code`, as they were answered."""

    pointer: Annotated[
        str,
        Meta(pattern=whole(r"/items(/[0-9]{1,2}(/[a-z_]{1,20})?)?"), description="Use the pointer of the warning."),
    ]
    code: Annotated[str, Meta(min_length=1, max_length=60, description="Use the code of the warning.")]
    reason: Annotated[str, Meta(pattern=r"\S", max_length=500, description="Say why, in at most 500 characters.")]


class FixIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something to do once, by a day. So many days after it was done it is asked about again; left out, it is not."""

    prompt: Annotated[str, Meta(min_length=1, max_length=200, description="Use 1 to 200 characters.")]
    due_on: date
    recheck_days: Annotated[int, Meta(ge=1, le=366, description="Use 1 to 366 days.")] | UnsetType = UNSET
    fix_key: UUID | UnsetType = UNSET
    """In a change: the key of the fix this one continues."""


class LessonIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A note to read: no dose, and nothing to tell."""

    title: Annotated[str, Meta(min_length=1, max_length=80, description="Use 1 to 80 characters.")]
    body: Annotated[str, Meta(min_length=1, max_length=1500, description="Use 1 to 1500 characters.")]
    lesson_key: UUID | UnsetType = UNSET
    """In a change: the key of the note this one continues."""


class PrescriptionIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    starts_on: date
    items: Annotated[list[ItemIn], Meta(max_length=12, description="Use at most 12 exercises.")]
    habits: Annotated[list[HabitIn], Meta(max_length=10, description="Use at most 10 habits.")] = []
    title: Annotated[str, Meta(min_length=1, max_length=120, description="Use 1 to 120 characters.")] = (
        "Home exercise plan"
    )
    note: Words | UnsetType = UNSET
    fixes: Annotated[list[FixIn], Meta(max_length=5, description="Use at most 5 things to do once.")] = []
    lessons: Annotated[list[LessonIn], Meta(max_length=5, description="Use at most 5 notes to read.")] = []
    programme: ProgrammeIn | UnsetType | None = UNSET
    """Left out, the plan stays where it is in its programme; null takes it out."""
    load_pain: Annotated[int, Meta(ge=3, le=5, description="Use 3, 4 or 5.")] | UnsetType | None = UNSET
    """The most pain while exercising, where the clinic's is not stricter. Left out it stays; null takes it out."""
    reasons: Annotated[list[ReasonIn], Meta(max_length=100, description="Give at most 100 reasons.")] = []
    """One for each warning of an answer `reason-needed`."""


class ContextsIn(Struct, forbid_unknown_fields=True):
    """Codes of the catalogue's contexts; no others stand from now on."""

    contexts: Annotated[list[str], Meta(max_length=20, description="Use at most 20 labels.")]


class ContextOut(Struct):
    code: str
    name: str
    picked_at: datetime


class ContextList(Struct):
    """The labels a therapist picked, for staff only."""

    data: list[ContextOut]


class PauseIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    from_day: date
    until_day: date | UnsetType = UNSET
    reason: Words | UnsetType = UNSET


class EndIn(Struct, forbid_unknown_fields=True):
    last_day: date


class DoseOut(Struct, omit_defaults=True):
    sets: int
    reps: int
    hold_seconds: int
    rest_seconds: int
    side: str
    working_side: str
    tempo: str | UnsetType = UNSET
    load: float | UnsetType = UNSET
    load_unit: str | UnsetType = UNSET
    effort: str | UnsetType = UNSET


class ItemOut(Struct, omit_defaults=True):
    id: UUID
    item_key: UUID
    exercise: str
    name: str
    routine: str
    dose: DoseOut
    cadence: str
    """In words: "Mon, Wed, Fri"."""
    cue: str | UnsetType = UNSET
    ahead: AheadOut | UnsetType = UNSET


class PlanHabitOut(Struct, omit_defaults=True):
    id: UUID
    habit_key: UUID
    habit: UUID
    prompt: str
    kind: str
    cadence: str
    options: list[str] = []
    unit: str | UnsetType = UNSET
    target: float | UnsetType = UNSET


class PlanFixOut(Struct, omit_defaults=True):
    id: UUID
    fix_key: UUID
    prompt: str
    due_on: date
    recheck_days: int | UnsetType = UNSET


class LessonOut(Struct):
    id: UUID
    lesson_key: UUID
    title: str
    body: str


class PauseOut(Struct, omit_defaults=True):
    from_day: date
    until_day: date | UnsetType = UNSET


class ProgrammeOut(Struct):
    code: str
    phase: int
    began_on: date


class PassedOut(Struct, omit_defaults=True):
    """A warning that the version was prescribed against; without `item_key`, about the plan as a whole."""

    code: str
    message: str
    source: list[str]
    reason: str
    item_key: UUID | UnsetType = UNSET


class PlanOut(Struct, omit_defaults=True):
    id: UUID
    title: str
    version: int
    version_id: UUID
    starts_on: date
    minutes: int
    items: list[ItemOut]
    habits: list[PlanHabitOut]
    changes: list[str]
    etag: str
    """For `If-Match`: a plan is changed with that of its newest version, which may not have begun."""
    pauses: list[PauseOut] = []
    ended_on: date | UnsetType = UNSET
    note: str | UnsetType = UNSET
    fixes: list[PlanFixOut] = []
    lessons: list[LessonOut] = []
    programme: ProgrammeOut | UnsetType = UNSET
    load_pain: int | UnsetType = UNSET
    passed: list[PassedOut] = []
    """Told to staff only."""


class PlanHistory(Struct):
    data: list[PlanOut]


def once_of(data: PrescriptionIn) -> OnceToPrescribe:
    return OnceToPrescribe([_fix(fix) for fix in data.fixes], [_lesson(lesson) for lesson in data.lessons])


def _fix(fix: FixIn) -> FixToPrescribe:
    recheck_days = None if fix.recheck_days is UNSET else fix.recheck_days
    return FixToPrescribe(fix.prompt, fix.due_on, recheck_days, None if fix.fix_key is UNSET else fix.fix_key)


def _lesson(lesson: LessonIn) -> LessonToPrescribe:
    return LessonToPrescribe(lesson.title, lesson.body, None if lesson.lesson_key is UNSET else lesson.lesson_key)


def fixes_out(content: Content) -> list[PlanFixOut]:
    return [PlanFixOut(f.id, f.fix_key, f.prompt, f.due_on, f.recheck_days or UNSET) for f in content.fixes]


def lessons_out(content: Content) -> list[LessonOut]:
    return [LessonOut(one.id, one.lesson_key, one.title, one.body) for one in content.lessons]
