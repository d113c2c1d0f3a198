"""one-off fixes, what is told of them, what the notifier may see of both, and notes to read"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns, protect

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ENTRY_KINDS = ("exercise_session", "habit_mark", "pain_entry", "morning_after", "fix_report")
LINKS = ("check_in", "plan", "habit", "fix", "message", "week", "look", "sign_in", "unsubscribe")


def upgrade() -> None:
    _plan_fix()
    _fix_report()
    _plan_lesson()
    for table in ("plan_fix", "fix_report", "plan_lesson"):
        protect(op.execute, table)
        grant(op.execute, APP, "SELECT, INSERT, UPDATE", (table,))
    key = ("clinic_id", "client_id", "deleted_at")
    columns = {
        # That something is to be looked at again, and that it was; not what it is, and not what was answered.
        "plan_fix": (*key, "plan_version_id", "fix_key", "recheck_days"),
        "fix_report": (*key, "fix_key", "day", "told", "received_at"),
        # Which habits are asked on a day.
        "plan_habit": ("habit_key", "position"),
    }
    grant_columns(op.execute, NOTIFIER, columns)
    _known("diary_revision", "entry_kind", ENTRY_KINDS)
    _known("link", "purpose", LINKS)


def _known(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({', '.join(repr(value) for value in values)})")


def _plan_fix() -> None:
    op.create_table(
        "plan_fix",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("fix_key", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recheck_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(trim(prompt)) BETWEEN 1 AND 200", name=op.f("ck_plan_fix_prompt_given")),
        sa.CheckConstraint("recheck_days BETWEEN 1 AND 366", name=op.f("ck_plan_fix_recheck_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_fix_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_plan_fix_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_fix")),
        sa.UniqueConstraint(
            "clinic_id", "plan_version_id", "fix_key", name=op.f("uq_plan_fix_clinic_id_plan_version_id_fix_key")
        ),
    )
    op.create_index("ix_plan_fix_client", "plan_fix", ["clinic_id", "client_id"])


def _plan_lesson() -> None:
    op.create_table(
        "plan_lesson",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_key", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.CheckConstraint("length(trim(title)) BETWEEN 1 AND 80", name=op.f("ck_plan_lesson_title_given")),
        sa.CheckConstraint("length(trim(body)) BETWEEN 1 AND 1500", name=op.f("ck_plan_lesson_body_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_plan_lesson_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_version_id"],
            ["plan_version.clinic_id", "plan_version.id"],
            name=op.f("fk_plan_lesson_clinic_id_plan_version_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_lesson")),
        sa.UniqueConstraint(
            "clinic_id",
            "plan_version_id",
            "lesson_key",
            name=op.f("uq_plan_lesson_clinic_id_plan_version_id_lesson_key"),
        ),
    )
    op.create_index("ix_plan_lesson_client", "plan_lesson", ["clinic_id", "client_id"])


def _fix_report() -> None:
    op.create_table(
        "fix_report",
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
        sa.Column("plan_fix_id", sa.Uuid(), nullable=False),
        sa.Column("fix_key", sa.Uuid(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("in_place", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_fix_report_channel_known"),
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_fix_report_entered_by_known")
        ),
        sa.CheckConstraint("told IN ('done', 'check')", name=op.f("ck_fix_report_told_known")),
        sa.CheckConstraint("(told = 'check') = (in_place IS NOT NULL)", name=op.f("ck_fix_report_look_says_more")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_fix_report_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_fix_id"],
            ["plan_fix.clinic_id", "plan_fix.id"],
            name=op.f("fk_fix_report_clinic_id_plan_fix_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_fix_report")),
        sa.UniqueConstraint(
            "clinic_id", "client_id", "fix_key", "day", name=op.f("uq_fix_report_clinic_id_client_id_fix_key_day")
        ),
    )
