"""a client is asked by text or email whether the clinic may write, and says yes or no themselves"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None

LINKS = (
    *("check_in", "plan", "habit", "fix", "message", "week", "look", "questions", "sign_in", "unsubscribe"),
    "invite",
)


def upgrade() -> None:
    purposes = op.f("ck_link_purpose_known")
    op.drop_constraint(purposes, "link", type_="check")
    op.create_check_constraint(purposes, "link", f"purpose IN ({', '.join(repr(one) for one in LINKS)})")
    op.create_table(
        "client_invite",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_client_invite_channel_known")),
        sa.CheckConstraint(
            "num_nonnulls(accepted_at, declined_at, replaced_at) <= 1", name=op.f("ck_client_invite_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_client_invite_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_client_invite_clinic_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_point_id"],
            ["contact_point.clinic_id", "contact_point.id"],
            name=op.f("fk_client_invite_clinic_id_contact_point_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_client_invite")),
        sa.UniqueConstraint("clinic_id", "link_id", name=op.f("uq_client_invite_clinic_id_link_id")),
    )
    op.create_index(
        "uq_client_invite_open",
        "client_invite",
        ["clinic_id", "contact_point_id"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND declined_at IS NULL AND replaced_at IS NULL"),
    )
    op.create_index("ix_client_invite_client", "client_invite", ["clinic_id", "client_id"], unique=False)
    protect(op.execute, "client_invite")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("client_invite",))
