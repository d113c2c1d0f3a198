"""a message is one for ever of its due moment and channel, or of its key where it has none: one index fewer to enter"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "uq_message_occurrence",
        "message",
        ["clinic_id", "occurrence_id", "channel"],
        unique=True,
        postgresql_where=sa.text("occurrence_id IS NOT NULL"),
    )
    op.create_index(
        "uq_message_dedupe_key",
        "message",
        ["clinic_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("occurrence_id IS NULL"),
    )
    op.drop_index("ix_message_occurrence", "message")
    op.drop_constraint(op.f("uq_message_clinic_id_dedupe_key"), "message", type_="unique")
