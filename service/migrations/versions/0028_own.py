"""the person's own quiet hours, and who asked to be forgotten"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns, protect

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("client", sa.Column("quiet_from", sa.Time(), nullable=True))
    op.add_column("client", sa.Column("quiet_until", sa.Time(), nullable=True))
    op.create_check_constraint(
        op.f("ck_client_quiet_both_or_none"), "client", "(quiet_from IS NULL) = (quiet_until IS NULL)"
    )
    grant_columns(op.execute, NOTIFIER, {"client": ("quiet_from", "quiet_until")})
    op.create_table(
        "erasure_request",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_erasure_request_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_erasure_request")),
    )
    op.create_index(
        "uq_erasure_request_open",
        "erasure_request",
        ["clinic_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )
    protect(op.execute, "erasure_request")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("erasure_request",))
