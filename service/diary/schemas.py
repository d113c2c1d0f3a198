from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.diary.rules import LONGEST_NOTE, MOST_LOAD, MOST_REPS, MOST_SECONDS, MOST_SETS, SET_HINTS
from service.remedies import USE_AN_INSTANT

Score = Annotated[int, Meta(ge=0, le=10, description="Use a whole number from 0 to 10.")]
Note = Annotated[str, Meta(max_length=LONGEST_NOTE, description="Use at most 2000 characters.")]
Instant = Annotated[datetime, Meta(tz=True, description=USE_AN_INSTANT)]
SideName = Literal["left", "right", "both"]
HabitValue = Annotated[
    bool | float | Annotated[str, Meta(max_length=100)],
    Meta(description="Use true or false, a number, or a text of at most 100 characters."),
]

EffortName = Literal["light", "somewhat_hard", "hard"]
RadiatesTo = Literal["no", "to_thigh", "to_knee", "to_calf", "to_foot"]
Codes = Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=20)]


class SiteIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where, of the catalogue's pain sites; a side alone is allowed."""

    site: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    side: SideName | UnsetType = UNSET


class PainIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`day` is the client's local day; left out, it is today. `done_at` is the phone's time.

    `sites` come with the worst first. `qualities`, `timing` (when) and `aggravators` (what brings it on) are codes of
    the catalogue; a time among the aggravators is kept as timing. `radiates` is how far down the leg it runs.
    """

    score: Score
    kind: Literal["now", "worst_24h", "average_24h"] = "now"
    day: date | UnsetType = UNSET
    done_at: Instant | UnsetType = UNSET
    sites: Annotated[list[SiteIn], Meta(max_length=13)] = []
    aggravators: Codes = []
    qualities: Codes = []
    timing: Codes = []
    radiates: RadiatesTo | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class SetIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One set as it was done; `load` is in the unit of the plan, where the plan prescribes one."""

    plan_item_id: UUID
    reps: Annotated[int, Meta(ge=0, le=MOST_REPS, description=SET_HINTS["reps"])] | UnsetType = UNSET
    seconds: Annotated[int, Meta(ge=0, le=MOST_SECONDS, description=SET_HINTS["seconds"])] | UnsetType = UNSET
    load: Annotated[float, Meta(ge=0, le=MOST_LOAD, description=SET_HINTS["load"])] | UnsetType = UNSET
    side: SideName | UnsetType = UNSET


class SessionIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`done_items` are ids of plan items; left out with outcome done, all of them; with partly and `sets`, those that
    have sets. `sets` are those that were counted, in the order done; left out, nobody counted."""

    outcome: Literal["done", "partly", "skipped"]
    day: date | UnsetType = UNSET
    done_at: Instant | UnsetType = UNSET
    done_items: Annotated[list[UUID], Meta(max_length=20)] | UnsetType = UNSET
    sets: Annotated[list[SetIn], Meta(max_length=20 * MOST_SETS)] = []
    reason: Literal["no_time", "hurts", "unsure_how", "no_gear", "unwell", "away"] | UnsetType = UNSET
    pain_before: Score | UnsetType = UNSET
    pain_during: Score | UnsetType = UNSET
    pain_after: Score | UnsetType = UNSET
    effort: EffortName | UnsetType = UNSET


class MorningIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`response` is against before the session of the day before, `score` is how it is now."""

    response: Literal["better", "same", "worse"]
    score: Score
    done_at: Instant | UnsetType = UNSET


class HabitAnswerIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """yes_no takes true or false, count, minutes and number a number, choice one of its options."""

    value: HabitValue
    done_at: Instant | UnsetType = UNSET


class FixAnswerIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`done`, or, of what was done before, whether it is still in place."""

    answer: Literal["done", "still_fine", "not_any_more"]
    done_at: Instant | UnsetType = UNSET


class SiteOut(Struct, omit_defaults=True):
    site: str | UnsetType = UNSET
    side: SideName | UnsetType = UNSET


class EntryOut(Struct, omit_defaults=True, kw_only=True):
    """`day` is local; `done_at` by the person's clock, `received_at` by ours. `revision` counts corrections from 1."""

    id: UUID
    day: date
    done_at: datetime
    written_at: datetime
    received_at: datetime
    entered_by: str
    channel: str
    revision: int


