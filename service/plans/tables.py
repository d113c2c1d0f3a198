from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.accounts.rules.limits import RANGES
from service.catalogue.library import shipped
from service.catalogue.tables import HABIT_CADENCES, HABIT_KINDS
from service.database.columns import ClientOwned, Tenant, belongs, check, of_client, one_of, sealed_length
from service.database.sealing import Sealed
from service.plans.fixes import LATEST_RECHECK, LONGEST_FIX, LONGEST_LESSON, LONGEST_TITLE
from service.plans.rules.guard import LIMITS

SIDES = ("left", "right", "both")
WORKING_SIDES = ("moving", "stance", "both")
LOAD_PAIN = RANGES["load_pain"]
CADENCES = ("weekdays", "times_per_week", "every_days")


def _within(field: str) -> str:
    low, high = LIMITS[field]
    return f"{field} BETWEEN {low} AND {high}"


class Plan(ClientOwned, table=True):
    """What a therapist prescribes to a client over time; its content lives in versions."""

    __tablename__ = "plan"
    __table_args__ = (
        of_client(),
        belongs("created_by", "staff"),
        # A client has one running plan; an ended one stays for the record.
        Index("uq_plan_one_running", "clinic_id", "client_id", unique=True, postgresql_where="ended_on IS NULL"),
        check("version_positive", "latest_version >= 1"),
    )

    title: str
    latest_version: int = 1
    ended_on: date | None = None
    created_by: UUID
    steps_on: date | None = None
    """The client's day on which it was last looked at for a step that was allowed ahead."""


class PlanVersion(ClientOwned, table=True):
    """The plan from `starts_on` until the next version starts; never changed after it was made.

    One that gave way before its first day is `deleted_at`: it is kept, and holds on no day.
    """

    __tablename__ = "plan_version"
    __table_args__ = (
        of_client(),
        belongs("plan_id", "plan"),
        belongs("created_by", "staff"),
        UniqueConstraint("clinic_id", "plan_id", "number"),
        Index("ix_plan_version_client", "clinic_id", "client_id"),
        check("number_positive", "number >= 1"),
        check("phase_positive", "phase IS NULL OR phase >= 1"),
        check(
            "programme_complete",
            "(programme IS NULL) = (phase IS NULL) AND (programme IS NULL) = (programme_began_on IS NULL)",
        ),
        check("programme_begun", "programme_began_on IS NULL OR programme_began_on <= starts_on"),
        check("step_told", "(step_key IS NULL) = (step_why IS NULL)"),
        # What was allowed on an item is taken once.
        Index("uq_plan_step", "clinic_id", "plan_id", "step_key", unique=True, postgresql_where="step_key IS NOT NULL"),
        check("load_pain_stricter", f"load_pain BETWEEN {LOAD_PAIN.low} AND {LOAD_PAIN.high}"),
    )

    plan_id: UUID
    number: int
    starts_on: date
    programme: str | None = None
    phase: int | None = None
    programme_began_on: date | None = None
    change_lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    note: str | None = Field(default=None, sa_type=Sealed("plan_version", "note"))
    created_by: UUID
    """Of a step that was allowed ahead: who allowed it."""
    load_pain: int | None = None
    """The most pain while exercising for this person, where the clinic's limit is not stricter; None: the clinic's."""
    quiet: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """The client sees nothing new in it, and is told nothing: a step was allowed ahead, or a reason given."""
    step_key: UUID | None = None
    """The key of the item on which the step was allowed that made this version; None: somebody sent it."""
    step_why: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))


class PlanItem(ClientOwned, table=True):
    """One prescribed exercise with its dose. `item_key` is the same in every version that keeps the item.

    `ahead` is a step that was allowed ahead of the rule (`rules.ahead`), for staff only.
    """

    __tablename__ = "plan_item"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        belongs("exercise_id", "exercise"),
        UniqueConstraint("clinic_id", "plan_version_id", "item_key"),
        one_of("side", SIDES),
        one_of("working_side", WORKING_SIDES),
        one_of("cadence", CADENCES),
        check("sets_range", _within("sets")),
        check("reps_range", _within("reps")),
        check("hold_range", _within("hold_seconds")),
        check("rest_range", _within("rest_seconds")),
        check("load_range", "load IS NULL OR (load >= 0 AND load <= 500)"),
        check("load_has_unit", "(load IS NULL) = (load_unit IS NULL)"),
        check("weekdays_mask", "weekdays BETWEEN 0 AND 127"),
        check("times_per_week_range", "times_per_week IS NULL OR times_per_week BETWEEN 1 AND 7"),
        check("every_days_range", "every_days IS NULL OR every_days BETWEEN 1 AND 28"),
        check("times_per_day_range", "times_per_day BETWEEN 1 AND 6"),
        check(
            "cadence_complete",
            "(cadence = 'weekdays' AND weekdays > 0) OR (cadence = 'times_per_week' AND times_per_week IS NOT NULL)"
            " OR (cadence = 'every_days' AND every_days IS NOT NULL)",
        ),
        check("ahead_complete", "ahead IS NULL OR ahead ->> 'until' IS NOT NULL AND ahead ->> 'by' IS NOT NULL"),
        Index("ix_plan_item_ahead", "clinic_id", "client_id", postgresql_where="ahead IS NOT NULL"),
    )

    plan_version_id: UUID
    item_key: UUID
    position: int
    routine: str
    exercise_id: UUID
    sets: int
    reps: int
    hold_seconds: int = 0
    rest_seconds: int = 0
    tempo: str | None = None
    load: float | None = None
    load_unit: str | None = None
    effort: str | None = None
    side: str
    working_side: str
    cadence: str
    weekdays: int = 0
    times_per_week: int | None = None
    every_days: int | None = None
    times_per_day: int = 1
    cue: str | None = None
    ahead: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))


