"""plans"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("latest_version >= 1", name=op.f("ck_plan_version_positive")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "created_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_plan_clinic_id_created_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan")),
    )
    op.create_index(
        "uq_plan_one_running",
        "plan",
        ["clinic_id", "client_id"],
        unique=True,
        postgresql_where="ended_on IS NULL",
    )
    op.create_table(
        "plan_pause",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("until_day IS NULL OR until_day >= from_day", name=op.f("ck_plan_pause_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_pause_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["plan.clinic_id", "plan.id"],
            name=op.f("fk_plan_pause_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_pause")),
    )
    op.create_table(
        "plan_version",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("change_lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_version_number_positive")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_version_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "created_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_plan_version_clinic_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["plan.clinic_id", "plan.id"],
            name=op.f("fk_plan_version_clinic_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("clinic_id", "plan_id", "number", name=op.f("uq_plan_version_clinic_id_plan_id_number")),
    )
    op.create_table(
        "plan_habit",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("habit_key", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("options", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("good", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.CheckConstraint("cadence IN ('daily', 'weekly', 'monthly')", name=op.f("ck_plan_habit_cadence_known")),
        sa.CheckConstraint(
            "kind IN ('yes_no', 'count', 'minutes', 'number', 'choice')",
            name=op.f("ck_plan_habit_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_habit_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "habit_id"],
            ["habit.clinic_id", "habit.id"],
            name=op.f("fk_plan_habit_clinic_id_habit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_plan_habit_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_habit")),
        sa.UniqueConstraint(
            "clinic_id",
            "plan_version_id",
            "habit_key",
            name=op.f("uq_plan_habit_clinic_id_plan_version_id_habit_key"),
        ),
    )
    op.create_table(
        "plan_item",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("item_key", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("routine", sa.String(), nullable=False),
        sa.Column("exercise_id", sa.Uuid(), nullable=False),
        sa.Column("sets", sa.Integer(), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=False),
        sa.Column("hold_seconds", sa.Integer(), nullable=False),
        sa.Column("rest_seconds", sa.Integer(), nullable=False),
        sa.Column("tempo", sa.String(), nullable=True),
        sa.Column("load", sa.Float(), nullable=True),
        sa.Column("load_unit", sa.String(), nullable=True),
        sa.Column("effort", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("working_side", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("times_per_week", sa.Integer(), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("times_per_day", sa.Integer(), nullable=False),
        sa.Column("cue", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(cadence = 'weekdays' AND weekdays > 0) OR (cadence = 'times_per_week' AND times_per_week IS NOT NULL) OR (cadence = 'every_days' AND every_days IS NOT NULL)",
            name=op.f("ck_plan_item_cadence_complete"),
        ),
        sa.CheckConstraint(
            "cadence IN ('weekdays', 'times_per_week', 'every_days')", name=op.f("ck_plan_item_cadence_known")
        ),
        sa.CheckConstraint("side IN ('left', 'right', 'both')", name=op.f("ck_plan_item_side_known")),
        sa.CheckConstraint(
            "working_side IN ('moving', 'stance', 'both')", name=op.f("ck_plan_item_working_side_known")
        ),
        sa.CheckConstraint("(load IS NULL) = (load_unit IS NULL)", name=op.f("ck_plan_item_load_has_unit")),
        sa.CheckConstraint(
            "every_days IS NULL OR every_days BETWEEN 1 AND 28", name=op.f("ck_plan_item_every_days_range")
        ),
        sa.CheckConstraint("hold_seconds BETWEEN 0 AND 600", name=op.f("ck_plan_item_hold_range")),
        sa.CheckConstraint("load IS NULL OR (load >= 0 AND load <= 500)", name=op.f("ck_plan_item_load_range")),
        sa.CheckConstraint("reps BETWEEN 1 AND 200", name=op.f("ck_plan_item_reps_range")),
        sa.CheckConstraint("rest_seconds BETWEEN 0 AND 900", name=op.f("ck_plan_item_rest_range")),
        sa.CheckConstraint("sets BETWEEN 1 AND 20", name=op.f("ck_plan_item_sets_range")),
        sa.CheckConstraint("times_per_day BETWEEN 1 AND 6", name=op.f("ck_plan_item_times_per_day_range")),
        sa.CheckConstraint(
            "times_per_week IS NULL OR times_per_week BETWEEN 1 AND 7",
            name=op.f("ck_plan_item_times_per_week_range"),
        ),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name=op.f("ck_plan_item_weekdays_mask")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_item_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "exercise_id"],
            ["exercise.clinic_id", "exercise.id"],
            name=op.f("fk_plan_item_clinic_id_exercise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_plan_item_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_item")),
        sa.UniqueConstraint(
            "clinic_id",
            "plan_version_id",
            "item_key",
            name=op.f("uq_plan_item_clinic_id_plan_version_id_item_key"),
        ),
    )
