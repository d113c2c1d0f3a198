"""a clinic's own words for the texts of its reminders, and its own texts that are ready to send"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, NOTIFIER, grant, protect

revision = "0049"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_wording",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("locale IN ('en', 'es')", name=op.f("ck_own_wording_locale_known")),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 500", name=op.f("ck_own_wording_words_length")),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "locale", name=op.f("pk_own_wording")),
    )
    op.create_table(
        "ready_text",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(words) = 'object'", name=op.f("ck_ready_text_words_by_language")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ready_text")),
    )
    for table in ("own_wording", "ready_text"):
        protect(op.execute, table)
    grant(op.execute, APP, "SELECT, INSERT, UPDATE, DELETE", ("own_wording",))
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("ready_text",))
    # It puts them into the messages that it makes; no word of a client stands in them.
    grant(op.execute, NOTIFIER, "SELECT", ("own_wording",))
