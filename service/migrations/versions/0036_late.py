"""what a diary entry was told to say is kept also when it arrived too late to stand"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0049"
branch_labels = None
depends_on = None

_UNIQUE = "uq_diary_revision_clinic_id_entry_kind_entry_id_revision"


def upgrade() -> None:
    op.add_column("diary_revision", sa.Column("late", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("diary_revision", "late", server_default=None)
    op.drop_constraint(op.f(_UNIQUE), "diary_revision", type_="unique")
    op.create_unique_constraint(
        op.f(f"{_UNIQUE}_late"), "diary_revision", ["clinic_id", "entry_kind", "entry_id", "revision", "late"]
    )


def downgrade() -> None:
    op.execute("DELETE FROM diary_revision WHERE late > 0")
    op.drop_constraint(op.f(f"{_UNIQUE}_late"), "diary_revision", type_="unique")
    op.create_unique_constraint(op.f(_UNIQUE), "diary_revision", ["clinic_id", "entry_kind", "entry_id", "revision"])
    op.drop_column("diary_revision", "late")
