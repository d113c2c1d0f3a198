"""indexes for what the notifier reads of many clients at once"""

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
    op.create_index("ix_consent_client", "consent", ["clinic_id", "client_id"], unique=False)
    op.create_index("ix_plan_version_client", "plan_version", ["clinic_id", "client_id"], unique=False)
    op.create_index("ix_plan_pause_plan", "plan_pause", ["clinic_id", "plan_id"], unique=False)
