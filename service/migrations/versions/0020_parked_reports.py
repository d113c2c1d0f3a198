"""reports that nobody can act on are put aside, with their reason; those about mail to staff are found"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import NOTIFIER, grant_columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider_event", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("provider_event", sa.Column("try_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("provider_event", sa.Column("trouble", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_provider_event_parked_is_over"), "provider_event", "trouble IS NULL OR acted_at IS NOT NULL"
    )
    op.create_index(
        "ix_provider_event_parked",
        "provider_event",
        ["clinic_id", "acted_at"],
        unique=False,
        postgresql_where=sa.text("trouble IS NOT NULL"),
    )
    op.create_index(
        "ix_provider_event_elsewhere",
        "provider_event",
        ["clinic_id", "attempt_id"],
        unique=False,
        postgresql_where=sa.text("message_id IS NULL AND attempt_id IS NOT NULL"),
    )
    grant_columns(op.execute, NOTIFIER, {"provider_event": ("tries", "try_at")})
    op.execute(f"GRANT UPDATE (tries, try_at, trouble) ON provider_event TO {NOTIFIER}")
