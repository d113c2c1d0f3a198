"""outbox"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "sender_pace",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("next_free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interval_seconds", sa.Float(), nullable=False),
        sa.Column("burst_seconds", sa.Float(), nullable=False),
        sa.CheckConstraint("interval_seconds > 0 AND burst_seconds >= 0", name=op.f("ck_sender_pace_rate_positive")),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sender_pace")),
    )
    op.create_table(
        "test_inbox_message",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_test_inbox_message_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_test_inbox_message")),
    )
    op.create_index(
        "ix_test_inbox_message_at",
        "test_inbox_message",
        ["clinic_id", "client_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "message",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=True),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("soft_fails", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("provider_message_id", sa.String(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_message_channel_known")),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'in_flight', 'uncertain', 'accepted', 'delivered', 'undelivered', 'failed', 'expired', 'suppressed')",
            name=op.f("ck_message_state_known"),
        ),
        sa.CheckConstraint(
            "attempts BETWEEN 0 AND max_attempts AND max_attempts BETWEEN 1 AND 2",
            name=op.f("ck_message_attempts_bounded"),
        ),
        sa.CheckConstraint("expires_at > due_at", name=op.f("ck_message_expires_after_due")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_message_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_point_id"],
            ["contact_point.clinic_id", "contact_point.id"],
            name=op.f("fk_message_clinic_id_contact_point_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_message")),
        sa.UniqueConstraint("clinic_id", "dedupe_key", name=op.f("uq_message_clinic_id_dedupe_key")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index("ix_message_client", "message", ["clinic_id", "client_id", "created_at"], unique=False)
    op.create_index(
        "ix_message_occurrence",
        "message",
        ["clinic_id", "occurrence_id"],
        unique=False,
        postgresql_where=sa.text("occurrence_id IS NOT NULL"),
    )
    op.create_index(
        "ix_message_queued",
        "message",
        ["clinic_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_message_uncertain",
        "message",
        ["clinic_id", "check_at"],
        unique=False,
        postgresql_where=sa.text("state = 'uncertain'"),
    )
    op.create_index(
        "ix_message_watched",
        "message",
        ["clinic_id", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('leased', 'in_flight')"),
    )
    op.create_index(
        "uq_message_one_in_flight",
        "message",
        ["clinic_id", "contact_point_id"],
        unique=True,
        postgresql_where=sa.text("state = 'in_flight'"),
    )
    op.create_table(
        "send_fuse",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fuse", sa.String(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fuse = 'reminder' AND sends BETWEEN 0 AND 4 OR fuse = 'notice' AND sends BETWEEN 0 AND 4 OR fuse = 'answer' AND sends BETWEEN 0 AND 12 OR fuse = 'safety' AND sends BETWEEN 0 AND 24 OR fuse = 'consent' AND sends BETWEEN 0 AND 12 OR fuse = 'help' AND sends BETWEEN 0 AND 12 OR fuse = 'code' AND sends BETWEEN 0 AND 20",
            name=op.f("ck_send_fuse_sends_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_point_id"],
            ["contact_point.clinic_id", "contact_point.id"],
            name=op.f("fk_send_fuse_clinic_id_contact_point_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "contact_point_id", "day", "fuse", name=op.f("pk_send_fuse")),
    )
    op.create_table(
        "attempt",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("provider_code", sa.String(), nullable=True),
        sa.Column("provider_message_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('accepted', 'refused_not_processed', 'never_reached', 'ambiguous', 'permanent', 'opted_out', 'absent')",
            name=op.f("ck_attempt_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "message_id"],
            ["message.clinic_id", "message.id"],
            name=op.f("fk_attempt_clinic_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("clinic_id", "message_id", "number", name=op.f("uq_attempt_clinic_id_message_id_number")),
    )
