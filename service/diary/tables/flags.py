"""Warning signs: what was told of them, what was asked and answered, and how urgent it is to whom it happens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text
from sqlmodel import Field

from service.database.columns import ClientOwned, belongs, check, of_client, one_of, sealed_length
from service.database.sealing import Sealed
from service.diary.rules.screening import FLAGS, Urgency, Why
from service.diary.tables.entry import AUTHORS, ENTRY_CHANNELS

RED_FLAG_SOURCES = ("text", "intake", "staff", "screen")

_QUESTIONS = ", ".join(f"'{code}'" for code in FLAGS)


class RedFlag(ClientOwned, table=True):
    """A warning sign somebody told us of. While one is open reminders stop, until a clinician closes it with a note:
    one that was closed before notes were asked for has none."""

    __tablename__ = "red_flag"
    __table_args__ = (
        of_client(),
        belongs("closed_by", "staff"),
        one_of("source", RED_FLAG_SOURCES),
        check("closed_by_somebody", "(closed_at IS NULL) = (closed_by IS NULL)"),
        check("note_of_closing", "closed_note IS NULL OR closed_at IS NOT NULL"),
        sealed_length("closed_note_length", "closed_note", 2000),
        Index("ix_red_flag_client", "clinic_id", "client_id", "opened_at"),
        # One open warning sign of a source; the same said again changes nothing.
        Index(
            "uq_red_flag_open", "clinic_id", "client_id", "source", unique=True, postgresql_where="closed_at IS NULL"
        ),
    )

    source: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    closed_note: str | None = Field(default=None, sa_type=Sealed("red_flag", "closed_note"))


class RedFlagScreen(ClientOwned, table=True):
    """Questions about warning signs that were asked at once, and answered. Never changed: asked again, it is another
    row. A question in neither list was not answered. `told` is how urgent the care is that the answer spoke of."""

    __tablename__ = "red_flag_screen"
    __table_args__ = (
        of_client(),
        one_of("why", Why),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        check("told_known", "told IS NULL OR told IN ('emergency', 'same_day', 'soon')"),
        check("told_after_yes", "(told IS NULL) = (yes = '{}')"),
        check("answered", "cardinality(yes) + cardinality(no) > 0"),
        check("answered_once", "NOT yes && no"),
        check("questions_known", f"yes || no <@ ARRAY[{_QUESTIONS}]::text[]"),
        Index("ix_red_flag_screen_client", "clinic_id", "client_id", "answered_at"),
    )

    why: str
    wording: int
    yes: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    no: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    told: str | None = None
    answered_at: datetime
    entered_by: str
    channel: str


class UrgencyAnswer(ClientOwned, table=True):
    """Whether what somebody told us is urgent or can wait for the visit, in their own judgement. Never changed."""

    __tablename__ = "urgency_answer"
    __table_args__ = (
        of_client(),
        one_of("answer", Urgency),
        one_of("entered_by", AUTHORS),
        one_of("channel", ENTRY_CHANNELS),
        Index("ix_urgency_answer_client", "clinic_id", "client_id", "answered_at"),
    )

    answer: str
    answered_at: datetime
    entered_by: str
    channel: str
