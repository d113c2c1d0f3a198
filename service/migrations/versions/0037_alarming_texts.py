"""an alarming text that nobody could place is told on, as a row to call is"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SAID = "rule IS NOT NULL AND since IS NOT NULL AND step IS NOT NULL"


def upgrade() -> None:
    # Without a foreign key: the text is deleted after 30 days, the ledger stays.
    op.add_column("digest_mail", sa.Column("text_id", sa.Uuid(), nullable=True))
    named = op.f("ck_digest_mail_overdue_of_somebody")
    op.drop_constraint(named, "digest_mail", type_="check")
    op.create_check_constraint(
        named,
        "digest_mail",
        f"(kind = 'overdue') = (((client_id IS NULL) <> (text_id IS NULL)) AND {SAID})",
    )
    op.create_index(
        "uq_digest_mail_text",
        "digest_mail",
        ["clinic_id", "text_id", "step", "staff_id"],
        unique=True,
        postgresql_where=sa.text("text_id IS NOT NULL"),
    )
