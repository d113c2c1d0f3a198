"""accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt_limit",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("window_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_attempt_limit_tries_positive")),
        sa.PrimaryKeyConstraint("key", "window_starts_at", name=op.f("pk_attempt_limit")),
    )
    op.create_table(
        "clinic",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("emergency_number", sa.String(), nullable=False),
        sa.Column("sms_from", sa.String(), nullable=True),
        sa.Column("mail_from", sa.String(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("texts_per_day", sa.Integer(), nullable=False),
        sa.Column("texts_per_week", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("locale IN ('en', 'es')", name=op.f("ck_clinic_locale_known")),
        sa.CheckConstraint("length(short_name) BETWEEN 1 AND 20", name=op.f("ck_clinic_short_name_length")),
        sa.CheckConstraint(
            "texts_per_day BETWEEN 1 AND 12 AND texts_per_week BETWEEN 1 AND 84",
            name=op.f("ck_clinic_caps_positive"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_clinic")),
    )
    op.create_table(
        "staff",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'therapist', 'front_desk')", name=op.f("ck_staff_role_known")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff")),
        sa.UniqueConstraint("clinic_id", "email", name=op.f("uq_staff_clinic_id_email")),
    )
    op.create_index("ix_staff_email", "staff", ["email"], unique=False)
    op.create_table(
        "client",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_visit", sa.Date(), nullable=True),
        sa.Column("sync_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("locale IN ('en', 'es')", name=op.f("ck_client_locale_known")),
        sa.CheckConstraint("state IN ('invited', 'active', 'ended')", name=op.f("ck_client_state_known")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_client_name_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_client_clinic_id_therapist_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_client")),
    )
    op.create_index("ix_client_therapist", "client", ["clinic_id", "therapist_id"], unique=False)
    op.create_table(
        "client_scope",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_client_scope_seq_positive")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_client_scope_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "client_id", name=op.f("pk_client_scope")),
    )
    op.create_table(
        "consent",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_consent_channel_known")),
        sa.CheckConstraint("length(wording) > 0", name=op.f("ck_consent_wording_given")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_consent_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_consent")),
    )
    op.create_table(
        "contact_point",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_how", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel <> 'email' OR address LIKE '%%_@_%%'", name=op.f("ck_contact_point_email_shape")),
        sa.CheckConstraint(
            "channel <> 'sms' OR address ~ '^\\+[1-9][0-9]{6,14}$'", name=op.f("ck_contact_point_phone_e164")
        ),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_contact_point_channel_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_contact_point_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint(
            "clinic_id",
            "client_id",
            "channel",
            "address",
            name=op.f("uq_contact_point_clinic_id_client_id_channel_address"),
        ),
    )
    op.create_index("ix_contact_point_address", "contact_point", ["address"], unique=False)
    op.create_table(
        "link",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('check_in', 'plan', 'habit', 'sign_in', 'unsubscribe')",
            name=op.f("ck_link_purpose_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_link_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_link")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_link_clinic_id_token_hash")),
    )
    op.create_index("ix_link_token", "link", ["token_hash"], unique=False)
    op.create_table(
        "sign_in_code",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_sign_in_code_tries_bounded")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_sign_in_code_clinic_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sign_in_code")),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(staff_id IS NULL) <> (client_id IS NULL)", name=op.f("ck_sign_in_session_one_person")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["client.clinic_id", "client.id"],
            name=op.f("fk_sign_in_session_clinic_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_sign_in_session_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_sign_in_session_clinic_id_token_hash")),
    )
