"""messages by page and by link, and texts of a phone that people share"""

from alembic import op

revision = "0011"
down_revision = "0010"
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
