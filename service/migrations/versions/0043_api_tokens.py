"""tokens with which programs use the API"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

SCOPES = "'see_record', 'prescribe', 'see_contacts', 'add_client', 'settings'"


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"cardinality(scopes) > 0 AND scopes <@ ARRAY[{SCOPES}]::text[]", name=op.f("ck_api_token_scopes_known")
        ),
        sa.CheckConstraint("length(trim(name)) BETWEEN 1 AND 60", name=op.f("ck_api_token_name_given")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_api_token_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_api_token_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_api_token_clinic_id_token_hash")),
    )
    protect(op.execute, "api_token")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("api_token",))
