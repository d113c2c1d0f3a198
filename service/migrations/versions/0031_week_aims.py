"""on how many days of a week somebody means to do the plan; a habit may be skipped for a day"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "week_aim",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 2 AND 5", name=op.f("ck_week_aim_days_range")),
        sa.CheckConstraint("EXTRACT(isodow FROM monday) = 1", name=op.f("ck_week_aim_monday_is_one")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_week_aim_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_week_aim")),
        sa.UniqueConstraint("clinic_id", "client_id", "monday", name=op.f("uq_week_aim_clinic_id_client_id_monday")),
    )
    protect(op.execute, "week_aim")
    # The notifier has no business with it.
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("week_aim",))
    op.add_column("habit_mark", sa.Column("skipped", sa.Boolean(), nullable=False, server_default="false"))
    op.drop_constraint("ck_habit_mark_answer_given", "habit_mark")
    op.create_check_constraint(
        op.f("ck_habit_mark_answer_given"),
        "habit_mark",
        "num_nonnulls(yes, amount, choice) = CASE WHEN skipped THEN 0 ELSE 1 END",
    )
