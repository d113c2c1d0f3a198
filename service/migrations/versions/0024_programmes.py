"""where in a programme a plan is, and a clinic's templates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, grant, protect

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("programme", sa.String(), nullable=True))
    op.add_column("plan_version", sa.Column("phase", sa.Integer(), nullable=True))
    op.add_column("plan_version", sa.Column("programme_began_on", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_plan_version_phase_positive"), "plan_version", "phase IS NULL OR phase >= 1")
    op.create_check_constraint(
        op.f("ck_plan_version_programme_complete"),
        "plan_version",
        "(programme IS NULL) = (phase IS NULL) AND (programme IS NULL) = (programme_began_on IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_plan_version_programme_begun"),
        "plan_version",
        "programme_began_on IS NULL OR programme_began_on <= starts_on",
    )
    op.create_table(
        "plan_template",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_plan_template_name_length")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "created_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_plan_template_clinic_id_created_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_template")),
    )
    op.create_index(
        "uq_plan_template_name",
        "plan_template",
        ["clinic_id", "name"],
        unique=True,
        postgresql_where="removed_at IS NULL",
    )
    protect(op.execute, "plan_template")
    # The notifier has no business with it.
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("plan_template",))
