"""What the client records. Three times on every entry: `done_at` (when it happened, by the person's clock),
`written_at` (when it was written down) and `received_at` (when it reached us), and the client's local `day`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, UniqueConstraint
from sqlmodel import Field, Relationship

from service.catalogue.library import shipped
from service.catalogue.rules import Effort
from service.catalogue.rules.habits import MOST_OF_A_HABIT
from service.catalogue.tables import HABIT_KINDS
from service.database.columns import ClientOwned, Tenant, belongs, check, of_client, one_of, sealed_length
from service.database.sealing import Sealed
from service.diary.rules import (
    LONGEST_NOTE,
    MOST_LOAD,
    MOST_REPS,
    MOST_SECONDS,
    MOST_SETS,
    HabitValue,
    Outcome,
    Response,
    SkipReason,
)
from service.diary.tables.aims import WeekAim as WeekAim
from service.diary.tables.entry import AUTHORS as AUTHORS
from service.diary.tables.entry import ENTRY_CHANNELS as ENTRY_CHANNELS
from service.diary.tables.entry import DiaryEntry as DiaryEntry
from service.diary.tables.fixes import FixReport as FixReport
from service.diary.tables.flags import RedFlag as RedFlag
from service.diary.tables.flags import RedFlagScreen as RedFlagScreen
from service.diary.tables.flags import UrgencyAnswer as UrgencyAnswer

SIDES = ("left", "right", "both")
PAIN_KINDS = ("now", "worst_24h", "average_24h")
ENTRY_KINDS = ("exercise_session", "habit_mark", "pain_entry", "morning_after", "fix_report")

# For the one who adds a part: what it belongs to is written before it. Nothing is ever read through it.
_WRITTEN_FIRST = {"lazy": "raise", "passive_deletes": "all"}
_SITES = ", ".join(f"'{site.id}'" for site in shipped().sites)
# For those who still write as before while the columns are brought in.
_NONE_TOLD = {"server_default": "{}"}
_RADIATES = ", ".join(f"'{code}'" for code in shipped().radiates)
_EFFORTS = ", ".join(f"'{effort}'" for effort in Effort)
_MOST = " ".join(f"WHEN '{kind}' THEN {most}" for kind, most in MOST_OF_A_HABIT.items())


def _coded(column: str, codes: Iterable[str]) -> Any:
    """A list of codes of the catalogue."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return check(f"{column}_known", f"{column} <@ ARRAY[{listed}]::text[]")


def _scored(column: str) -> Any:
    return check(f"{column}_range", f"{column} IS NULL OR {column} BETWEEN 0 AND 10")


class ExerciseSession(DiaryEntry, table=True):
    """The routine of one day, under the plan version it was done with."""

    __tablename__ = "exercise_session"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        one_of("outcome", Outcome),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        check("reason_known", f"reason IS NULL OR reason IN ({', '.join(repr(str(r)) for r in SkipReason)})"),
        check("reason_only_when_skipped", "reason IS NULL OR outcome = 'skipped'"),
        _scored("pain_before"),
        _scored("pain_during"),
        _scored("pain_after"),
        check("effort_known", f"effort IS NULL OR effort IN ({_EFFORTS})"),
        Index("ix_exercise_session_day", "clinic_id", "client_id", "day"),
    )

    plan_version_id: UUID
    outcome: str
    reason: str | None = None
    pain_before: int | None = None
    pain_during: int | None = None
    pain_after: int | None = None
    effort: str | None = None


class ExerciseResult(ClientOwned, table=True):
    """One item of a session: done or not, and under which prescription."""

    __tablename__ = "exercise_result"
    __table_args__ = (
        of_client(),
        belongs("session_id", "exercise_session"),
        belongs("plan_item_id", "plan_item"),
        UniqueConstraint("clinic_id", "session_id", "plan_item_id"),
    )

    session_id: UUID
    plan_item_id: UUID
    done: bool
    note: str | None = Field(default=None, sa_type=Sealed("exercise_result", "note"))
    session: ExerciseSession = Relationship(sa_relationship_kwargs=_WRITTEN_FIRST)


class ExerciseSet(ClientOwned, table=True):
    """One set as it was done; present only when the person counted."""

    __tablename__ = "exercise_set"
    __table_args__ = (
        of_client(),
        belongs("result_id", "exercise_result"),
        UniqueConstraint("clinic_id", "result_id", "number"),
        check("number_range", f"number BETWEEN 1 AND {MOST_SETS}"),
        check("reps_range", f"reps IS NULL OR reps BETWEEN 0 AND {MOST_REPS}"),
        check("seconds_range", f"seconds IS NULL OR seconds BETWEEN 0 AND {MOST_SECONDS}"),
        check("load_range", f"load IS NULL OR load BETWEEN 0 AND {MOST_LOAD}"),
        check("side_known", "side IS NULL OR side IN ('left', 'right', 'both')"),
    )

    result_id: UUID
    number: int
    reps: int | None = None
    seconds: int | None = None
    load: float | None = None
    side: str | None = None
    result: ExerciseResult = Relationship(sa_relationship_kwargs=_WRITTEN_FIRST)


