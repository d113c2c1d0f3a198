"""passkeys, apps and recovery codes of staff, and when somebody last showed who they are"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None

MAILS = ("caseload", "overdue", "invite", "sign_in", "test", "anchor")
GRACE = "now() + interval '14 days'"


def upgrade() -> None:
    _factors()
    _codes()
    _invites()
    # Who works here already gets the same two weeks as somebody who joins.
    due_at = sa.Column("factor_due_at", sa.DateTime(timezone=True), nullable=True, server_default=sa.text(GRACE))
    op.add_column("staff", due_at)
    op.alter_column("staff", "factor_due_at", server_default=None)
    op.add_column("sign_in_session", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    # Past the policies, which the owner of a table is under as well: whoever is signed in stays so.
    op.execute("ALTER TABLE sign_in_session NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE sign_in_session SET proved_at = created_at WHERE staff_id IS NOT NULL")
    op.execute("ALTER TABLE sign_in_session FORCE ROW LEVEL SECURITY")
    kinds = op.f("ck_digest_mail_kind_known")
    op.drop_constraint(kinds, "digest_mail", type_="check")
    op.create_check_constraint(kinds, "digest_mail", f"kind IN ({', '.join(repr(one) for one in MAILS)})")


def _factors() -> None:
    op.create_table(
        "staff_factor",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("material", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('passkey', 'app')", name=op.f("ck_staff_factor_kind_known")),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential_id IS NOT NULL)", name=op.f("ck_staff_factor_passkey_named")
        ),
        sa.CheckConstraint("length(trim(name)) BETWEEN 1 AND 60", name=op.f("ck_staff_factor_name_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_staff_factor_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_factor")),
    )
    op.create_index("ix_staff_factor_staff", "staff_factor", ["clinic_id", "staff_id"])
    op.create_index(
        "uq_staff_factor_credential",
        "staff_factor",
        ["clinic_id", "credential_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    protect(op.execute, "staff_factor")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("staff_factor",))


def _codes() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_recovery_code_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_staff", "recovery_code", ["clinic_id", "staff_id"])
    protect(op.execute, "recovery_code")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("recovery_code",))


def _invites() -> None:
    """A link may sign somebody in, beside one with which they choose a password."""
    op.add_column("staff_invite", sa.Column("purpose", sa.String(), nullable=False, server_default="join"))
    op.add_column("staff_invite", sa.Column("invited_by", sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f("ck_staff_invite_purpose_known"), "staff_invite", "purpose IN ('join', 'sign_in')")
    op.create_foreign_key(
        op.f("fk_staff_invite_clinic_id_invited_by"),
        "staff_invite",
        "staff",
        ["clinic_id", "invited_by"],
        ["clinic_id", "id"],
    )
    op.drop_index("uq_staff_invite_open", "staff_invite")
    op.create_index(
        "uq_staff_invite_open",
        "staff_invite",
        ["clinic_id", "staff_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
    )
