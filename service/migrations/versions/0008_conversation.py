"""conversation"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unrouted_text",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_from", sa.String(), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "event_key", name=op.f("pk_unrouted_text")),
    )
    op.create_table(
        "webhook_counter",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.CheckConstraint("total >= 0", name=op.f("ck_webhook_counter_count_positive")),
        sa.PrimaryKeyConstraint("kind", "day", name=op.f("pk_webhook_counter")),
    )
    op.create_table(
        "thread_message",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("provider_event_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('text', 'email', 'web', 'app', 'demo')", name=op.f("ck_thread_message_channel_known")
        ),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_thread_message_direction_known")),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 4000", name=op.f("ck_thread_message_body_length")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_thread_message_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_thread_message_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_thread_message")),
    )
    op.create_index("ix_thread_message_client", "thread_message", ["clinic_id", "client_id", "sent_at"], unique=False)
    op.create_table(
        "provider_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("provider_message_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('text', 'status', 'bounce', 'complaint')", name=op.f("ck_provider_event_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_point_id"],
            ["contact_point.clinic_id", "contact_point.id"],
            name=op.f("fk_provider_event_clinic_id_contact_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "message_id"],
            ["message.clinic_id", "message.id"],
            name=op.f("fk_provider_event_clinic_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint(
            "clinic_id", "provider", "event_key", name=op.f("uq_provider_event_clinic_id_provider_event_key")
        ),
    )
    op.create_index(
        "ix_provider_event_waiting",
        "provider_event",
        ["clinic_id", "id"],
        unique=False,
        postgresql_where=sa.text("acted_at IS NULL"),
    )
