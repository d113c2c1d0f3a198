"""texts that are nobody's yet are sealed by the clinic, for how long a clinic keeps what links, sign-ins and providers left behind, and who may delete it"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns
from service.database.sealing_plain import Plain, seal_columns

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seal_columns(op.get_bind(), [Plain(table, "body", "clinic_id") for table in ("provider_event", "unplaced_text")])
    op.add_column("clinic", sa.Column("traces_days", sa.Integer(), server_default="90", nullable=False))
    op.create_check_constraint(op.f("ck_clinic_traces_range"), "clinic", "traces_days BETWEEN 30 AND 90")
    op.execute(f"ALTER POLICY across_find_work ON clinic TO {APP}, {NOTIFIER}")
    tables = ("link", "sign_in_code", "sign_in_session", "provider_event", "staff_invite", "digest_mail")
    grant(op.execute, NOTIFIER, "DELETE", tables)
    # Enough to know that it is over, and nothing of what it was.
    key = ("clinic_id", "id", "expires_at")
    grant_columns(
        op.execute,
        NOTIFIER,
        {
            "sign_in_code": key,
            "sign_in_session": (*key, "revoked_at"),
            "staff_invite": (*key, "used_at", "revoked_at"),
            "provider_event": ("acted_at",),
        },
    )
