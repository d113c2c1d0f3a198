"""the mail that tells staff who needs them first, and links to a week and to what is shown after signing in"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.protection import APP, NOTIFIER, grant, grant_columns, open_across, protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


LINKS = ("check_in", "plan", "habit", "message", "week", "look", "sign_in", "unsubscribe")


def upgrade() -> None:
    op.add_column("clinic", sa.Column("week_text", sa.Boolean(), nullable=False, server_default="true"))
    for table in ("provider_event", "unplaced_text"):
        op.add_column(table, sa.Column("pictures", sa.Integer(), nullable=False, server_default="0"))
    purposes = op.f("ck_link_purpose_known")
    op.drop_constraint(purposes, "link", type_="check")
    op.create_check_constraint(purposes, "link", f"purpose IN ({', '.join(repr(purpose) for purpose in LINKS)})")
    _digest_wish()
    _digest_mail()
    for table in ("digest_wish", "digest_mail"):
        protect(op.execute, table)
        grant(op.execute, APP, "SELECT, INSERT, UPDATE", (table,))
    # The app, which may read the record, writes these mails; the notifier, which may not, sends them.
    open_across(op.execute, "digest_wish", APP, "find_work")
    open_across(op.execute, "digest_mail", NOTIFIER, "find_work")
    grant(op.execute, NOTIFIER, "SELECT, UPDATE", ("digest_mail",))
    # Whether it is still wanted; where it goes stands in the mail itself.
    grant_columns(op.execute, NOTIFIER, {"digest_wish": ("clinic_id", "staff_id", "next_at"), "staff": ("active",)})
    # The notifier forgets old texts that nobody could place, and reads nothing of them but how old they are.
    grant_columns(op.execute, NOTIFIER, {"unplaced_text": ("clinic_id", "received_at")})
    grant(op.execute, NOTIFIER, "DELETE", ("unplaced_text",))
    open_across(op.execute, "unplaced_text", NOTIFIER, "find_work")
    # The test inbox also holds mail to staff.
    op.alter_column("test_inbox_message", "client_id", existing_type=sa.Uuid(), nullable=True)


def _digest_wish() -> None:
    op.create_table(
        "digest_wish",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_digest_wish_weekdays_mask")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name=op.f("fk_digest_wish_clinic_id_staff_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "staff_id", name=op.f("pk_digest_wish")),
    )
    op.create_index("ix_digest_wish_next", "digest_wish", ["next_at", "clinic_id"], unique=False)


def _digest_mail() -> None:
    op.create_table(
        "digest_mail",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("soft_fails", sa.Integer(), nullable=False),
        sa.Column("provider_message_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'in_flight', 'sent', 'skipped', 'expired', 'failed')",
            name=op.f("ck_digest_mail_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'in_flight', 'sent') OR reason IS NOT NULL",
            name=op.f("ck_digest_mail_reason_given"),
        ),
        sa.CheckConstraint("expires_at > due_at", name=op.f("ck_digest_mail_expires_after_due")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name=op.f("fk_digest_mail_clinic_id_staff_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_digest_mail")),
        sa.UniqueConstraint("clinic_id", "staff_id", "day", name=op.f("uq_digest_mail_clinic_id_staff_id_day")),
    )
    op.create_index(
        "ix_digest_mail_open",
        "digest_mail",
        ["due_at", "clinic_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'in_flight')"),
    )
