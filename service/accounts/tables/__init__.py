from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ARRAY, Date, Index, Text, UniqueConstraint, func
from sqlmodel import Field

from service.accounts.rules import CHANNELS, CLIENT_STATES, INVITE_PURPOSES, LINK_PURPOSES, LOCALES, ROLES
from service.accounts.rules.office import USUAL
from service.accounts.tables.limits import LIMIT_CHECKS, OwnLimits
from service.database.columns import Row, Tenant, belongs, check, named_zone, of_client, one_of, sealed_length
from service.database.sealing import Sealed


class Clinic(OwnLimits, table=True):
    """`short_name` is what texts say they come from, so it must not tell what the clinic treats.

    A score from `flare_score` on rests exercise reminders for a day (`diary.rules.flare_until`). With `fresh_start`,
    somebody who has been silent for 30 planned days gets one last text when a month begins. With `week_text`, people
    hear when a week is over in which they told us something. With `monitoring`, staff may count data days and minutes
    for US remote therapeutic monitoring. `office_hours` are those of each weekday, Monday first, such as "08:00-18:00"
    or "", and nobody is there on `closed_days` (`accounts.rules.office`). `escalate_minutes` of office hours after
    nobody looked in time, the next person is told; at `alerts_at` somebody looks for such rows again, and at `steps_at`
    for steps that were allowed ahead. Until `live_at` is set nothing is sent to clients; `set_up` names the steps of
    the set-up that are over. What links, sign-ins and providers left behind is kept for `traces_days` once it is over
    (`scheduler.traces`).
    """

    __tablename__ = "clinic"
    __table_args__ = (
        one_of("locale", LOCALES),
        check("short_name_length", "length(short_name) BETWEEN 1 AND 20"),
        check("flare_score_range", "flare_score BETWEEN 1 AND 10"),
        check("office_hours_week", "cardinality(office_hours) = 7"),
        check("escalate_range", "escalate_minutes BETWEEN 1 AND 600"),
        # The time first: finding whose turn it is reads nothing of the others.
        Index("ix_clinic_alerts", "alerts_at", "clinic_id"),
        Index("ix_clinic_steps", "steps_at", "clinic_id"),
        named_zone(),
        check("traces_range", "traces_days BETWEEN 30 AND 90"),
        check("caps_positive", "texts_per_day BETWEEN 1 AND 12 AND texts_per_week BETWEEN 1 AND 84"),
        *LIMIT_CHECKS,
    )

    clinic_id: UUID = Field(primary_key=True)
    name: str
    short_name: str
    country: str
    zone: str
    locale: str = "en"
    phone: str
    emergency_number: str
    sms_from: str | None = None
    mail_from: str | None = None
    quiet_from: time = time(21, 0)
    quiet_until: time = time(8, 0)
    texts_per_day: int = 4
    texts_per_week: int = 20
    flare_score: int = Field(default=6, sa_column_kwargs={"server_default": "6"})
    fresh_start: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    week_text: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    monitoring: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    office_hours: list[str] = Field(
        default=list(USUAL),
        sa_type=ARRAY(Text),
        sa_column_kwargs={"server_default": f"{{{','.join(one or chr(34) * 2 for one in USUAL)}}}"},
    )
    closed_days: list[date] = Field(default=[], sa_type=ARRAY(Date), sa_column_kwargs={"server_default": "{}"})
    escalate_minutes: int = Field(default=60, sa_column_kwargs={"server_default": "60"})
    alerts_at: datetime = Field(default=None, sa_column_kwargs={"server_default": func.now()})
    steps_at: datetime = Field(default=None, sa_column_kwargs={"server_default": func.now()})
    traces_days: int = Field(default=90, sa_column_kwargs={"server_default": "90"})
    live_at: datetime | None = None
    set_up: list[str] = Field(default=[], sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})
    created_at: datetime


class Staff(Tenant, table=True):
    """Whoever was invited and has not joined yet is not active, and has no password. After `factor_due_at` a password
    alone opens nothing but the page on which a second way to sign in is added; without it there is one, or none is
    asked for."""

    __tablename__ = "staff"
    __table_args__ = (
        one_of("role", ROLES),
        UniqueConstraint("clinic_id", "email"),
        Index("ix_staff_email", "email"),
    )

    name: str
    email: str
    role: str
    password_hash: str
    active: bool = True
    factor_due_at: datetime | None = None
    created_at: datetime


