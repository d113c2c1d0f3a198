"""the notifier looks, before it starts, whether its key is the one of the chains"""

from alembic import op

from service.database.protection import NOTIFIER

revision = "0041"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By another name than the application's, which has the same door.
    op.execute(
        f"CREATE POLICY across_find_work_of_notifier ON audit_head FOR SELECT TO {NOTIFIER} "
        "USING (current_setting('app.across', true) = 'find_work')"
    )
