"""questions about warning signs, the note a flag is cleared with, and alerts that are done with a note"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, grant, protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

QUESTIONS = (
    "'rf-saddle', 'rf-bladder', 'rf-sex', 'rf-bileg', 'rf-weakleg', 'rf-fall', 'rf-noweight', 'rf-hotfever', "
    "'rf-belly', 'rf-pulsation', 'rf-testicle', 'rf-dvt', 'rf-chest', 'rf-cancer', 'rf-fever', 'rf-constitutional', "
    "'rf-nightrest', 'rf-pelvic', 'rf-stress', 'rf-steroid', 'rf-child', 'rf-surgery'"
)


def upgrade() -> None:
    op.add_column("red_flag", sa.Column("closed_note", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_red_flag_note_of_closing"),
        "red_flag",
        "closed_note IS NULL OR (closed_at IS NOT NULL AND length(closed_note) <= 2000)",
    )
    op.drop_constraint("ck_red_flag_source_known", "red_flag")
    op.create_check_constraint(
        op.f("ck_red_flag_source_known"), "red_flag", "source IN ('text', 'intake', 'staff', 'screen')"
    )
    op.create_index("ix_red_flag_client", "red_flag", ["clinic_id", "client_id", "opened_at"])
    _screen()
    _urgency()
    op.drop_constraint("ck_review_mark_state_known", "review_mark")
    op.create_check_constraint(
        op.f("ck_review_mark_state_known"), "review_mark", "state IN ('seen', 'snoozed', 'done')"
    )
    op.create_check_constraint(
        op.f("ck_review_mark_done_has_note"),
        "review_mark",
        "(state = 'done') = (note IS NOT NULL) AND length(note) <= 2000",
    )


def _screen() -> None:
    op.create_table(
        "red_flag_screen",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("yes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("no", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.CheckConstraint(
            "why IN ('words', 'pain', 'full', 'weekly', 'own')", name=op.f("ck_red_flag_screen_why_known")
        ),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_red_flag_screen_entered_by_known")
        ),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_red_flag_screen_channel_known"),
        ),
        sa.CheckConstraint(
            "told IS NULL OR told IN ('emergency', 'same_day', 'soon')", name=op.f("ck_red_flag_screen_told_known")
        ),
        sa.CheckConstraint("(told IS NULL) = (yes = '{}')", name=op.f("ck_red_flag_screen_told_after_yes")),
        sa.CheckConstraint("cardinality(yes) + cardinality(no) > 0", name=op.f("ck_red_flag_screen_answered")),
        sa.CheckConstraint("NOT yes && no", name=op.f("ck_red_flag_screen_answered_once")),
        sa.CheckConstraint(f"yes || no <@ ARRAY[{QUESTIONS}]::text[]", name=op.f("ck_red_flag_screen_questions_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_red_flag_screen_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_red_flag_screen")),
    )
    op.create_index("ix_red_flag_screen_client", "red_flag_screen", ["clinic_id", "client_id", "answered_at"])
    protect(op.execute, "red_flag_screen")
    # Answers stand as they were given; the notifier has no business with them.
    grant(op.execute, APP, "SELECT, INSERT", ("red_flag_screen",))


def _urgency() -> None:
    op.create_table(
        "urgency_answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.CheckConstraint("answer IN ('urgent', 'can_wait')", name=op.f("ck_urgency_answer_answer_known")),
        sa.CheckConstraint(
            "entered_by IN ('client', 'helper', 'therapist')", name=op.f("ck_urgency_answer_entered_by_known")
        ),
        sa.CheckConstraint(
            "channel IN ('web', 'api', 'app', 'text', 'email', 'link', 'demo')",
            name=op.f("ck_urgency_answer_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_urgency_answer_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_urgency_answer")),
    )
    op.create_index("ix_urgency_answer_client", "urgency_answer", ["clinic_id", "client_id", "answered_at"])
    protect(op.execute, "urgency_answer")
    grant(op.execute, APP, "SELECT, INSERT", ("urgency_answer",))