class StaffInvite(Tenant, table=True):
    """A link by email with which one member of staff sets their own password, or signs in without it, once. Only the
    hash of its token is kept; a newer one takes its place. `invited_by`: when they leave, what they gave out ends."""

    __tablename__ = "staff_invite"
    __table_args__ = (
        belongs("staff_id", "staff"),
        belongs("invited_by", "staff"),
        one_of("purpose", INVITE_PURPOSES),
        UniqueConstraint("clinic_id", "token_hash"),
        Index(
            "uq_staff_invite_open",
            "clinic_id",
            "staff_id",
            "purpose",
            unique=True,
            postgresql_where="used_at IS NULL AND revoked_at IS NULL",
        ),
    )

    staff_id: UUID
    purpose: str = Field(default="join", sa_column_kwargs={"server_default": "join"})
    invited_by: UUID | None = None
    token_hash: bytes
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Client(Tenant, table=True):
    """`links_shown`: they see which habits may go with less pain; off until a therapist turns it on. `quiet_from` and
    `quiet_until`: the person's own quiet hours, in place of the clinic's."""

    __tablename__ = "client"
    __table_args__ = (
        belongs("therapist_id", "staff"),
        one_of("locale", LOCALES),
        one_of("state", CLIENT_STATES),
        sealed_length("name_given", "name", 1000, 1),
        check("quiet_both_or_none", "(quiet_from IS NULL) = (quiet_until IS NULL)"),
        named_zone(),
        Index("ix_client_therapist", "clinic_id", "therapist_id"),
    )

    name: str = Field(sa_type=Sealed("client", "name", owner="id"))
    therapist_id: UUID
    zone: str
    locale: str = "en"
    state: str = "invited"
    next_visit: date | None = None
    links_shown: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    quiet_from: time | None = None
    quiet_until: time | None = None
    sync_seq: int
    created_at: datetime


class ClientScope(Row, table=True):
    """One number for all of a client's data: commit order is number order, so no late commit hides."""

    __tablename__ = "client_scope"
    __table_args__ = (of_client(), check("seq_positive", "seq >= 1"))

    clinic_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    epoch: int = 1
    seq: int = 1


class ContactPoint(Tenant, table=True):
    """An address we may write to; `position` is the order in which channels are tried.

    `invalid_at`: a provider said that there is nobody to reach; nothing more is tried until a text comes from it.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        of_client(),
        one_of("channel", CHANNELS),
        UniqueConstraint("clinic_id", "client_id", "channel", "address_mark"),
        sealed_length("address_length", "address", 254, 3),
        check("mark_length", "octet_length(address_mark) = 16"),
        Index("ix_contact_point_address", "address_mark"),
    )

    client_id: UUID
    channel: str
    address: str = Field(sa_type=Sealed("contact_point", "address", mark="address_mark"))
    address_mark: bytes = b""
    position: int = 0
    verified_at: datetime | None = None
    opted_out_at: datetime | None = None
    opted_out_how: str | None = None
    invalid_at: datetime | None = None
    invalid_code: str | None = None
    created_at: datetime


class Consent(Tenant, table=True):
    """What the person agreed to, in the words they saw, and when; withdrawing ends it and keeps it."""

    __tablename__ = "consent"
    __table_args__ = (
        of_client(),
        one_of("channel", CHANNELS),
        check("wording_given", "length(wording) > 0"),
        Index("ix_consent_client", "clinic_id", "client_id"),
    )

    client_id: UUID
    channel: str
    wording: str
    given_at: datetime
    recorded_by: UUID | None = None
    withdrawn_at: datetime | None = None


class SignInSession(Tenant, table=True):
    """A signed-in browser. Only the hash of its token is kept. `proved_at`: when a member of staff last showed who they
    are; without it their second step is still to come, and the session opens nothing else."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        check("one_person", "(staff_id IS NULL) <> (client_id IS NULL)"),
        UniqueConstraint("clinic_id", "token_hash"),
    )

    token_hash: bytes
    staff_id: UUID | None = None
    client_id: UUID | None = None
    user_agent: str = ""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    proved_at: datetime | None = None
    revoked_at: datetime | None = None


class SignInCode(Tenant, table=True):
    __tablename__ = "sign_in_code"
    __table_args__ = (of_client(), check("tries_bounded", "tries BETWEEN 0 AND 5"))

    client_id: UUID
    code_hash: bytes
    tries: int = 0
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Link(Tenant, table=True):
    """A link in a message: one purpose, one local day, hashed; the page behind it shows nothing private."""

    __tablename__ = "link"
    __table_args__ = (
        of_client(),
        one_of("purpose", LINK_PURPOSES),
        UniqueConstraint("clinic_id", "token_hash"),
        Index("ix_link_token", "token_hash"),
    )

    client_id: UUID
    purpose: str
    token_hash: bytes
    day: date | None = None
    contact_point_id: UUID | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class AttemptLimit(Row, table=True):
    """Counts tries across processes. `key` is a hash: it names nobody. Belongs to no clinic."""

    __tablename__ = "attempt_limit"
    __table_args__ = (check("tries_positive", "tries >= 0"),)

    key: bytes = Field(primary_key=True)
    window_starts_at: datetime = Field(primary_key=True)
    tries: int
