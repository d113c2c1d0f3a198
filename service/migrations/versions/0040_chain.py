"""the chain of who did or saw what, and the mail that says where it ends"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, open_across, protect

revision = "0040"
down_revision = "0035"
branch_labels = None
depends_on = None

MAILS = ("caseload", "overdue", "invite", "test", "anchor")
WORD = "^[a-z_]{1,40}$"
LISTED = "^([a-z0-9_]{1,60} ?)*$"


def upgrade() -> None:
    _entries()
    _heads()
    kinds = op.f("ck_digest_mail_kind_known")
    op.drop_constraint(kinds, "digest_mail", type_="check")
    op.create_check_constraint(kinds, "digest_mail", f"kind IN ({', '.join(repr(one) for one in MAILS)})")
    op.create_index(
        "uq_digest_mail_anchor",
        "digest_mail",
        ["clinic_id", "staff_id", "day"],
        unique=True,
        postgresql_where=sa.text("kind = 'anchor'"),
    )


def _entries() -> None:
    op.add_column("audit_entry", sa.Column("mac", sa.LargeBinary(), nullable=True))
    op.add_column("audit_entry", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("audit_entry", sa.Column("link", sa.LargeBinary(), nullable=True))
    checks = {
        "words_only": f"action ~ '{WORD}' AND record_kind ~ '{WORD}' AND channel ~ '{WORD}'",
        "names_only": f"array_to_string(fields, ' ') ~ '{LISTED}'",
        "linked_whole": "(number IS NULL) = (link IS NULL) AND number > 0",
    }
    for name, condition in checks.items():
        op.create_check_constraint(op.f(f"ck_audit_entry_{name}"), "audit_entry", condition)
    op.create_index(
        "ix_audit_entry_waiting", "audit_entry", ["clinic_id", "id"], postgresql_where=sa.text("number IS NULL")
    )
    op.create_index(
        "uq_audit_entry_number",
        "audit_entry",
        ["clinic_id", "number"],
        unique=True,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    open_across(op.execute, "audit_entry", NOTIFIER, "find_work")
    # What a row says nobody may change; where it stands is found out by the notifier.
    op.execute(f"GRANT UPDATE (number, link) ON audit_entry TO {NOTIFIER}")


def _heads() -> None:
    op.create_table(
        "audit_head",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("unsigned", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.Column("key_mark", sa.LargeBinary(), nullable=True),
        sa.Column("anchored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchored_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "number >= 0 AND unsigned >= 0 AND (number = 0) = (link IS NULL)", name=op.f("ck_audit_head_counted")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_audit_head")),
    )
    # What was there before rows were signed is taken as it is now. The owner sees the rows of every clinic for once.
    op.execute("ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO audit_head (clinic_id, number, unsigned, anchored_at, anchored_number) "
        "SELECT clinic_id, 0, count(*), now(), 0 FROM audit_entry GROUP BY clinic_id"
    )
    op.execute("ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY")
    protect(op.execute, "audit_head")
    grant(op.execute, NOTIFIER, "SELECT, INSERT, UPDATE", ("audit_head",))
    grant(op.execute, APP, "SELECT", ("audit_head",))
    # Who writes the mails says that it did.
    op.execute(f"GRANT UPDATE (anchored_at, anchored_number) ON audit_head TO {APP}")
    open_across(op.execute, "audit_head", APP, "find_work")
