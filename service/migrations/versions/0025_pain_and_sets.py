"""what pain is like, when it comes and how far it runs; effort is one of the catalogue's; sets are told as a whole"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("qualities", "timing"):
        # The default is for those who still write as before while this is brought in.
        op.add_column("pain_entry", sa.Column(name, sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("pain_entry", sa.Column("radiates", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_pain_entry_qualities_known"),
        "pain_entry",
        "qualities <@ ARRAY['ache', 'dull', 'sharp', 'burning', 'shooting', 'tingling', 'throbbing', 'stiff', 'snapping', 'pinching']::text[]",
    )
    op.create_check_constraint(
        op.f("ck_pain_entry_timing_known"),
        "pain_entry",
        "timing <@ ARRAY['on_waking', 'morning', 'during_day', 'evening', 'night_lying_on_side', 'night_any_position']::text[]",
    )
    op.create_check_constraint(
        op.f("ck_pain_entry_radiates_known"),
        "pain_entry",
        "radiates IS NULL OR radiates IN ('no', 'to_thigh', 'to_knee', 'to_calf', 'to_foot')",
    )
    op.create_check_constraint(
        op.f("ck_exercise_session_effort_known"),
        "exercise_session",
        "effort IS NULL OR effort IN ('light', 'somewhat_hard', 'hard')",
    )
    grant(op.execute, APP, "DELETE", ("exercise_set",))
