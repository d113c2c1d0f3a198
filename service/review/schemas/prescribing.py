"""The form that prescribes."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from service.catalogue.views import Shown
from service.review.schemas import ReminderKind, StaffBar
from service.review.schemas.forms import Field, Option
from service.review.schemas.proposals import ProgrammeLine
from service.review.schemas.warnings import SourceLink


class WarnedPick(Struct, frozen=True, kw_only=True):
    """What speaks against an exercise or the plan, and the field for why it is prescribed all the same.

    `beside` is the field of the dose that it is about, if it is about one.
    """

    name: str
    words: str
    sources: list[SourceLink]
    reason: Field
    beside: str | None = None


class AheadPick(Struct, frozen=True, kw_only=True):
    """Steps that may be allowed ahead: without a choice the therapist is asked first, as ever."""

    harder: list[Option]
    easier: list[Option]
    until: Field
    harder_problem: str | None = None
    easier_problem: str | None = None
    is_open: bool = False


class FinerPick(Struct, frozen=True, kw_only=True):
    """The fields of a dose that stand folded; open where one is not the exercise's own, or not right."""

    rest: Field
    tempo: Field
    usual_tempo: str
    efforts: list[Option]
    works: list[Option]
    effort_problem: str | None = None
    works_problem: str | None = None
    is_open: bool = False


class ExercisePick(Struct, frozen=True, kw_only=True):
    """A line of the plan. The dose fields hold the catalogue's usual dose until the therapist writes another.
    `routine` is the one it stands under; the first line of the plan can go no further up, the last no further down.
    `days` are the weekdays to tick, for whom no choice of `cadences` fits."""

    code: str
    name: str
    routine: str = ""
    position: str
    sets: Field
    reps: Field
    hold_s: Field
    load: Field = Field()
    units: list[Option] = []
    sides: list[Option]
    cadences: list[Option]
    days: list[Option] = []
    cue: Field = Field()
    load_problem: str | None = None
    side_problem: str | None = None
    cadence_problem: str | None = None
    caution: str | None = None
    shown: Shown = Shown()
    warnings: list[WarnedPick] = []
    finer: FinerPick
    ahead: AheadPick | None = None


class LibraryRow(Struct, frozen=True, kw_only=True):
    """An exercise to choose. `words` are what is looked for in it, `is_out` says that the filters leave it out."""

    code: str
    name: str
    position: str
    words: str
    tags: list[str]
    picture: str | None = None
    is_in: bool = False
    is_out: bool = False


class Search(Struct, frozen=True, kw_only=True):
    """What is looked for in the library. `filters` have a name each: a row has a tag `name-value` for what it is."""

    words: str
    filters: list[tuple[str, str, list[Option]]]
    rows: list[LibraryRow]

    @property
    def found(self) -> int:
        return sum(not row.is_out for row in self.rows)


class HabitPick(Struct, frozen=True):
    """`goal` is the therapist's number, None where there is none to set; `usual` is the library's."""

    code: str
    prompt: str
    why: str
    picked: bool = False
    how_often: str = ""
    goal: Field | None = None
    is_less: bool = False
    usual: str = ""


class FixRow(Struct, frozen=True):
    """A row without words is no fix. `key` is that of the fix it continues."""

    number: int
    key: str
    prompt: Field
    due: Field
    again: Field


class LessonRow(Struct, frozen=True):
    """A row without words is no note. `key` is that of the note it continues."""

    number: int
    key: str
    title: Field
    body: Field


class ReminderPick(Struct, frozen=True, kw_only=True):
    """`was` comes back with the form: how the reminder was when it was written."""

    kind: ReminderKind
    was: str = ""
    at: Field
    channels: list[Option]
    picked: bool = True


class PrescribeView(Struct, frozen=True, kw_only=True):
    """`start` says what the form was filled from, if not from the running plan; `replaces` names the version before.

    `version` comes back with the form: a plan that was changed meanwhile is not overwritten unseen.
    `other_reasons` were typed for warnings that are gone for now: they come back with the form too.
    `pain_limits` are those of pain while exercising that are stricter than the clinic's, which comes first.
    `saved_at` is when the writer's draft was kept; the form shows that draft if it `is_draft`, and something else
    otherwise.
    """

    bar: StaffBar
    client_id: UUID
    client_name: str
    rows: list[ExercisePick]
    search: Search
    minutes: int = 0
    habits: list[HabitPick]
    fixes: list[FixRow] = []
    fix_words: list[str] = []
    lessons: list[LessonRow] = []
    starts_on: Field
    reminders: list[ReminderPick] = []
    start: str = ""
    programme: ProgrammeLine | None = None
    contexts: list[str] = []
    replaces: str | None = None
    version: int = 0
    note: Field = Field()
    pain_limits: list[Option] = []
    pain_problem: str | None = None
    most_active: int
    problem: str | None = None
    warnings: list[WarnedPick] = []
    other_reasons: list[tuple[str, str]] = []
    saved_at: datetime | None = None
    is_draft: bool = False
