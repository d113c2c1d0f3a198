from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.database.columns import Row, Tenant, belongs, check, of_client, one_of
from service.outbox.rules import Fuse

CHANNELS = ("sms", "email")
STATES = (
    "queued",  # waits for its time
    "leased",  # a worker holds it and has not marked it; nothing was sent
    "in_flight",  # marked: the provider may have it from now on
    "uncertain",  # we cannot know; evidence decides before anything is sent again
    "accepted",  # the provider took it
    "delivered",
    "undelivered",
    "failed",
    "expired",
    "suppressed",
)
OUTCOMES = (
    "accepted",
    "refused_not_processed",
    "never_reached",
    "ambiguous",
    "permanent",
    "opted_out",
    "absent",
)
EVERY_KIND = "*"
TROUBLES = (
    "silent",  # not reached, no answer, or failures of its own
    "login",  # it refuses our login
)


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition)}


class Message(Tenant, table=True):
    """One thing to send on one channel: the outbox row, one for ever of its due moment or of its `dedupe_key`."""

    __tablename__ = "message"
    __table_args__ = (
        of_client(),
        belongs("contact_point_id", "contact_point"),
        one_of("channel", CHANNELS),
        one_of("state", STATES),
        check("expires_after_due", "expires_at > due_at"),
        check("attempts_bounded", "attempts BETWEEN 0 AND max_attempts AND max_attempts BETWEEN 1 AND 2"),
        # Claim: what is due in one clinic on one channel, earliest first.
        Index("ix_message_queued", "clinic_id", "channel", "due_at", "id", **_where("state = 'queued'")),
        Index("ix_message_watched", "clinic_id", "lease_until", **_where("state IN ('leased', 'in_flight')")),
        Index("ix_message_uncertain", "clinic_id", "check_at", **_where("state = 'uncertain'")),
        # No second message in flight to the same person's same address.
        Index(
            "uq_message_one_in_flight",
            "clinic_id",
            "contact_point_id",
            unique=True,
            **_where("state = 'in_flight'"),
        ),
        # One of each due moment and channel, which is what its dedupe key says too: each of a message's updates enters
        # into every index there is of it, and so into one of these two.
        Index(
            "uq_message_occurrence",
            *("clinic_id", "occurrence_id", "channel"),
            unique=True,
            **_where("occurrence_id IS NOT NULL"),
        ),
        Index("uq_message_dedupe_key", "clinic_id", "dedupe_key", unique=True, **_where("occurrence_id IS NULL")),
        Index("ix_message_client", "clinic_id", "client_id", "created_at"),
        # What staff are told of: messages whose words could not be made.
        Index("ix_message_unwritten", "clinic_id", "settled_at", **_where("state = 'failed' AND reason = 'render'")),
        {"postgresql_with": {"fillfactor": "85"}},
    )

    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: str
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    dedupe_key: str
    occurrence_id: UUID | None = None
    prompt: str | None = None
    day: date | None = None
    priority: int = 5
    state: str = "queued"
    reason: str | None = None
    due_at: datetime
    expires_at: datetime
    attempts: int = 0
    max_attempts: int = 2
    soft_fails: int = 0
    lease_token: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None
    check_at: datetime | None = None
    checks: int = 0
    provider_message_id: str | None = None
    accepted_at: datetime | None = None
    settled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class Attempt(Tenant, table=True):
    """One try that may have reached the wire; evidence, also of a worker that lost its lease."""

    __tablename__ = "attempt"
    __table_args__ = (
        belongs("message_id", "message"),
        UniqueConstraint("clinic_id", "message_id", "number"),
        check("outcome_known", f"outcome IS NULL OR outcome IN ({', '.join(repr(o) for o in OUTCOMES)})"),
    )

    message_id: UUID
    number: int
    lease_token: int
    provider: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    status_code: int | None = None
    provider_code: str | None = None
    provider_message_id: str | None = None
    detail: str | None = None
    body_sha256: bytes


