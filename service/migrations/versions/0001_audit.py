"""audit"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('staff', 'client', 'link', 'provider', 'system')",
            name=op.f("ck_audit_entry_actor_kind_known"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_client", "audit_entry", ["clinic_id", "client_id", "at"], unique=False)
