from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from service.database.columns import Tenant, check, one_of

EXERCISE_GROUPS = ("glute", "hamstring", "nerve", "other")
HABIT_KINDS = ("yes_no", "count", "minutes", "number", "choice")
HABIT_CADENCES = ("daily", "weekly", "monthly")
ORIGINS = ("shipped", "clinic")
SHIPPED_KINDS = ("exercise", "programme", "habit", "site", "red_flag", "context", "source")


class ShippedEntry(SQLModel, table=True):
    """The catalogue the product ships, the same for all clinics; loaded by `clamshell migrate`."""

    __tablename__ = "shipped_entry"
    __table_args__ = (one_of("kind", SHIPPED_KINDS),)

    kind: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    position: int
    body: dict[str, Any] = Field(sa_type=JSONB)


class Exercise(Tenant, table=True):
    """An exercise in a clinic's library: a copy of a shipped one, or the clinic's own."""

    __tablename__ = "exercise"
    __table_args__ = (
        one_of("group_name", EXERCISE_GROUPS),
        one_of("origin", ORIGINS),
        UniqueConstraint("clinic_id", "code"),
        check("name_given", "length(trim(name)) > 0"),
    )

    code: str
    origin: str
    name: str
    group_name: str
    body: dict[str, Any] = Field(sa_type=JSONB)
    hidden_at: datetime | None = None
    created_by: UUID | None = None
    created_at: datetime


class Habit(Tenant, table=True):
    """A habit in a clinic's library."""

    __tablename__ = "habit"
    __table_args__ = (
        one_of("kind", HABIT_KINDS),
        one_of("cadence", HABIT_CADENCES),
        one_of("origin", ORIGINS),
        UniqueConstraint("clinic_id", "code"),
        check("prompt_given", "length(trim(prompt)) > 0"),
    )

    code: str
    origin: str
    prompt: str
    kind: str
    cadence: str
    body: dict[str, Any] = Field(sa_type=JSONB)
    hidden_at: datetime | None = None
    created_by: UUID | None = None
    created_at: datetime
