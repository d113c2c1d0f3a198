"""office hours and closed days of a clinic, and the mail that tells staff when nobody looked in time"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, open_across

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

AUTHORS = ("client", "helper", "therapist", "text")
AUTHORED = (
    "exercise_session",
    "habit_mark",
    "pain_entry",
    "morning_after",
    "fix_report",
    "red_flag_screen",
    "urgency_answer",
    "intake",
)
LINKS = ("check_in", "plan", "habit", "fix", "message", "week", "look", "questions", "sign_in", "unsubscribe")
OVERDUE = "(kind = 'overdue') = (client_id IS NOT NULL AND rule IS NOT NULL AND since IS NOT NULL AND step IS NOT NULL)"


def upgrade() -> None:
    _office_hours()
    _overdue()
    purposes = op.f("ck_link_purpose_known")
    op.drop_constraint(purposes, "link", type_="check")
    op.create_check_constraint(purposes, "link", f"purpose IN ({', '.join(repr(one) for one in LINKS)})")
    for table in AUTHORED:
        _authors(table)


def _authors(table: str) -> None:
    """What came by a text says so; the owner of the tables reads no clinic's rows, so each is told from now on."""
    name = op.f(f"ck_{table}_entered_by_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"entered_by IN ({', '.join(repr(one) for one in AUTHORS)})")


def _office_hours() -> None:
    usual = '{08:00-18:00,08:00-18:00,08:00-18:00,08:00-18:00,08:00-18:00,"",""}'
    op.add_column("clinic", sa.Column("office_hours", sa.ARRAY(sa.Text()), nullable=False, server_default=usual))
    op.add_column("clinic", sa.Column("closed_days", sa.ARRAY(sa.Date()), nullable=False, server_default="{}"))
    op.add_column("clinic", sa.Column("escalate_minutes", sa.Integer(), nullable=False, server_default="60"))
    now = sa.text("now()")
    op.add_column("clinic", sa.Column("alerts_at", sa.DateTime(timezone=True), nullable=False, server_default=now))
    op.create_check_constraint(op.f("ck_clinic_office_hours_week"), "clinic", "cardinality(office_hours) = 7")
    op.create_check_constraint(op.f("ck_clinic_escalate_range"), "clinic", "escalate_minutes BETWEEN 1 AND 600")
    op.create_index("ix_clinic_alerts", "clinic", ["alerts_at", "clinic_id"], unique=False)
    # Which clinics' alerts are to be looked through now.
    open_across(op.execute, "clinic", APP, "find_work")


def _overdue() -> None:
    op.add_column("digest_mail", sa.Column("kind", sa.String(), nullable=False, server_default="caseload"))
    op.add_column("digest_mail", sa.Column("client_id", sa.Uuid(), nullable=True))
    op.add_column("digest_mail", sa.Column("rule", sa.String(), nullable=True))
    op.add_column("digest_mail", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("digest_mail", sa.Column("step", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_digest_mail_kind_known"), "digest_mail", "kind IN ('caseload', 'overdue')")
    op.create_check_constraint(op.f("ck_digest_mail_overdue_of_somebody"), "digest_mail", OVERDUE)
    op.create_foreign_key(
        op.f("fk_digest_mail_clinic_id_client_id"),
        "digest_mail",
        "client",
        ["clinic_id", "client_id"],
        ["clinic_id", "id"],
    )
    op.drop_constraint("uq_digest_mail_clinic_id_staff_id_day", "digest_mail", type_="unique")
    op.create_index(
        "uq_digest_mail_day",
        "digest_mail",
        ["clinic_id", "staff_id", "day"],
        unique=True,
        postgresql_where=sa.text("kind = 'caseload'"),
    )
    op.create_index(
        "uq_digest_mail_step",
        "digest_mail",
        ["clinic_id", "client_id", "rule", "since", "step", "staff_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'overdue'"),
    )
