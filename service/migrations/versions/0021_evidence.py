"""habits shown against pain, and the ledger of remote therapeutic monitoring"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("monitoring", "monitoring_time")


def upgrade() -> None:
    op.add_column("client", sa.Column("links_shown", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("clinic", sa.Column("monitoring", sa.Boolean(), nullable=False, server_default="false"))
    op.create_index("ix_habit_mark_day", "habit_mark", ["clinic_id", "client_id", "day"], unique=False)
    _monitoring()
    _monitoring_time()
    for table in TABLES:
        protect(op.execute, table)
    # The notifier has no business with it: whom it reminds, and when, must not follow what can be billed.
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", TABLES)


def _monitoring() -> None:
    op.create_table(
        "monitoring",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= starts_on", name=op.f("ck_monitoring_ends_after_start")),
        *_owners("monitoring"),
    )
    op.create_index(
        "uq_monitoring_open",
        "monitoring",
        ["clinic_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _monitoring_time() -> None:
    op.create_table(
        "monitoring_time",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes BETWEEN 0 AND 480", name=op.f("ck_monitoring_time_minutes_range")),
        sa.CheckConstraint("minutes > 0 OR is_live", name=op.f("ck_monitoring_time_says_something")),
        *_owners("monitoring_time"),
    )
    op.create_index("ix_monitoring_time_day", "monitoring_time", ["clinic_id", "client_id", "day"], unique=False)


def _owners(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", f"{owner}_id"],
                [f"{owner}.clinic_id", f"{owner}.id"],
                name=op.f(f"fk_{table}_clinic_id_{owner}_id"),
            )
            for owner in ("client", "staff")
        ),
    ]
