"""diary"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "diary_revision",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("entry_kind", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.CheckConstraint(
            "entry_kind IN ('exercise_session', 'habit_mark', 'pain_entry')",
            name=op.f("ck_diary_revision_entry_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_diary_revision_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_diary_revision")),
        sa.UniqueConstraint(
            "clinic_id",
            "entry_kind",
            "entry_id",
            "revision",
            name=op.f("uq_diary_revision_clinic_id_entry_kind_entry_id_revision"),
        ),
    )
    op.create_table(
        "pain_entry",
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
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("aggravators", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "aggravators <@ ARRAY['on_waking', 'first_steps', 'morning', 'during_day', 'evening', 'night_lying_on_side', 'night_any_position', 'sitting', 'rising_from_chair', 'walking', 'running', 'cycling', 'stairs_up', 'stairs_down', 'standing_long', 'standing_on_one_leg', 'lying_on_sore_side', 'crossing_legs', 'driving', 'coughing_or_straining']::text[]",
            name=op.f("ck_pain_entry_aggravators_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_pain_entry_channel_known"),
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_pain_entry_entered_by_known")
        ),
        sa.CheckConstraint("kind IN ('now', 'worst_24h', 'average_24h')", name=op.f("ck_pain_entry_kind_known")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_pain_entry_note_length")),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_pain_entry_score_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_pain_entry_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_pain_entry")),
    )
    op.create_index("ix_pain_entry_day", "pain_entry", ["clinic_id", "client_id", "day"], unique=False)
    op.create_table(
        "pain_site",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pain_entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.CheckConstraint("side IS NULL OR side IN ('left', 'right', 'both')", name=op.f("ck_pain_site_side_known")),
        sa.CheckConstraint(
            "site IS NULL OR site IN ('lateral_hip', 'deep_buttock', 'groin_front', 'si_upper_buttock', 'low_back', 'posterior_thigh', 'sit_bone', 'lateral_thigh', 'lateral_knee', 'front_thigh_knee', 'calf', 'heel_foot', 'groin_pelvic')",
            name=op.f("ck_pain_site_site_known"),
        ),
        sa.CheckConstraint("site IS NOT NULL OR side IS NOT NULL", name=op.f("ck_pain_site_site_or_side")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_pain_site_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "pain_entry_id"],
            ["pain_entry.clinic_id", "pain_entry.id"],
            name=op.f("fk_pain_site_clinic_id_pain_entry_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_pain_site")),
        sa.UniqueConstraint(
            "clinic_id",
            "pain_entry_id",
            "position",
            name=op.f("uq_pain_site_clinic_id_pain_entry_id_position"),
        ),
    )
    op.create_table(
        "exercise_session",
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
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("pain_before", sa.Integer(), nullable=True),
        sa.Column("pain_during", sa.Integer(), nullable=True),
        sa.Column("pain_after", sa.Integer(), nullable=True),
        sa.Column("effort", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_exercise_session_channel_known"),
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')",
            name=op.f("ck_exercise_session_entered_by_known"),
        ),
        sa.CheckConstraint("outcome IN ('done', 'partly', 'skipped')", name=op.f("ck_exercise_session_outcome_known")),
        sa.CheckConstraint(
            "reason IS NULL OR outcome = 'skipped'", name=op.f("ck_exercise_session_reason_only_when_skipped")
        ),
        sa.CheckConstraint(
            "reason IS NULL OR reason IN ('no_time', 'hurts', 'unsure_how', 'no_gear', 'unwell', 'away')",
            name=op.f("ck_exercise_session_reason_known"),
        ),
        sa.CheckConstraint(
            "pain_after IS NULL OR pain_after BETWEEN 0 AND 10",
            name=op.f("ck_exercise_session_pain_after_range"),
        ),
        sa.CheckConstraint(
            "pain_before IS NULL OR pain_before BETWEEN 0 AND 10",
            name=op.f("ck_exercise_session_pain_before_range"),
        ),
        sa.CheckConstraint(
            "pain_during IS NULL OR pain_during BETWEEN 0 AND 10",
            name=op.f("ck_exercise_session_pain_during_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_exercise_session_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_exercise_session_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exercise_session")),
    )
    op.create_index("ix_exercise_session_day", "exercise_session", ["clinic_id", "client_id", "day"], unique=False)
    op.create_table(
        "exercise_result",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("plan_item_id", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_exercise_result_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_item_id"],
            ["plan_item.clinic_id", "plan_item.id"],
            name=op.f("fk_exercise_result_clinic_id_plan_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["exercise_session.clinic_id", "exercise_session.id"],
            name=op.f("fk_exercise_result_clinic_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exercise_result")),
        sa.UniqueConstraint(
            "clinic_id",
            "session_id",
            "plan_item_id",
            name=op.f("uq_exercise_result_clinic_id_session_id_plan_item_id"),
        ),
    )
    op.create_table(
        "habit_mark",
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
        sa.Column("plan_habit_id", sa.Uuid(), nullable=False),
        sa.Column("habit_key", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("choice", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_habit_mark_channel_known"),
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_habit_mark_entered_by_known")
        ),
        sa.CheckConstraint(
            "kind IN ('yes_no', 'count', 'minutes', 'number', 'choice')", name=op.f("ck_habit_mark_kind_known")
        ),
        sa.CheckConstraint(
            "amount IS NULL OR amount BETWEEN 0 AND CASE kind "
            "WHEN 'minutes' THEN 1440 WHEN 'count' THEN 999 WHEN 'number' THEN 9999 ELSE 0 END",
            name=op.f("ck_habit_mark_amount_range"),
        ),
        sa.CheckConstraint("num_nonnulls(yes, amount, choice) = 1", name=op.f("ck_habit_mark_answer_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_habit_mark_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_habit_id"],
            ["plan_habit.clinic_id", "plan_habit.id"],
            name=op.f("fk_habit_mark_clinic_id_plan_habit_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_habit_mark")),
        sa.UniqueConstraint(
            "clinic_id",
            "client_id",
            "habit_key",
            "day",
            name=op.f("uq_habit_mark_clinic_id_client_id_habit_key_day"),
        ),
    )
    op.create_table(
        "exercise_set",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("load", sa.Float(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.CheckConstraint(
            "side IS NULL OR side IN ('left', 'right', 'both')", name=op.f("ck_exercise_set_side_known")
        ),
        sa.CheckConstraint("load IS NULL OR load BETWEEN 0 AND 500", name=op.f("ck_exercise_set_load_range")),
        sa.CheckConstraint("number BETWEEN 1 AND 50", name=op.f("ck_exercise_set_number_range")),
        sa.CheckConstraint("reps IS NULL OR reps BETWEEN 0 AND 1000", name=op.f("ck_exercise_set_reps_range")),
        sa.CheckConstraint("seconds IS NULL OR seconds BETWEEN 0 AND 7200", name=op.f("ck_exercise_set_seconds_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_exercise_set_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "result_id"],
            ["exercise_result.clinic_id", "exercise_result.id"],
            name=op.f("fk_exercise_set_clinic_id_result_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_exercise_set")),
        sa.UniqueConstraint(
            "clinic_id", "result_id", "number", name=op.f("uq_exercise_set_clinic_id_result_id_number")
        ),
    )
