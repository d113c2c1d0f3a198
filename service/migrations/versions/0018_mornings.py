"""the morning after a session"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "morning_after",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_morning_after_channel_known"),
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_morning_after_entered_by_known")
        ),
        sa.CheckConstraint("response IN ('better', 'same', 'worse')", name=op.f("ck_morning_after_response_known")),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_morning_after_score_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_morning_after_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["exercise_session.clinic_id", "exercise_session.id"],
            name=op.f("fk_morning_after_clinic_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_morning_after")),
        sa.UniqueConstraint("clinic_id", "client_id", "day", name=op.f("uq_morning_after_clinic_id_client_id_day")),
    )
    protect(op.execute, "morning_after")
    # The notifier has no business with it.
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("morning_after",))
    op.drop_constraint("ck_diary_revision_entry_kind_known", "diary_revision")
    op.create_check_constraint(
        op.f("ck_diary_revision_entry_kind_known"),
        "diary_revision",
        "entry_kind IN ('exercise_session', 'habit_mark', 'pain_entry', 'morning_after')",
    )
