"""messages by page and by link, and texts of a phone that people share"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, grant, open_across, protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LINKS = ("check_in", "plan", "habit", "message", "sign_in", "unsubscribe")
THREAD = ("text", "email", "web", "api", "link", "app", "demo")


def upgrade() -> None:
    for table, column, values in (("link", "purpose", LINKS), ("thread_message", "channel", THREAD)):
        name = op.f(f"ck_{table}_{column}_known")
        op.drop_constraint(name, table, type_="check")
        listed = ", ".join(f"'{value}'" for value in values)
        op.create_check_constraint(name, table, f"{column} IN ({listed})")
    _unplaced_texts()
    # Whose number a text came to that nobody here is known by.
    open_across(op.execute, "clinic", APP, "find_address")


def _unplaced_texts() -> None:
    op.create_table(
        "unplaced_text",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_from", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_danger", sa.Boolean(), nullable=False),
        sa.Column("candidates", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_with", sa.Uuid(), nullable=True),
        sa.Column("placed_by_key", sa.String(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(placed_with IS NULL) = (body IS NOT NULL)", name=op.f("ck_unplaced_text_words_until_placed")
        ),
        sa.CheckConstraint("reason IN ('unknown_number', 'two_people')", name=op.f("ck_unplaced_text_reason_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "placed_with"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_unplaced_text_clinic_id_placed_with"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "seen_by"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_unplaced_text_clinic_id_seen_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_unplaced_text")),
        sa.UniqueConstraint("clinic_id", "event_key", name=op.f("uq_unplaced_text_clinic_id_event_key")),
    )
    protect(op.execute, "unplaced_text")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE, DELETE", ("unplaced_text",))
