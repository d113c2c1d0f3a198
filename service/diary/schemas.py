from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Score = Annotated[int, Meta(ge=0, le=10, description="Use a whole number from 0 to 10.")]
Note = Annotated[str, Meta(max_length=2000, description="Use at most 2000 characters.")]
Instant = Annotated[
    datetime, Meta(tz=True, description="Use an instant with its offset, such as 2026-03-10T08:05:00-05:00.")
]
SideName = Literal["left", "right", "both"]


class SiteIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where, of the catalogue's pain sites; a side alone is allowed."""

    site: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    side: SideName | UnsetType = UNSET


class PainIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`day` is the client's local day; left out, it is today. `done_at` is the phone's time."""

    score: Score
    kind: Literal["now", "worst_24h", "average_24h"] = "now"
    day: date | UnsetType = UNSET
    done_at: Instant | UnsetType = UNSET
    sites: Annotated[list[SiteIn], Meta(max_length=13)] = []
    aggravators: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=20)] = []
    note: Note | UnsetType = UNSET


class SessionIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`done_items` are ids of plan items; left out with outcome done, all of them."""

    outcome: Literal["done", "partly", "skipped"]
    day: date | UnsetType = UNSET
    done_at: Instant | UnsetType = UNSET
    done_items: Annotated[list[UUID], Meta(max_length=20)] | UnsetType = UNSET
    reason: Literal["no_time", "hurts", "unsure_how", "no_gear", "unwell", "away"] | UnsetType = UNSET
    pain_before: Score | UnsetType = UNSET
    pain_during: Score | UnsetType = UNSET
    pain_after: Score | UnsetType = UNSET
    effort: Literal["light", "somewhat_hard", "hard"] | UnsetType = UNSET


class MorningIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`response` is against before the session of the day before, `score` is how it is now."""

    response: Literal["better", "same", "worse"]
    score: Score
    done_at: Instant | UnsetType = UNSET


class HabitAnswerIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """yes_no takes true or false, count, minutes and number a number, choice one of its options."""

    value: bool | float | Annotated[str, Meta(max_length=100)]
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
    note: str | UnsetType = UNSET


class ResultOut(Struct):
    plan_item_id: UUID
    done: bool


class SessionOut(EntryOut, kw_only=True):
    plan_version_id: UUID
    outcome: Literal["done", "partly", "skipped"]
    results: list[ResultOut]
    reason: str | UnsetType = UNSET
    pain_before: int | UnsetType = UNSET
    pain_during: int | UnsetType = UNSET
    pain_after: int | UnsetType = UNSET
    effort: str | UnsetType = UNSET


class MorningOut(EntryOut, kw_only=True):
    """`session_id` is the session of the day before, which the answer is about."""

    session_id: UUID
    response: Literal["better", "same", "worse"]
    score: int


class HabitMarkOut(EntryOut, kw_only=True):
    plan_habit_id: UUID
    habit_key: UUID
    value: bool | float | str


class DiaryOut(Struct):
    first: date
    last: date
    sessions: list[SessionOut]
    habits: list[HabitMarkOut]
    pain: list[PainOut]
    mornings: list[MorningOut]


class RevisionOut(Struct):
    revision: int
    replaced_at: datetime
    channel: str
    body: dict[str, object]


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
