"""helpers are sealed like clients, who was erased, and a door through which the rows of one person at a time may be deleted"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, open_across, protect
from service.database.sealing_plain import Plain, seal_columns

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None

# Nothing of these was ever deleted by the application; now it is what belongs to somebody who is erased, and no more.
OF_A_CLIENT = [
    "client_context",
    "client_goal",
    "client_invite",
    "client_scope",
    "consent",
    "contact_point",
    "diary_revision",
    "digest_mail",
    "erasure_request",
    "exercise_result",
    "exercise_session",
    "fix_report",
    "habit_mark",
    "helper",
    "intake",
    "link",
    "monitoring",
    "monitoring_time",
    "morning_after",
    "pain_entry",
    "plan",
    "plan_fix",
    "plan_habit",
    "plan_item",
    "plan_lesson",
    "plan_pause",
    "plan_version",
    "plan_warning",
    "red_flag",
    "red_flag_screen",
    "reminder",
    "reminder_rhythm",
    "review_mark",
    "sign_in_code",
    "sign_in_session",
    "test_inbox_message",
    "thread_message",
    "treatment",
    "urgency_answer",
    "visit",
    "week_aim",
]
ELSEWHERE = ["attempt", "provider_event", "send_fuse"]
ERASING = "NULLIF(current_setting('app.erasing', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "erased_client",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "client_id", name=op.f("pk_erased_client")),
    )
    protect(op.execute, "erased_client")
    grant(op.execute, APP, "SELECT, INSERT", ("erased_client",))
    grant(op.execute, NOTIFIER, "SELECT", ("erased_client",))
    open_across(op.execute, "erased_client", NOTIFIER, "find_work")
    op.drop_constraint(op.f("ck_helper_name_length"), "helper", type_="check")
    seal_columns(op.get_bind(), [Plain("helper", name, "client_id") for name in ("name", "contact")])
    name = "octet_length(name) BETWEEN 30 AND 349"
    op.create_check_constraint(op.f("ck_helper_name_length"), "helper", name)
    for table in OF_A_CLIENT:
        _door(table, f"client_id = {ERASING}")
    _door("client", f"id = {ERASING}")
    for table in ELSEWHERE:
        _door(table, f"{ERASING} IS NOT NULL")


def _door(table: str, whose: str) -> None:
    grant(op.execute, APP, "DELETE", (table,))
    op.execute(f"CREATE POLICY erasing ON {table} AS RESTRICTIVE FOR DELETE TO {APP} USING ({whose})")
