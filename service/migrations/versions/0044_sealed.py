"""names, notes and texts of clients are sealed, each with the key of its client"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, protect
from service.database.sealing_plain import Plain, seal_columns

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None

SEALED = [
    Plain("client", "name", "id"),
    Plain("client_goal", "words", "client_id"),
    Plain("diary_revision", "body", "client_id", was_json=True),
    Plain("exercise_result", "note", "client_id"),
    Plain("intake", "onset", "client_id"),
    Plain("intake", "previous_care", "client_id"),
    Plain("pain_entry", "note", "client_id"),
    Plain("plan_draft", "fields", "client_id", was_json=True, key=("client_id", "staff_id")),
    Plain("plan_pause", "reason", "client_id"),
    Plain("plan_version", "note", "client_id"),
    Plain("plan_warning", "reason", "client_id"),
    Plain("red_flag", "closed_note", "client_id"),
    Plain("review_mark", "note", "client_id"),
    Plain("thread_message", "body", "client_id"),
    Plain("treatment", "note", "client_id"),
    Plain("visit", "note", "client_id"),
]
OLD_CHECKS = [
    ("client", "name_given"),
    ("client_goal", "words_length"),
    ("intake", "onset_length"),
    ("intake", "previous_care_length"),
    ("pain_entry", "note_length"),
    ("plan_draft", "fields_bound"),
    ("plan_warning", "reason_given"),
    ("red_flag", "note_of_closing"),
    ("review_mark", "done_has_note"),
    ("thread_message", "body_length"),
    ("treatment", "note_length"),
    ("visit", "note_length"),
]
NEW_CHECKS = [
    ("client", "name_given", "octet_length(name) BETWEEN 30 AND 4029"),
    ("client_goal", "words_length", "octet_length(words) BETWEEN 30 AND 829"),
    ("intake", "onset_length", "octet_length(onset) BETWEEN 29 AND 4029"),
    ("intake", "previous_care_length", "octet_length(previous_care) BETWEEN 29 AND 4029"),
    ("pain_entry", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("plan_draft", "fields_bound", "octet_length(fields) <= 800000"),
    ("plan_warning", "reason_given", "octet_length(reason) BETWEEN 30 AND 2029"),
    ("red_flag", "note_of_closing", "closed_note IS NULL OR closed_at IS NOT NULL"),
    ("red_flag", "closed_note_length", "octet_length(closed_note) BETWEEN 29 AND 8029"),
    ("review_mark", "done_has_note", "(state = 'done') = (note IS NOT NULL)"),
    ("review_mark", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("thread_message", "body_length", "octet_length(body) BETWEEN 30 AND 16029"),
    ("treatment", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("visit", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
]


def upgrade() -> None:
    _keys()
    for table, name in OLD_CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    seal_columns(op.get_bind(), SEALED)
    for table, name, condition in NEW_CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _keys() -> None:
    op.create_table(
        "owner_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "owner_id", name=op.f("pk_owner_key")),
    )
    op.create_table(
        "key_check",
        sa.Column("only_row", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("retired", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("only_row", name=op.f("ck_key_check_one_row")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_key_check")),
    )
    protect(op.execute, "owner_key")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE, DELETE", ("owner_key",))
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("key_check",))
    grant(op.execute, NOTIFIER, "SELECT", ("key_check",))
