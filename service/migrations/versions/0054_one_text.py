"""one text or email to somebody who is nobody's client: a test to staff, a helper's link"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

MAILS = ("caseload", "overdue", "invite", "sign_in", "test", "anchor", "reset", "helper")


def upgrade() -> None:
    op.add_column("digest_mail", sa.Column("channel", sa.String(), server_default="email", nullable=False))
    op.add_column("digest_mail", sa.Column("helper_id", sa.Uuid(), nullable=True))
    kinds = op.f("ck_digest_mail_kind_known")
    op.drop_constraint(kinds, "digest_mail", type_="check")
    op.create_check_constraint(kinds, "digest_mail", f"kind IN ({', '.join(repr(one) for one in MAILS)})")
    op.create_check_constraint(op.f("ck_digest_mail_channel_known"), "digest_mail", "channel IN ('sms', 'email')")
    op.create_check_constraint(
        op.f("ck_digest_mail_texts_are_few"), "digest_mail", "channel = 'email' OR kind IN ('test', 'helper')"
    )
    op.create_check_constraint(
        op.f("ck_digest_mail_helper_of_somebody"),
        "digest_mail",
        "CASE WHEN kind = 'helper' THEN helper_id IS NOT NULL AND client_id IS NOT NULL ELSE helper_id IS NULL END",
    )
    op.create_foreign_key(
        op.f("fk_digest_mail_clinic_id_helper_id"),
        "digest_mail",
        "helper",
        ["clinic_id", "helper_id"],
        ["clinic_id", "id"],
    )
    # Whatever becomes of it: a helper is written to once.
    op.create_index(
        "uq_digest_mail_helper",
        "digest_mail",
        ["clinic_id", "helper_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'helper'"),
    )
