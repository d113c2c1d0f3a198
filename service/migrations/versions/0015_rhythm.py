"""how often each client is asked, what makes the notifier pause, and warning signs that stop it"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns, open_across, protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# What the daily look of the notifier changes; the rest is the client's own word, which the app writes.
NOTIFIER_WRITES = (
    "next_at",
    "morning_on",
    "evening_on",
    "texts_a_week",
    "ask_days",
    "stepped_on",
    "rung",
    "rung_on",
    "asked_why_on",
    "missed_on",
    "moved_from",
    "moved_on",
)


def upgrade() -> None:
    op.add_column("clinic", sa.Column("flare_score", sa.Integer(), nullable=False, server_default="6"))
    op.add_column("clinic", sa.Column("fresh_start", sa.Boolean(), nullable=False, server_default="false"))
    op.create_check_constraint("flare_score_range", "clinic", "flare_score BETWEEN 1 AND 10")
    op.add_column("pain_entry", sa.Column("flare_until", sa.DateTime(timezone=True), nullable=True))
    _rhythm()
    _red_flag()
    for table in ("reminder_rhythm", "red_flag"):
        protect(op.execute, table)
        grant(op.execute, APP, "SELECT, INSERT, UPDATE", (table,))
    open_across(op.execute, "reminder_rhythm", NOTIFIER, "find_work")
    grant(op.execute, NOTIFIER, "SELECT", ("reminder_rhythm",))
    op.execute(f"GRANT UPDATE ({', '.join(NOTIFIER_WRITES)}) ON reminder_rhythm TO {NOTIFIER}")
    # That a warning sign is open, not what it is; until when a high score rests the plan, not the score.
    key = ("clinic_id", "client_id", "deleted_at")
    grant_columns(op.execute, NOTIFIER, {"red_flag": (*key, "closed_at"), "pain_entry": ("flare_until",)})
    # When something was written down, not what; the time of a reminder follows it, and its row says so to every device.
    grant_columns(op.execute, NOTIFIER, {"exercise_session": ("written_at",), "client_scope": (*key[:2], "seq")})
    op.execute(f"GRANT UPDATE (local_times, revision, sync_seq) ON reminder TO {NOTIFIER}")
    op.execute(f"GRANT UPDATE (seq) ON client_scope TO {NOTIFIER}")
    # Who changed a plan is named in the text that says so.
    grant_columns(op.execute, NOTIFIER, {"plan_version": ("created_by",), "staff": ("clinic_id", "id", "name")})


def _rhythm() -> None:
    op.create_table(
        "reminder_rhythm",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("morning_on", sa.Date(), nullable=True),
        sa.Column("evening_on", sa.Date(), nullable=True),
        sa.Column("texts_a_week", sa.Integer(), nullable=True),
        sa.Column("ask_days", sa.Integer(), nullable=True),
        sa.Column("stepped_on", sa.Date(), nullable=True),
        sa.Column("wants_daily", sa.Boolean(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("rung_on", sa.Date(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("asked_why_on", sa.Date(), nullable=True),
        sa.Column("missed_on", sa.Date(), nullable=True),
        sa.Column("moved_from", sa.Time(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=True),
        sa.Column("keeps_time", sa.Boolean(), nullable=False, server_default="false"),
        sa.CheckConstraint("texts_a_week IN (1, 2)", name=op.f("ck_reminder_rhythm_pace_known")),
        sa.CheckConstraint("num_nonnulls(texts_a_week, ask_days) <> 1", name=op.f("ck_reminder_rhythm_days_with_pace")),
        sa.CheckConstraint("ask_days BETWEEN 1 AND 127", name=op.f("ck_reminder_rhythm_ask_days_mask")),
        sa.CheckConstraint("rung IN (0, 3, 10, 30)", name=op.f("ck_reminder_rhythm_rung_known")),
        sa.CheckConstraint("rung = 0 OR rung_on IS NOT NULL", name=op.f("ck_reminder_rhythm_rung_has_day")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_reminder_rhythm_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "client_id", name=op.f("pk_reminder_rhythm")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index("ix_reminder_rhythm_next", "reminder_rhythm", ["next_at", "clinic_id"], unique=False)
    # Whoever is reminded already is looked at too. Only for this statement does the owner see all clinics.
    op.execute("ALTER TABLE reminder NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO reminder_rhythm (clinic_id, client_id, next_at, wants_daily, rung) "
        "SELECT DISTINCT clinic_id, client_id, now(), false, 0 FROM reminder WHERE ended_at IS NULL"
    )
    op.execute("ALTER TABLE reminder FORCE ROW LEVEL SECURITY")


def _red_flag() -> None:
    op.create_table(
        "red_flag",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("source IN ('text', 'intake', 'staff')", name=op.f("ck_red_flag_source_known")),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_red_flag_closed_by_somebody")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_red_flag_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "closed_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_red_flag_clinic_id_closed_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_red_flag")),
    )
    # One open warning sign of a source; the same said again changes nothing.
    op.create_index(
        "uq_red_flag_open",
        "red_flag",
        ["clinic_id", "client_id", "source"],
        unique=True,
        postgresql_where="closed_at IS NULL",
    )
