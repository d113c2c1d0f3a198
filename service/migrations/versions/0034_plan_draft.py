"""a plan that somebody is still writing is kept for them until it is sent, thrown away or too old"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, NOTIFIER, grant, grant_columns, open_across, protect

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_draft",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("follows >= 0", name=op.f("ck_plan_draft_follows_counted")),
        sa.CheckConstraint("jsonb_array_length(fields) <= 500", name=op.f("ck_plan_draft_fields_bound")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_draft_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_plan_draft_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "client_id", "staff_id", name=op.f("pk_plan_draft")),
    )
    protect(op.execute, "plan_draft")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE, DELETE", ("plan_draft",))
    # The notifier throws away what is too old, and reads nothing of it but how old it is.
    grant_columns(op.execute, NOTIFIER, {"plan_draft": ("clinic_id", "saved_at")})
    grant(op.execute, NOTIFIER, "DELETE", ("plan_draft",))
    open_across(op.execute, "plan_draft", NOTIFIER, "find_work")
