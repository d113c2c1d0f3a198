"""reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local_times", sa.ARRAY(sa.Time()), nullable=False),
        sa.Column("slots", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("times_per_week", sa.Integer(), nullable=True),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("anchor", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("except_on", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "channels <@ ARRAY['sms', 'email']::text[] AND cardinality(channels) >= 1",
            name=op.f("ck_reminder_channels_known"),
        ),
        sa.CheckConstraint("kind IN ('check_in', 'plan', 'habit')", name=op.f("ck_reminder_kind_known")),
        sa.CheckConstraint(
            "cardinality(slots) = cardinality(local_times)", name=op.f("ck_reminder_slot_for_each_time")
        ),
        sa.CheckConstraint("cardinality(local_times) BETWEEN 1 AND 6", name=op.f("ck_reminder_times_given")),
        sa.CheckConstraint(
            "num_nonnulls(weekdays, every_days, times_per_week) = 1",
            name=op.f("ck_reminder_one_way_to_count_days"),
        ),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_reminder_weekdays_mask")),
        sa.CheckConstraint("every_days BETWEEN 1 AND 366", name=op.f("ck_reminder_every_days_range")),
        sa.CheckConstraint("times_per_week BETWEEN 1 AND 7", name=op.f("ck_reminder_times_per_week_range")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_reminder_ends_after_start")),
        sa.CheckConstraint("paused_until < ends_on", name=op.f("ck_reminder_pause_before_end")),
        sa.CheckConstraint("cardinality(except_on) <= 366", name=op.f("ck_reminder_exceptions_bound")),
        sa.CheckConstraint(
            "starts_on <= ALL (except_on) AND (ends_on IS NULL OR ends_on >= ALL (except_on))",
            name=op.f("ck_reminder_exceptions_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_reminder_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_reminder")),
    )
    op.create_index(
        "uq_reminder_running",
        "reminder",
        ["clinic_id", "client_id", "kind"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "occurrence",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("tzdata", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sent') OR reason IS NOT NULL", name=op.f("ck_occurrence_reason_given")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'skipped', 'expired', 'suppressed', 'failed')",
            name=op.f("ck_occurrence_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_occurrence_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reminder_id"],
            ["reminder.clinic_id", "reminder.id"],
            name=op.f("fk_occurrence_clinic_id_reminder_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint(
            "clinic_id",
            "reminder_id",
            "day",
            "slot",
            name=op.f("uq_occurrence_clinic_id_reminder_id_day_slot"),
        ),
    )
    op.create_index("ix_occurrence_client", "occurrence", ["clinic_id", "client_id", "due_at"], unique=False)
    op.create_table(
        "reminder_clock",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tzdata", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reminder_id"],
            ["reminder.clinic_id", "reminder.id"],
            name=op.f("fk_reminder_clock_clinic_id_reminder_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "reminder_id", name=op.f("pk_reminder_clock")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index("ix_reminder_clock_next", "reminder_clock", ["clinic_id", "next_at"], unique=False)
