"""the numbers of a clinic's rules, which it may make stricter and never looser"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# What each comes with, and how strict it may be at most.
LIMITS = {
    "high_pain": (8, 6),
    "pain_jump": (3, 2),
    "pain_rise": (2, 1),
    "hurts_times": (2, 1),
    "quiet_planned_days": (3, 2),
    "invited_hours": (72, 24),
    "unreached_texts": (3, 2),
    "load_pain": (5, 3),
    "load_sessions": (3, 6),
    "load_misses": (2, 1),
    "load_percent": (70, 100),
    "load_nights": (3, 1),
    "guard_exercises": (4, 1),
    "guard_minutes": (20, 5),
    "guard_loaded_days": (2, 3),
    "guard_sore_days": (14, 28),
}


def upgrade() -> None:
    for name, (usual, strictest) in LIMITS.items():
        op.add_column("clinic", sa.Column(name, sa.Integer(), server_default=str(usual), nullable=False))
        low, high = sorted((usual, strictest))
        op.create_check_constraint(op.f(f"ck_clinic_{name}_stricter"), "clinic", f"{name} BETWEEN {low} AND {high}")