class HabitMark(DiaryEntry, table=True):
    """One habit on one local day, whichever way it was told: one row. One that was skipped was seen, and says nothing
    either way."""

    __tablename__ = "habit_mark"
    __table_args__ = (
        of_client(),
        belongs("plan_habit_id", "plan_habit"),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        UniqueConstraint("clinic_id", "client_id", "habit_key", "day"),
        Index("ix_habit_mark_day", "clinic_id", "client_id", "day"),
        one_of("kind", HABIT_KINDS),
        check("answer_given", "num_nonnulls(yes, amount, choice) = CASE WHEN skipped THEN 0 ELSE 1 END"),
        check("amount_range", f"amount IS NULL OR amount BETWEEN 0 AND CASE kind {_MOST} ELSE 0 END"),
    )

    plan_habit_id: UUID
    habit_key: UUID
    kind: str
    yes: bool | None = None
    amount: float | None = None
    choice: str | None = None
    skipped: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})

    @property
    def value(self) -> HabitValue | None:
        """None when it was skipped."""
        return next((value for value in (self.yes, self.amount, self.choice) if value is not None), None)


class MorningAfter(DiaryEntry, table=True):
    """How it is on `day`, the morning after the session: against before it, and from 0 to 10. One a day."""

    __tablename__ = "morning_after"
    __table_args__ = (
        of_client(),
        belongs("session_id", "exercise_session"),
        one_of("response", Response),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        UniqueConstraint("clinic_id", "client_id", "day"),
        check("score_range", "score BETWEEN 0 AND 10"),
    )

    session_id: UUID
    response: str
    score: int


class PainEntry(DiaryEntry, table=True):
    __tablename__ = "pain_entry"
    __table_args__ = (
        of_client(),
        one_of("kind", PAIN_KINDS),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        check("score_range", "score BETWEEN 0 AND 10"),
        _coded("aggravators", shipped().aggravators),
        _coded("qualities", [quality.id for quality in shipped().qualities]),
        _coded("timing", shipped().timing),
        check("radiates_known", f"radiates IS NULL OR radiates IN ({_RADIATES})"),
        sealed_length("note_length", "note", LONGEST_NOTE),
        Index("ix_pain_entry_day", "clinic_id", "client_id", "day"),
    )

    kind: str = "now"
    score: int
    aggravators: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    qualities: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs=_NONE_TOLD)
    timing: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs=_NONE_TOLD)
    radiates: str | None = None
    note: str | None = Field(default=None, sa_type=Sealed("pain_entry", "note"))
    # All that the notifier may know of a score: until when it rests exercise reminders.
    flare_until: datetime | None = None


class PainSite(ClientOwned, table=True):
    """Where it hurts, in the order it was told. `site` may be unknown ("6 R" names only the side)."""

    __tablename__ = "pain_site"
    __table_args__ = (
        of_client(),
        belongs("pain_entry_id", "pain_entry"),
        UniqueConstraint("clinic_id", "pain_entry_id", "position"),
        check("site_known", f"site IS NULL OR site IN ({_SITES})"),
        check("side_known", "side IS NULL OR side IN ('left', 'right', 'both')"),
        check("site_or_side", "site IS NOT NULL OR side IS NOT NULL"),
    )

    pain_entry_id: UUID
    position: int
    site: str | None = None
    side: str | None = None
    pain_entry: PainEntry = Relationship(sa_relationship_kwargs=_WRITTEN_FIRST)


class DiaryRevision(Tenant, table=True):
    """What an entry said before it was corrected, and who corrected it, when, through what.

    `late` counts the answers that were told before that revision and arrived while it stood: they never stood."""

    __tablename__ = "diary_revision"
    __table_args__ = (
        of_client(),
        one_of("entry_kind", ENTRY_KINDS),
        UniqueConstraint("clinic_id", "entry_kind", "entry_id", "revision", "late"),
    )

    client_id: UUID
    entry_kind: str
    entry_id: UUID
    revision: int
    body: dict[str, Any] = Field(sa_type=Sealed("diary_revision", "body", plain_json=True))
    replaced_at: datetime
    replaced_by: UUID | None = None
    channel: str
    late: int = 0
