from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from service.accounts.rules import CHANNELS
from service.database.columns import ClientOwned, Row, Tenant, belongs, check, of_client, one_of, sealed_length
from service.database.sealing import Sealed

DIRECTIONS = ("in", "out")
REPORT_KINDS = ("status", "bounce", "complaint")
EVENT_KINDS = ("text", *REPORT_KINDS)
PROVIDER = "twilio"
"""Whose wire format texts and callbacks come in; the test inbox writes the same."""


class ProviderEvent(Tenant, table=True):
    """What a provider told us, stored under its own key before anything is done; a repeat changes nothing.

    `attempt_id` is as the provider gave it back and may be unknown here. `body` holds a text until
    somebody acts on it: then it moves to the client's record. Of its pictures only their number is kept.
    What cannot be acted on is tried again at `try_at`, and put aside after some `tries`: `trouble` says why.
    """

    __tablename__ = "provider_event"
    __table_args__ = (
        one_of("kind", EVENT_KINDS),
        UniqueConstraint("clinic_id", "provider", "event_key"),
        belongs("message_id", "message"),
        belongs("contact_point_id", "contact_point"),
        Index("ix_provider_event_waiting", "clinic_id", "id", postgresql_where=text("acted_at IS NULL")),
        Index("ix_provider_event_parked", "clinic_id", "acted_at", postgresql_where=text("trouble IS NOT NULL")),
        # What is told of mails that have another ledger, such as those to staff.
        Index(
            "ix_provider_event_elsewhere",
            "clinic_id",
            "attempt_id",
            postgresql_where=text("message_id IS NULL AND attempt_id IS NOT NULL"),
        ),
        check("parked_is_over", "trouble IS NULL OR acted_at IS NOT NULL"),
    )

    provider: str
    event_key: str
    kind: str
    contact_point_id: UUID | None = None
    body: str | None = Field(default=None, sa_type=Sealed("provider_event", "body", owner="clinic_id"))
    pictures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    message_id: UUID | None = None
    attempt_id: UUID | None = None
    provider_message_id: str | None = None
    state: str | None = None
    code: str | None = None
    received_at: datetime
    acted_at: datetime | None = None
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    try_at: datetime | None = None
    trouble: str | None = None


class ThreadMessage(ClientOwned, table=True):
    """What was said between a client and the clinic, understood or not. `reading` is how a text was taken."""

    __tablename__ = "thread_message"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        one_of("direction", DIRECTIONS),
        one_of("channel", ("text", "email", "web", "api", "link", "app", "demo")),
        sealed_length("body_length", "body", 4000, 1),
        Index("ix_thread_message_client", "clinic_id", "client_id", "sent_at"),
    )

    direction: str
    channel: str
    body: str = Field(sa_type=Sealed("thread_message", "body"))
    reading: str | None = None
    staff_id: UUID | None = None
    provider_event_id: UUID | None = None
    read_at: datetime | None = None
    sent_at: datetime


class UnroutedText(Row, table=True):
    """A text from a number no clinic knows, or of two people. Belongs to no clinic; kept 30 days."""

    __tablename__ = "unrouted_text"

    provider: str = Field(primary_key=True)
    event_key: str = Field(primary_key=True)
    received_at: datetime
    sent_from: str
    sent_to: str
    body: str
    reason: str


class UnplacedText(Tenant, table=True):
    """A text to this clinic that may be two people's, or is from a number nobody here has; for staff to read.

    `candidates` are the addresses that the letters A and B stand for, when the phone was asked. Once it is placed
    with a client the words are in that record only.
    """

    __tablename__ = "unplaced_text"
    __table_args__ = (
        belongs("placed_with", "client"),
        belongs("seen_by", "staff"),
        one_of("reason", ("unknown_number", "two_people")),
        check("words_until_placed", "(placed_with IS NULL) = (body IS NOT NULL)"),
        UniqueConstraint("clinic_id", "event_key"),
        check("mark_length", "octet_length(sent_mark) = 16"),
    )

    event_key: str
    received_at: datetime
    sent_from: str = Field(sa_type=Sealed("unplaced_text", "sent_from", owner="clinic_id", mark="sent_mark"))
    sent_mark: bytes = b""
    body: str | None = Field(sa_type=Sealed("unplaced_text", "body", owner="clinic_id"))
    reason: str
    is_danger: bool
    pictures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    candidates: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid))
    asked_at: datetime | None = None
    placed_with: UUID | None = None
    placed_by_key: str | None = None
    seen_at: datetime | None = None
    seen_by: UUID | None = None


class WebhookCounter(Row, table=True):
    """How many webhooks were turned away on a day: all that is kept of a forged one. Belongs to no clinic."""

    __tablename__ = "webhook_counter"
    __table_args__ = (check("count_positive", "total >= 0"),)

    kind: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    total: int


class ClientInvite(Tenant, table=True):
    """A client was asked, at one of their addresses, whether the clinic may write there. What they said yes to stands
    in `consent`. `replaced_at`: staff withdrew it, or a newer one took its place."""

    __tablename__ = "client_invite"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        belongs("contact_point_id", "contact_point"),
        one_of("channel", CHANNELS),
        check("one_end", "num_nonnulls(accepted_at, declined_at, replaced_at) <= 1"),
        UniqueConstraint("clinic_id", "link_id"),
        Index(
            "uq_client_invite_open",
            "clinic_id",
            "contact_point_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND declined_at IS NULL AND replaced_at IS NULL"),
        ),
        Index("ix_client_invite_client", "clinic_id", "client_id"),
    )

    client_id: UUID
    staff_id: UUID | None = None
    contact_point_id: UUID
    channel: str
    link_id: UUID
    message_id: UUID
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    declined_at: datetime | None = None
    replaced_at: datetime | None = None
