"""What is known of the person before and beside the plan: intakes in versions, visits, hands-on treatments,
and who may help them.

A version of an intake is one document: it is read whole, and never changed once it is written.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from service.catalogue.library import shipped
from service.database.columns import ClientOwned, Tenant, belongs, check, of_client, one_of, sealed_length
from service.database.sealing import Sealed
from service.diary.tables import AUTHORS, ENTRY_CHANNELS
from service.intake.rules import LONGEST_GOAL, LONGEST_NOTE, LONGEST_STORY, MOST_MINUTES, TreatmentKind, brought_on_by
from service.intake.rules.helpers import LONGEST_NAME, RELATIONS

# For the one who adds a goal: the intake is written before it. Nothing is ever read through it.
_WRITTEN_FIRST = {"lazy": "raise", "passive_deletes": "all"}


def _quoted(codes: Any) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _coded(column: str, codes: Any) -> Any:
    return check(f"{column}_known", f"{column} <@ ARRAY[{_quoted(codes)}]::text[]")


class Intake(ClientOwned, table=True):
    """`sites` is a list of [site, side], the worst first; `habits` is answers by habit of the library. `red_flags` are
    the warning signs that were ticked when all were asked: a version is not written without asking."""

    __tablename__ = "intake"
    __table_args__ = (
        of_client(),
        UniqueConstraint("clinic_id", "client_id", "version"),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        check("version_counts", "version >= 1"),
        check("sites_listed", "jsonb_typeof(sites) = 'array'"),
        check("habits_by_name", "jsonb_typeof(habits) = 'object'"),
        check("radiates_known", f"radiates IS NULL OR radiates IN ({_quoted(shipped().radiates)})"),
        _coded("qualities", [quality.id for quality in shipped().qualities]),
        _coded("timing", shipped().timing),
        _coded("aggravators", brought_on_by()),
        _coded("red_flags", [flag.id for flag in shipped().red_flags]),
        sealed_length("onset_length", "onset", LONGEST_STORY),
        sealed_length("previous_care_length", "previous_care", LONGEST_STORY),
    )

    version: int
    day: date
    entered_by: str
    channel: str
    sites: list[Any] = Field(sa_type=JSONB)
    radiates: str | None = None
    qualities: list[str] = Field(sa_type=ARRAY(Text))
    timing: list[str] = Field(sa_type=ARRAY(Text))
    aggravators: list[str] = Field(sa_type=ARRAY(Text))
    onset: str | None = Field(default=None, sa_type=Sealed("intake", "onset"))
    previous_care: str | None = Field(default=None, sa_type=Sealed("intake", "previous_care"))
    habits: dict[str, Any] = Field(sa_type=JSONB)
    red_flags: list[str] = Field(sa_type=ARRAY(Text))


class ClientGoal(ClientOwned, table=True):
    """What the client wants to do again, as told in one version of the intake."""

    __tablename__ = "client_goal"
    __table_args__ = (
        of_client(),
        belongs("intake_id", "intake"),
        UniqueConstraint("clinic_id", "intake_id", "position"),
        sealed_length("words_length", "words", LONGEST_GOAL, 1),
        check("now_range", "now_score IS NULL OR now_score BETWEEN 0 AND 10"),
        check("wanted_range", "wanted_score IS NULL OR wanted_score BETWEEN 0 AND 10"),
    )

    intake_id: UUID
    position: int
    words: str = Field(sa_type=Sealed("client_goal", "words"))
    now_score: int | None = None
    wanted_score: int | None = None
    intake: Intake = Relationship(sa_relationship_kwargs=_WRITTEN_FIRST)


class Visit(ClientOwned, table=True):
    """The client was seen on this local day. Told otherwise, the row ends and another takes its place."""

    __tablename__ = "visit"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        sealed_length("note_length", "note", LONGEST_NOTE),
        Index("uq_visit_day", "clinic_id", "client_id", "day", unique=True, postgresql_where="deleted_at IS NULL"),
    )

    day: date
    staff_id: UUID
    note: str | None = Field(default=None, sa_type=Sealed("visit", "note"))


class Treatment(ClientOwned, table=True):
    """Hands-on treatment given on this local day."""

    __tablename__ = "treatment"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        one_of("kind", TreatmentKind),
        check("site_known", f"site IS NULL OR site IN ({_quoted(site.id for site in shipped().sites)})"),
        check("side_known", "side IS NULL OR side IN ('left', 'right', 'both')"),
        check("minutes_range", f"minutes IS NULL OR minutes BETWEEN 1 AND {MOST_MINUTES}"),
        check("other_is_named", "kind <> 'other' OR note IS NOT NULL"),
        sealed_length("note_length", "note", LONGEST_NOTE),
        Index("ix_treatment_day", "clinic_id", "client_id", "day"),
    )

    day: date
    staff_id: UUID
    kind: str
    site: str | None = None
    side: str | None = None
    minutes: int | None = None
    note: str | None = Field(default=None, sa_type=Sealed("treatment", "note"))


class Helper(Tenant, table=True):
    """Somebody who may tick a client's plan for them, through a link that only they hold: the link of the same id.
    `wording` is what the client said yes to; `staff_id` wrote it down when the client did not."""

    __tablename__ = "helper"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        belongs("id", "link"),
        one_of("relation", RELATIONS),
        sealed_length("name_length", "name", LONGEST_NAME, 1),
        check("wording_given", "length(wording) > 0"),
        one_of("ended_by", ("client", "staff")),
        check("ended_by_somebody", "(ended_at IS NULL) = (ended_by IS NULL)"),
        Index("ix_helper_client", "clinic_id", "client_id"),
    )

    client_id: UUID
    name: str = Field(sa_type=Sealed("helper", "name"))
    relation: str
    contact: str = Field(sa_type=Sealed("helper", "contact"))
    wording: str
    staff_id: UUID | None = None
    created_at: datetime
    expires_at: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
