"""the most pain while exercising, for one person, as the therapist sets it"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("load_pain", sa.Integer(), nullable=True))
    stricter = "load_pain BETWEEN 3 AND 5"
    op.create_check_constraint(op.f("ck_plan_version_load_pain_stricter"), "plan_version", stricter)
