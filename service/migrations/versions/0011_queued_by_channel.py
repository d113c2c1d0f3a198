"""what is queued, by channel"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_message_queued", "message")
    op.create_index(
        "ix_message_queued",
        "message",
        ["clinic_id", "channel", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
