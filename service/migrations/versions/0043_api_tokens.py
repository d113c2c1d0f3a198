"""tokens with which programs use the API; the secrets of apps are kept as all that is sealed"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, grant, protect

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

SCOPES = "'see_record', 'prescribe', 'see_contacts', 'add_client', 'settings'"


def upgrade() -> None:
    _tokens()
    _secrets()


def _secrets() -> None:
    """Those of before were sealed another way, which no migration can open: who has one adds the app anew."""
    op.execute("ALTER TABLE staff_factor NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE staff NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE staff SET factor_due_at = now() + interval '14 days' FROM staff_factor f "
        "WHERE f.clinic_id = staff.clinic_id AND f.staff_id = staff.id AND f.kind = 'app'"
    )
    op.execute("DELETE FROM staff_factor WHERE kind = 'app'")
    op.execute("ALTER TABLE staff FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE staff_factor FORCE ROW LEVEL SECURITY")
    op.alter_column("staff_factor", "material", new_column_name="public_key", nullable=True)
    op.add_column("staff_factor", sa.Column("secret", sa.LargeBinary(), nullable=True))
    named = op.f("ck_staff_factor_passkey_named")
    op.drop_constraint(named, "staff_factor", type_="check")
    op.create_check_constraint(
        named, "staff_factor", "(kind = 'passkey') = (credential_id IS NOT NULL AND public_key IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_staff_factor_app_has_secret"), "staff_factor", "(kind = 'app') = (secret IS NOT NULL)"
    )


def _tokens() -> None:
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