class PlanHabit(ClientOwned, table=True):
    """One prescribed habit. `habit_key` is the same in every version that keeps the habit."""

    __tablename__ = "plan_habit"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        belongs("habit_id", "habit"),
        UniqueConstraint("clinic_id", "plan_version_id", "habit_key"),
        one_of("kind", HABIT_KINDS),
        one_of("cadence", HABIT_CADENCES),
    )

    plan_version_id: UUID
    habit_key: UUID
    position: int
    habit_id: UUID
    prompt: str
    kind: str
    cadence: str
    options: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    unit: str | None = None
    good: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    target: float | None = None


class PlanFix(ClientOwned, table=True):
    """One thing to put right once, by `due_on`. `fix_key` is the same in every version that keeps it.

    So many days after it was done, `recheck_days`, somebody asks whether it is still in place; None: nobody asks.
    """

    __tablename__ = "plan_fix"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        UniqueConstraint("clinic_id", "plan_version_id", "fix_key"),
        Index("ix_plan_fix_client", "clinic_id", "client_id"),
        check("prompt_given", f"length(trim(prompt)) BETWEEN 1 AND {LONGEST_FIX}"),
        check("recheck_range", f"recheck_days BETWEEN 1 AND {LATEST_RECHECK}"),
    )

    plan_version_id: UUID
    fix_key: UUID
    position: int
    prompt: str
    due_on: date
    recheck_days: int | None = None


class PlanLesson(ClientOwned, table=True):
    """A note that explains something, to be read when one likes: no dose, nothing to tell.

    `lesson_key` is the same in every version that keeps it.
    """

    __tablename__ = "plan_lesson"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        UniqueConstraint("clinic_id", "plan_version_id", "lesson_key"),
        Index("ix_plan_lesson_client", "clinic_id", "client_id"),
        check("title_given", f"length(trim(title)) BETWEEN 1 AND {LONGEST_TITLE}"),
        check("body_given", f"length(trim(body)) BETWEEN 1 AND {LONGEST_LESSON}"),
    )

    plan_version_id: UUID
    lesson_key: UUID
    position: int
    title: str
    body: str


class PlanTemplate(Tenant, table=True):
    """What a clinic prescribes again and again: `body` holds exercises and habits, and nothing of any client."""

    __tablename__ = "plan_template"
    __table_args__ = (
        belongs("created_by", "staff"),
        # A name that was removed is free again.
        Index("uq_plan_template_name", "clinic_id", "name", unique=True, postgresql_where="removed_at IS NULL"),
        check("name_length", "length(name) BETWEEN 1 AND 80"),
    )

    name: str
    body: dict[str, Any] = Field(sa_type=JSONB)
    created_by: UUID
    created_at: datetime
    removed_at: datetime | None = None


class PlanPause(ClientOwned, table=True):
    __tablename__ = "plan_pause"
    __table_args__ = (
        of_client(),
        belongs("plan_id", "plan"),
        Index("ix_plan_pause_plan", "clinic_id", "plan_id"),
        check("ends_after_start", "until_day IS NULL OR until_day >= from_day"),
    )

    plan_id: UUID
    from_day: date
    until_day: date | None = None
    reason: str | None = Field(default=None, sa_type=Sealed("plan_pause", "reason"))


class PlanWarning(ClientOwned, table=True):
    """A warning that a version of a plan was prescribed against, and why; for staff, never shown to the client.

    Without an item it is about the plan as a whole.
    """

    __tablename__ = "plan_warning"
    __table_args__ = (
        of_client(),
        belongs("plan_version_id", "plan_version"),
        belongs("plan_item_id", "plan_item"),
        Index("ix_plan_warning_client", "clinic_id", "client_id"),
        sealed_length("reason_given", "reason", 500, 1),
    )

    plan_version_id: UUID
    plan_item_id: UUID | None = None
    code: str
    words: dict[str, Any] = Field(sa_type=JSONB)
    sources: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    reason: str = Field(sa_type=Sealed("plan_warning", "reason"))


class ClientContext(ClientOwned, table=True):
    """A label that a therapist picked, until `deleted_at`. Never set by software, never shown to the client."""

    __tablename__ = "client_context"
    __table_args__ = (
        of_client(),
        belongs("picked_by", "staff"),
        one_of("context", [context.id for context in shipped().contexts]),
        Index(
            "uq_client_context_standing",
            "clinic_id",
            "client_id",
            "context",
            unique=True,
            postgresql_where="deleted_at IS NULL",
        ),
    )

    context: str
    picked_by: UUID