class SendFuse(Row, table=True):
    """How many messages of one purpose were marked for one address on one UTC day; the last defence against our own
    bugs, and against whoever would make us write without end."""

    __tablename__ = "send_fuse"
    __table_args__ = (
        belongs("contact_point_id", "contact_point"),
        check("sends_bounded", " OR ".join(f"fuse = '{fuse}' AND sends BETWEEN 0 AND {fuse.most}" for fuse in Fuse)),
    )

    clinic_id: UUID = Field(primary_key=True)
    contact_point_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    fuse: str = Field(primary_key=True)
    sends: int


class SendingStop(Row, table=True):
    """What a clinic does not send for a while, because carriers would only refuse it: a kind of message on one
    channel, or every kind."""

    __tablename__ = "sending_stop"
    __table_args__ = (one_of("channel", CHANNELS), check("stops_before_end", "until_at > stopped_at"))

    clinic_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    failure: str
    code: str
    stopped_at: datetime
    until_at: datetime


class SenderPace(Row, table=True):
    """Rate limit and circuit of one sender, shared by all processes (GCRA: one row, one statement).

    The circuit is open while `open_until` is set, since `opened_at`; whoever moves an `open_until` that is over
    may try once. `failures` are those in a row; the window counts both kinds of outcome for the rate.
    """

    __tablename__ = "sender_pace"
    __table_args__ = (
        check("rate_positive", "interval_seconds > 0 AND burst_seconds >= 0"),
        one_of("trouble", TROUBLES),
        check("open_has_reason", "num_nulls(opened_at, open_until, trouble) IN (0, 3)"),
    )

    sender: str = Field(primary_key=True)
    next_free_at: datetime
    interval_seconds: float
    burst_seconds: float
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    window_from: datetime | None = None
    window_failed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    window_answered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    opened_at: datetime | None = None
    open_until: datetime | None = None
    trouble: str | None = None
    trouble_detail: str | None = None


class Heartbeat(Row, table=True):
    """That a scheduler process is alive; pages say so when none is. Belongs to no clinic."""

    __tablename__ = "heartbeat"

    worker: str = Field(primary_key=True)
    started_at: datetime
    beat_at: datetime
    note: str | None = None
    """What keeps it from sending, or how far it is with a recovery."""


HOLDS = (
    "restored",  # the database knows less than a scheduler or its folder remembers, or is another server
    "failed_over",  # the same server's data on a new timeline: a standby was promoted
)


class Epoch(Row, table=True):
    """The one row that says which history this database belongs to, and whether sending is on hold."""

    __tablename__ = "epoch"
    __table_args__ = (
        check("one_row", "only_row"),
        check("hold_has_a_reason", "(held_since IS NULL) = (hold_reason IS NULL)"),
        one_of("hold_reason", HOLDS),
    )

    only_row: bool = Field(primary_key=True)
    installation_id: UUID
    began_at: datetime
    """Moves on with each recovery, and back with a restore."""
    server: str | None = None
    """System identifier and timeline, as a scheduler saw them first; none before the first scheduler."""
    held_since: datetime | None = None
    hold_reason: str | None = None
    known_until: datetime | None = None
    """What happened after that, this database may have forgotten."""
    asked_at: datetime | None = None
    recovered_at: datetime | None = None
    doubted: int = 0
    planned: int = 0


class Witness(Row, table=True):
    """One who remembers outside the database how far it had come: a scheduler process, or all that share a folder."""

    __tablename__ = "witness"

    id: UUID = Field(primary_key=True)
    beat: int = Field(sa_type=BigInteger)
    beat_at: datetime


class OwnWording(Row, table=True):
    """A clinic's own words for the text of one kind of reminder, in one language."""

    __tablename__ = "own_wording"
    __table_args__ = (one_of("locale", ("en", "es")), check("words_length", "length(words) BETWEEN 1 AND 500"))

    clinic_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    words: str
    saved_at: datetime


class InboxMessage(Tenant, table=True):
    """What a far end would have received: the test inbox keeps it instead of a phone or a mail server. Mail to
    staff has no client."""

    __tablename__ = "test_inbox_message"
    __table_args__ = (of_client(), Index("ix_test_inbox_message_at", "clinic_id", "client_id", "received_at"))

    client_id: UUID | None = None
    message_id: UUID
    attempt_id: UUID
    medium: str
    sent_to: str
    subject: str | None = None
    body: str
    html: str | None = None
    headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    received_at: datetime
