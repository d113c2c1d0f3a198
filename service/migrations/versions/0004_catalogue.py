"""catalogue"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exercise",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "group_name IN ('glute', 'hamstring', 'nerve', 'other')",
            name=op.f("ck_exercise_group_name_known"),
        ),
        sa.CheckConstraint("origin IN ('shipped', 'clinic')", name=op.f("ck_exercise_origin_known")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_exercise_name_given")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exercise")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_exercise_clinic_id_code")),
    )
    op.create_table(
        "habit",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cadence IN ('daily', 'weekly', 'monthly')", name=op.f("ck_habit_cadence_known")),
        sa.CheckConstraint(
            "kind IN ('yes_no', 'count', 'minutes', 'number', 'choice')", name=op.f("ck_habit_kind_known")
        ),
        sa.CheckConstraint("origin IN ('shipped', 'clinic')", name=op.f("ck_habit_origin_known")),
        sa.CheckConstraint("length(trim(prompt)) > 0", name=op.f("ck_habit_prompt_given")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_habit")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_habit_clinic_id_code")),
    )
    op.create_table(
        "shipped_entry",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('exercise', 'programme', 'habit', 'site', 'red_flag', 'context', 'source')",
            name=op.f("ck_shipped_entry_kind_known"),
        ),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk_shipped_entry")),
    )
