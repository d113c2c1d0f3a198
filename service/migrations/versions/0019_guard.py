"""what a prescription was warned of and why it was passed, and the labels a therapist picks for a client"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, grant, protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_context",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("picked_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "context IN ('general', 'gt', 'sij', 'hip_oa', 'dgs', 'flexor', 'itbs',"
            " 'radic', 'pht', 'fai', 'hamtight', 'postop', 'preg', 'bone', 'fallrisk', 'knee', 'armload')",
            name=op.f("ck_client_context_context_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_client_context_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "picked_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_client_context_clinic_id_picked_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_client_context")),
    )
    op.create_index(
        "uq_client_context_standing",
        "client_context",
        ["clinic_id", "client_id", "context"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "plan_warning",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("plan_item_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) BETWEEN 1 AND 500", name=op.f("ck_plan_warning_reason_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_warning_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_item_id"],
            ["plan_item.clinic_id", "plan_item.id"],
            name=op.f("fk_plan_warning_clinic_id_plan_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_plan_warning_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_warning")),
    )
    op.create_index("ix_plan_warning_client", "plan_warning", ["clinic_id", "client_id"], unique=False)
    for table in ("client_context", "plan_warning"):
        protect(op.execute, table)
    # The notifier has no business with either. What was prescribed against is never changed.
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("client_context",))
    grant(op.execute, APP, "SELECT, INSERT", ("plan_warning",))
