from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.accounts.rules import CHANNELS
from service.database.columns import Row, Tenant, belongs, check, named_zone, of_client, one_of, sealed_length
from service.database.sealing import Sealed
from service.review.rules.alerts import MarkState
from service.review.rules.escalation import MailKind

DIGEST_STATES = (
    "queued",  # waits to be sent
    "in_flight",  # marked: the mail server may have it from now on
    "sent",
    "skipped",  # there was nothing to say, or it is not wanted any more
    "expired",  # too late, or never known whether it arrived
    "failed",
)


class ReviewMark(Tenant, table=True):
    """A therapist looked at a client on the caseload: seen, snoozed until a time, or done with a note of what was done.
    The newest one of a rule counts."""

    __tablename__ = "review_mark"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        one_of("state", MarkState),
        check("snoozed_has_end", "(state = 'snoozed') = (until_at IS NOT NULL)"),
        check("done_has_note", "(state = 'done') = (note IS NOT NULL)"),
        sealed_length("note_length", "note", 2000),
        Index("ix_review_mark_client", "clinic_id", "client_id", "marked_at"),
    )

    client_id: UUID
    staff_id: UUID
    rule: str
    state: str
    until_at: datetime | None = None
    note: str | None = Field(default=None, sa_type=Sealed("review_mark", "note"))
    marked_at: datetime


class DigestWish(Row, table=True):
    """When a member of staff wants to hear by mail who needs them first. `next_at` is None while they do not."""

    __tablename__ = "digest_wish"
    __table_args__ = (
        belongs("staff_id", "staff"),
        check("weekdays_mask", "weekdays BETWEEN 1 AND 127"),
        named_zone(),
        # The time first: finding what is due reads nothing of whoever is not.
        Index("ix_digest_wish_next", "next_at", "clinic_id"),
    )

    clinic_id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(primary_key=True)
    local_time: time
    zone: str
    weekdays: int
    next_at: datetime | None = None


class DigestMail(Tenant, table=True):
    """The ledger of mails to staff, with what became of each and why: one of the caseload for each person and local
    day, those that say that nobody looked at a client in time, one for each step and person, and those that say each
    day where the trail ends. `rule` found it, `since` when the client waits; in place of a client it may be about a
    text that is nobody's for sure, which is deleted sooner than the ledger. Two kinds may be texts: what staff try on
    their own phone, and the link that they have sent to a client's helper.

    `about` is what it says, until it is settled: then nobody needs the names any more.
    """

    __tablename__ = "digest_mail"
    __table_args__ = (
        belongs("staff_id", "staff"),
        belongs("client_id", "client"),
        one_of("state", DIGEST_STATES),
        one_of("kind", MailKind),
        one_of("channel", CHANNELS),
        belongs("helper_id", "helper"),
        check("texts_are_few", "channel = 'email' OR kind IN ('test', 'helper')"),
        check(
            "helper_of_somebody",
            "CASE WHEN kind = 'helper' THEN helper_id IS NOT NULL AND client_id IS NOT NULL ELSE helper_id IS NULL END",
        ),
        check(
            "overdue_of_somebody",
            "(kind = 'overdue') = (((client_id IS NULL) <> (text_id IS NULL))"
            " AND rule IS NOT NULL AND since IS NOT NULL AND step IS NOT NULL)",
        ),
        Index(
            "uq_digest_mail_day",
            *("clinic_id", "staff_id", "day"),
            unique=True,
            postgresql_where=text("kind = 'caseload'"),
        ),
        # One for each step of an alert and each person, whoever writes it, however often.
        Index(
            "uq_digest_mail_step",
            *("clinic_id", "client_id", "rule", "since", "step", "staff_id"),
            unique=True,
            postgresql_where=text("kind = 'overdue'"),
        ),
        Index(
            "uq_digest_mail_text",
            *("clinic_id", "text_id", "step", "staff_id"),
            unique=True,
            postgresql_where=text("text_id IS NOT NULL"),
        ),
        Index(
            "uq_digest_mail_anchor",
            *("clinic_id", "staff_id", "day"),
            unique=True,
            postgresql_where=text("kind = 'anchor'"),
        ),
        # Whatever becomes of it: a helper is written to once.
        Index(
            "uq_digest_mail_helper",
            *("clinic_id", "helper_id"),
            unique=True,
            postgresql_where=text("kind = 'helper'"),
        ),
        check("reason_given", "state IN ('queued', 'in_flight', 'sent') OR reason IS NOT NULL"),
        check("expires_after_due", "expires_at > due_at"),
        Index(
            "ix_digest_mail_open",
            "due_at",
            "clinic_id",
            postgresql_where=text("state IN ('queued', 'in_flight')"),
        ),
    )

    staff_id: UUID
    kind: str = Field(default=MailKind.CASELOAD.value, sa_column_kwargs={"server_default": "caseload"})
    channel: str = Field(default="email", sa_column_kwargs={"server_default": "email"})
    client_id: UUID | None = None
    helper_id: UUID | None = None
    text_id: UUID | None = None
    rule: str | None = None
    since: datetime | None = None
    step: int | None = None
    day: date
    state: str = "queued"
    reason: str | None = None
    address: str
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    due_at: datetime
    expires_at: datetime
    lease_token: int = 0
    lease_until: datetime | None = None
    soft_fails: int = 0
    provider_message_id: str | None = None
    created_at: datetime
    settled_at: datetime | None = None


class Monitoring(Tenant, table=True):
    """US remote therapeutic monitoring of one client. `zone` is fixed at its start: it decides what a day is."""

    __tablename__ = "monitoring"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        check("ends_after_start", "ended_on IS NULL OR ended_on >= starts_on"),
        named_zone(),
        # One at a time.
        Index("uq_monitoring_open", "clinic_id", "client_id", unique=True, postgresql_where=text("ended_on IS NULL")),
    )

    client_id: UUID
    staff_id: UUID
    starts_on: date
    ended_on: date | None = None
    zone: str
    created_at: datetime


class MonitoringTime(Tenant, table=True):
    """Minutes of staff on one day, and whether they spoke with the client or a caregiver there and then."""

    __tablename__ = "monitoring_time"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        check("minutes_range", "minutes BETWEEN 0 AND 480"),
        check("says_something", "minutes > 0 OR is_live"),
        Index("ix_monitoring_time_day", "clinic_id", "client_id", "day"),
    )

    client_id: UUID
    staff_id: UUID
    day: date
    minutes: int
    is_live: bool
    created_at: datetime
    deleted_at: datetime | None = None


class PlanDraft(Row, table=True):
    """A plan that somebody is still writing: the form as it was typed, one for each writer and client."""

    __tablename__ = "plan_draft"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        check("follows_counted", "follows >= 0"),
        check("fields_bound", "octet_length(fields) <= 800000"),
    )

    clinic_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(primary_key=True)
    follows: int
    fields: list[list[str]] = Field(sa_type=Sealed("plan_draft", "fields", plain_json=True))
    saved_at: datetime


class ReadyText(Tenant, table=True):
    """A text of the clinic's own that is ready to send: its words by language. Ended, it is offered no more."""

    __tablename__ = "ready_text"
    __table_args__ = (check("words_by_language", "jsonb_typeof(words) = 'object'"),)

    words: dict[str, str] = Field(sa_type=JSONB)
    position: int
    created_at: datetime
    ended_at: datetime | None = None
