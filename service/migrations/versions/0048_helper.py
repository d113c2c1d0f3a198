"""somebody whom a client names may tick the plan for them, and see when reminders come, through a link"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

LINKS = (
    *("check_in", "plan", "habit", "fix", "message", "week", "look", "questions", "sign_in", "unsubscribe"),
    *("invite", "helper"),
)
ACTORS = ("staff", "client", "link", "helper", "provider", "system")
RELATIONS = ("partner", "family", "friend", "carer", "other")


def upgrade() -> None:
    for name, table, column, known in (
        ("ck_link_purpose_known", "link", "purpose", LINKS),
        ("ck_audit_entry_actor_kind_known", "audit_entry", "actor_kind", ACTORS),
    ):
        op.drop_constraint(op.f(name), table, type_="check")
        listed = ", ".join(repr(one) for one in known)
        op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})")
    op.create_table(
        "helper",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            f"relation IN ({', '.join(repr(one) for one in RELATIONS)})", name=op.f("ck_helper_relation_known")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_helper_name_length")),
        sa.CheckConstraint("length(wording) > 0", name=op.f("ck_helper_wording_given")),
        sa.CheckConstraint("ended_by IN ('client', 'staff')", name=op.f("ck_helper_ended_by_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_helper_ended_by_somebody")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_helper_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_helper_clinic_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "id"],
            ["link.clinic_id", "link.id"],
            name=op.f("fk_helper_clinic_id_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_helper")),
    )
    op.create_index("ix_helper_client", "helper", ["clinic_id", "client_id"], unique=False)
    protect(op.execute, "helper")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("helper",))
