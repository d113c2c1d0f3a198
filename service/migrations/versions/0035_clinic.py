"""who is invited to a clinic's team, how far its set-up is, and since when it is live"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MAILS = ("caseload", "overdue", "invite", "test")


def upgrade() -> None:
    _invites()
    _set_up()
    kinds = op.f("ck_digest_mail_kind_known")
    op.drop_constraint(kinds, "digest_mail", type_="check")
    op.create_check_constraint(kinds, "digest_mail", f"kind IN ({', '.join(repr(one) for one in MAILS)})")


def _invites() -> None:
    op.create_table(
        "staff_invite",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_staff_invite_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_invite")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_staff_invite_clinic_id_token_hash")),
    )
    op.create_index(
        "uq_staff_invite_open",
        "staff_invite",
        ["clinic_id", "staff_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
    )
    protect(op.execute, "staff_invite")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("staff_invite",))


def _set_up() -> None:
    """The clinics that are there send already: they are live since now, and their set-up is over."""
    op.add_column(
        "clinic", sa.Column("live_at", sa.DateTime(timezone=True), nullable=True, server_default=sa.func.now())
    )
    op.alter_column("clinic", "live_at", server_default=None)
    op.add_column("clinic", sa.Column("set_up", sa.ARRAY(sa.Text()), nullable=False, server_default="{put_away}"))
    op.alter_column("clinic", "set_up", server_default="{}")
