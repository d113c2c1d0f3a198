"""a time zone is an area and a place, or UTC, whoever writes it"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

ZONE = "zone = 'UTC' OR (zone LIKE '%/%' AND zone !~ '^(Etc|posix|right|SystemV)/')"


def upgrade() -> None:
    for table in ("clinic", "client", "digest_wish", "monitoring"):
        op.create_check_constraint(op.f(f"ck_{table}_zone_named"), table, ZONE)
