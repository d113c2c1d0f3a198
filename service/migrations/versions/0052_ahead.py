"""a therapist may allow one step of an exercise ahead of the rule that proposes it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import NOTIFIER, grant_columns

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _items()
    _versions()
    op.add_column("plan", sa.Column("steps_on", sa.Date(), nullable=True))
    now = sa.text("now()")
    op.add_column("clinic", sa.Column("steps_at", sa.DateTime(timezone=True), nullable=False, server_default=now))
    op.create_index("ix_clinic_steps", "clinic", ["steps_at", "clinic_id"], unique=False)


def _items() -> None:
    op.add_column("plan_item", sa.Column("ahead", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_plan_item_ahead_complete"),
        "plan_item",
        "ahead IS NULL OR ahead ->> 'until' IS NOT NULL AND ahead ->> 'by' IS NOT NULL",
    )
    op.create_index(
        "ix_plan_item_ahead",
        "plan_item",
        ["clinic_id", "client_id"],
        unique=False,
        postgresql_where=sa.text("ahead IS NOT NULL"),
    )


def _versions() -> None:
    op.add_column("plan_version", sa.Column("quiet", sa.Boolean(), nullable=False, server_default="false"))
    # The notifier tells of a change, but not of one that nobody sees.
    grant_columns(op.execute, NOTIFIER, {"plan_version": ("quiet",)})
    op.add_column("plan_version", sa.Column("step_key", sa.Uuid(), nullable=True))
    op.add_column("plan_version", sa.Column("step_why", postgresql.JSONB(), nullable=True))
    told = "(step_key IS NULL) = (step_why IS NULL)"
    op.create_check_constraint(op.f("ck_plan_version_step_told"), "plan_version", told)
    op.create_index(
        "uq_plan_step",
        "plan_version",
        ["clinic_id", "plan_id", "step_key"],
        unique=True,
        postgresql_where=sa.text("step_key IS NOT NULL"),
    )
