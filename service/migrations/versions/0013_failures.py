"""what providers refuse: addresses that do not work, sending that is stopped for a while, circuits that are open"""

import sqlalchemy as sa
from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns, protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_point", sa.Column("invalid_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact_point", sa.Column("invalid_code", sa.String(), nullable=True))
    op.create_table(
        "sending_stop",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_sending_stop_channel_known")),
        sa.CheckConstraint("until_at > stopped_at", name=op.f("ck_sending_stop_stops_before_end")),
        sa.PrimaryKeyConstraint("clinic_id", "channel", "kind", name=op.f("pk_sending_stop")),
    )
    op.create_index(
        "ix_message_unwritten",
        "message",
        ["clinic_id", "settled_at"],
        unique=False,
        postgresql_where=sa.text("state = 'failed' AND reason = 'render'"),
    )
    _circuit()
    _rights()


def _circuit() -> None:
    for name in ("failures", "window_failed", "window_answered"):
        op.add_column("sender_pace", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in ("window_from", "opened_at", "open_until"):
        op.add_column("sender_pace", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("trouble", "trouble_detail"):
        op.add_column("sender_pace", sa.Column(name, sa.String(), nullable=True))
    op.create_check_constraint(op.f("ck_sender_pace_trouble_known"), "sender_pace", "trouble IN ('silent', 'login')")
    op.create_check_constraint(
        op.f("ck_sender_pace_open_has_reason"), "sender_pace", "num_nulls(opened_at, open_until, trouble) IN (0, 3)"
    )


def _rights() -> None:
    protect(op.execute, "sending_stop")
    # A report says as much as an answer: both processes stop what fails, and the clinic's pages show it.
    for role in (APP, NOTIFIER):
        grant(op.execute, role, "SELECT, INSERT, UPDATE", ("sending_stop",))
    op.execute(f"GRANT UPDATE (invalid_at, invalid_code) ON contact_point TO {NOTIFIER}")
    # Pages and `clamshell doctor` say when nothing gets through.
    grant_columns(op.execute, APP, {"sender_pace": ("sender", "opened_at", "trouble", "trouble_detail")})
