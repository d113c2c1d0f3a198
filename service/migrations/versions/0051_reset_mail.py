"""owners hear by mail when the operator takes away ways to sign in"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

MAILS = ("caseload", "overdue", "invite", "sign_in", "test", "anchor", "reset")


def upgrade() -> None:
    kinds = op.f("ck_digest_mail_kind_known")
    op.drop_constraint(kinds, "digest_mail", type_="check")
    op.create_check_constraint(kinds, "digest_mail", f"kind IN ({', '.join(repr(one) for one in MAILS)})")
