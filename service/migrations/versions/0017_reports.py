"""the notifier acts on reports that had to wait"""

from alembic import op

from service.database.protection import NOTIFIER, grant_columns, open_across

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    open_across(op.execute, "provider_event", NOTIFIER, "find_work")
    # Still not the words of a text.
    grant_columns(op.execute, NOTIFIER, {"provider_event": ("provider_message_id", "acted_at")})
    op.execute(f"GRANT UPDATE (acted_at) ON provider_event TO {NOTIFIER}")
