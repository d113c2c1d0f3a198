"""which history this database belongs to, and whether sending is on hold"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("only_row", sa.Boolean(), nullable=False),
        sa.Column("installation_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("server", sa.String(), nullable=True),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubted", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("ck_epoch_one_row")),
        sa.CheckConstraint(
            "(held_since IS NULL) = (hold_reason IS NULL)",
            name=op.f("ck_epoch_hold_has_a_reason"),
        ),
        sa.CheckConstraint(
            "hold_reason IN ('restored', 'failed_over')",
            name=op.f("ck_epoch_hold_reason_known"),
        ),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_epoch")),
    )
    op.create_table(
        "witness",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness")),
    )
    op.add_column("heartbeat", sa.Column("note", sa.String(), nullable=True))
    op.execute(
        "INSERT INTO epoch (only_row, installation_id, began_at, doubted, planned)"
        " VALUES (true, gen_random_uuid(), now(), 0, 0)"
    )
    grant(op.execute, APP, "SELECT", ("epoch",))
    grant(op.execute, NOTIFIER, "SELECT, UPDATE", ("epoch",))
    grant(op.execute, NOTIFIER, "SELECT, INSERT, UPDATE, DELETE", ("witness",))
