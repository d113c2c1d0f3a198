from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ARRAY, Date, Index, SmallInteger, Text, Time, UniqueConstraint
from sqlmodel import Field

from service.database.columns import ClientOwned, Row, Tenant, belongs, check, of_client, one_of

KINDS = ("check_in", "plan", "habit")
OCCURRENCE_STATES = ("queued", "sent", "skipped", "expired", "suppressed", "failed")


class Reminder(ClientOwned, table=True):
    """A person's standing wish to be asked: what, at which local times, on which days, by which channel first."""

    __tablename__ = "reminder"
    __table_args__ = (
        of_client(),
        one_of("kind", KINDS),
        check("one_way_to_count_days", "num_nonnulls(weekdays, every_days, times_per_week) = 1"),
        check("weekdays_mask", "weekdays BETWEEN 1 AND 127"),
        check("every_days_range", "every_days BETWEEN 1 AND 366"),
        check("times_per_week_range", "times_per_week BETWEEN 1 AND 7"),
        check("ends_after_start", "ends_on >= starts_on"),
        check("pause_before_end", "paused_until < ends_on"),
        check("exceptions_bound", "cardinality(except_on) <= 366"),
        check(
            "exceptions_in_range", "starts_on <= ALL (except_on) AND (ends_on IS NULL OR ends_on >= ALL (except_on))"
        ),
        check("times_given", "cardinality(local_times) BETWEEN 1 AND 6"),
        check("slot_for_each_time", "cardinality(slots) = cardinality(local_times)"),
        check("channels_known", "channels <@ ARRAY['sms', 'email']::text[] AND cardinality(channels) >= 1"),
        # One running reminder of a kind; several times a day are slots of it.
        Index(
            "uq_reminder_running",
            "clinic_id",
            "client_id",
            "kind",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )

    kind: str
    local_times: list[time] = Field(sa_type=ARRAY(Time))
    slots: list[int] = Field(sa_type=ARRAY(SmallInteger))
    weekdays: int | None = None
    every_days: int | None = None
    times_per_week: int | None = None
    channels: list[str] = Field(sa_type=ARRAY(Text))
    anchor: str | None = None
    starts_on: date
    ends_on: date | None = None
    except_on: list[date] = Field(default_factory=list, sa_type=ARRAY(Date))
    paused_until: date | None = None
    ended_at: datetime | None = None
    revision: int = 1


class ReminderClock(Row, table=True):
    """When a reminder is next to be planned. Apart from `reminder`, because it moves every day."""

    __tablename__ = "reminder_clock"
    __table_args__ = (
        belongs("reminder_id", "reminder"),
        Index("ix_reminder_clock_next", "clinic_id", "next_at"),
        {"postgresql_with": {"fillfactor": "85"}},
    )

    clinic_id: UUID = Field(primary_key=True)
    reminder_id: UUID = Field(primary_key=True)
    next_at: datetime
    tzdata: str


class ReminderRhythm(Row, table=True):
    """How often a client is asked at present, and when the notifier looks at that again. Every day when
    `texts_a_week` is None, else on the weekdays of `ask_days` (bit 0 is Monday).

    `morning_on`, `evening_on`: the last local days that were looked at. `rung`: how many silent planned days were
    answered last (`rhythm.RUNGS`). `heard_on`: silence is counted after it. `missed_on`: the day WHY is about.
    `moved_from`: the time of the plan's reminder before it last moved, on `moved_on`; never again with `keeps_time`.
    """

    __tablename__ = "reminder_rhythm"
    __table_args__ = (
        of_client(),
        check("pace_known", "texts_a_week IN (1, 2)"),
        check("days_with_pace", "num_nonnulls(texts_a_week, ask_days) <> 1"),
        check("ask_days_mask", "ask_days BETWEEN 1 AND 127"),
        check("rung_known", "rung IN (0, 3, 10, 30)"),
        check("rung_has_day", "rung = 0 OR rung_on IS NOT NULL"),
        # The time first: finding what is due reads nothing of whoever is not.
        Index("ix_reminder_rhythm_next", "next_at", "clinic_id"),
        {"postgresql_with": {"fillfactor": "85"}},
    )

    clinic_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    next_at: datetime | None = None
    morning_on: date | None = None
    evening_on: date | None = None
    texts_a_week: int | None = None
    ask_days: int | None = None
    stepped_on: date | None = None
    wants_daily: bool = False
    rung: int = 0
    rung_on: date | None = None
    heard_on: date | None = None
    asked_why_on: date | None = None
    missed_on: date | None = None
    moved_from: time | None = None
    moved_on: date | None = None
    keeps_time: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})


class Occurrence(Tenant, table=True):
    """The ledger: one row for every due moment of every reminder, with what became of it and why.

    `answered` is not a stored state: it is seen from the diary whenever the ledger is read, so no job can miss it.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        of_client(),
        belongs("reminder_id", "reminder"),
        one_of("state", OCCURRENCE_STATES),
        UniqueConstraint("clinic_id", "reminder_id", "day", "slot"),
        check("reason_given", "state IN ('queued', 'sent') OR reason IS NOT NULL"),
        Index("ix_occurrence_client", "clinic_id", "client_id", "due_at"),
    )

    client_id: UUID
    reminder_id: UUID
    kind: str
    day: date
    slot: int
    due_at: datetime
    zone: str
    tzdata: str
    state: str = "queued"
    reason: str | None = None
    channel: str | None = None
    created_at: datetime
    settled_at: datetime | None = None