class PainOut(EntryOut, kw_only=True):
    score: int
    kind: str
    sites: list[SiteOut] = []
    aggravators: list[str] = []
    qualities: list[str] = []
    timing: list[str] = []
    radiates: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class SetOut(Struct, omit_defaults=True):
    """`number` counts the sets of its exercise from 1."""

    number: int
    reps: int | UnsetType = UNSET
    seconds: int | UnsetType = UNSET
    load: float | UnsetType = UNSET
    side: SideName | UnsetType = UNSET


class ResultOut(Struct, omit_defaults=True):
    plan_item_id: UUID
    done: bool
    sets: list[SetOut] = []


class SessionOut(EntryOut, kw_only=True):
    """`words`, in answer to exercise that was done while a warning sign is open: what to do, word for word, to be shown
    at once."""

    plan_version_id: UUID
    outcome: Literal["done", "partly", "skipped"]
    results: list[ResultOut]
    reason: str | UnsetType = UNSET
    pain_before: int | UnsetType = UNSET
    pain_during: int | UnsetType = UNSET
    pain_after: int | UnsetType = UNSET
    effort: str | UnsetType = UNSET
    words: list[str] | UnsetType = UNSET


class MorningOut(EntryOut, kw_only=True):
    """`session_id` is the session of the day before, which the answer is about."""

    session_id: UUID
    response: Literal["better", "same", "worse"]
    score: int


class HabitMarkOut(EntryOut, kw_only=True):
    """`value` is null when the habit was skipped for the day."""

    plan_habit_id: UUID
    habit_key: UUID
    value: bool | float | str | None


class FixReportOut(EntryOut, kw_only=True):
    plan_fix_id: UUID
    fix_key: UUID
    answer: Literal["done", "still_fine", "not_any_more"]


class DiaryOut(Struct):
    first: date
    last: date
    sessions: list[SessionOut]
    habits: list[HabitMarkOut]
    pain: list[PainOut]
    mornings: list[MorningOut]
    fixes: list[FixReportOut]


class RevisionOut(Struct, kw_only=True, omit_defaults=True):
    """`replaced_by` is the client or the member of staff who told it otherwise, `channel` how; links name nobody.
    `late` is what was told before this revision and arrived after it: it never stood."""

    revision: int
    replaced_at: datetime
    replaced_by: UUID | UnsetType = UNSET
    channel: str
    body: dict[str, object]
    late: bool = False


class RevisionList(Struct):
    data: list[RevisionOut]


class RedFlagOut(Struct, omit_defaults=True):
    """A warning sign somebody told us of; while it is open, reminders stop. `source` says how it was told."""

    id: UUID
    source: Literal["text", "intake", "staff", "screen"]
    opened_at: datetime
    closed_at: datetime | UnsetType = UNSET
    closed_note: str | UnsetType = UNSET


class RedFlagList(Struct):
    """Newest first, the closed ones too."""

    data: list[RedFlagOut]


class RedFlagCloseIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the clinician found. What was answered after `as_of`, when they read it, is not cleared with it."""

    note: Annotated[
        str, Meta(min_length=1, max_length=2000, description="Write what you found, in 1 to 2000 characters.")
    ]
    as_of: Instant | UnsetType = UNSET


QuestionCode = Annotated[str, Meta(max_length=40)]


class RedFlagAnswersIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Answers to questions of this `wording`. A question in neither list was not answered: it never counts as no."""

    wording: int
    yes: Annotated[list[QuestionCode], Meta(max_length=50)] = []
    no: Annotated[list[QuestionCode], Meta(max_length=50)] = []
    why: Literal["words", "pain", "full", "weekly", "own"] = "own"


class RedFlagAnswersOut(Struct, omit_defaults=True):
    """`care` is how soon a yes asks for it; `words` then say what to do, word for word, and are shown at once."""

    id: UUID
    answered_at: datetime
    wording: int
    yes: list[str]
    no: list[str]
    emergency_number: str
    care: Literal["emergency", "same_day", "soon"] | UnsetType = UNSET
    words: list[str] = []


class UrgencyIn(Struct, forbid_unknown_fields=True):
    answer: Literal["urgent", "can_wait"]


class UrgencyOut(Struct):
    id: UUID
    answer: Literal["urgent", "can_wait"]
    answered_at: datetime
