from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.catalogue.rules.media import CHUNK, KINDS, LONGEST_ALT, MOST_BYTES, MOST_PIXELS, SUFFIXES
from service.database.columns import Row, Tenant, belongs, check, one_of

EXERCISE_GROUPS = ("glute", "hamstring", "nerve", "other")
HABIT_KINDS = ("yes_no", "count", "minutes", "number", "choice")
HABIT_CADENCES = ("daily", "weekly", "monthly")
ORIGINS = ("shipped", "clinic")
SHIPPED_KINDS = ("exercise", "programme", "habit", "site", "red_flag", "context", "source")


class ShippedEntry(Row, table=True):
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


class ExerciseMedia(Tenant, table=True):
    """A picture or a video by which a clinic shows an exercise itself. One of each kind is current; of a retired one
    stays who gave it when, and what it was, but none of its bytes."""

    __tablename__ = "exercise_media"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("content_type", SUFFIXES),
        belongs("exercise_id", "exercise"),
        belongs("created_by", "staff"),
        Index(
            "uq_exercise_media_current",
            "clinic_id",
            "exercise_id",
            "kind",
            unique=True,
            postgresql_where="retired_at IS NULL",
        ),
        check("size_range", f"size BETWEEN 1 AND {max(MOST_BYTES.values())}"),
        check("sha256_length", "length(sha256) = 64"),
        check("pixels_range", f"width BETWEEN 1 AND {MOST_PIXELS} AND height BETWEEN 1 AND {MOST_PIXELS}"),
        check("alt_given", f"length(trim(alt)) BETWEEN 1 AND {LONGEST_ALT}"),
    )

    exercise_id: UUID
    kind: str
    content_type: str
    size: int
    sha256: str
    width: int
    height: int
    alt: str
    created_by: UUID
    created_at: datetime
    retired_at: datetime | None = None


class ExerciseMediaChunk(Row, table=True):
    """The bytes of one, in rows of `CHUNK`, so that a range reads only what it needs."""

    __tablename__ = "exercise_media_chunk"
    __table_args__ = (
        belongs("media_id", "exercise_media"),
        check("position_counted", "position >= 0"),
        check("bytes_range", f"length(bytes) BETWEEN 1 AND {CHUNK}"),
    )

    clinic_id: UUID = Field(primary_key=True)
    media_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    bytes: bytes
