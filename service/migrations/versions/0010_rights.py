"""who may touch what: one clinic at a time, and as little as each process needs"""

from alembic import op

from service.database.protection import APP, NOTIFIER, grant, grant_columns, open_across, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

RECORD = [
    "client_scope",
    "contact_point",
    "consent",
    "sign_in_session",
    "sign_in_code",
    "link",
    "client",
    "plan",
    "plan_version",
    "plan_item",
    "plan_habit",
    "plan_pause",
    "exercise_session",
    "exercise_result",
    "exercise_set",
    "habit_mark",
    "pain_entry",
    "pain_site",
    "reminder",
    "review_mark",
    "thread_message",
    "provider_event",
]
CLINIC = ["clinic", "staff", "exercise", "habit"]
NOTIFIER_OWN = ["message", "attempt", "send_fuse", "occurrence", "reminder_clock"]
APPEND_ONLY = ["audit_entry", "diary_revision"]


def upgrade() -> None:
    for table in (*RECORD, *CLINIC, *NOTIFIER_OWN, *APPEND_ONLY, "test_inbox_message"):
        protect(op.execute, table)
    _app()
    _notifier()
    for table in ("contact_point", "staff"):
        open_across(op.execute, table, APP, "find_address")
    open_across(op.execute, "link", APP, "find_link")
    for table in ("message", "reminder_clock"):
        open_across(op.execute, table, NOTIFIER, "find_work")


def _app() -> None:
    grant(
        op.execute,
        APP,
        "SELECT, INSERT, UPDATE",
        (*RECORD, *CLINIC, "message", "occurrence", "reminder_clock"),
    )
    grant(op.execute, APP, "SELECT, INSERT", (*APPEND_ONLY, "attempt", "send_fuse", "test_inbox_message"))
    # A status callback proves that the provider took an attempt.
    op.execute(f"GRANT UPDATE (provider_message_id) ON attempt TO {APP}")
    # What was planned and never left is planned anew when a reminder changes; sites are told as a whole.
    grant(op.execute, APP, "DELETE", ("message", "occurrence", "reminder_clock", "pain_site"))
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("attempt_limit", "webhook_counter"))
    grant(op.execute, APP, "SELECT", ("shipped_entry", "heartbeat"))
    grant(op.execute, APP, "INSERT", ("unrouted_text",))
    # ON CONFLICT has to see the key it conflicts on.
    grant_columns(op.execute, APP, {"unrouted_text": ("provider", "event_key")})


def _notifier() -> None:
    grant(op.execute, NOTIFIER, "SELECT, INSERT, UPDATE", NOTIFIER_OWN)
    grant(op.execute, NOTIFIER, "DELETE", ("reminder_clock",))
    grant(op.execute, NOTIFIER, "SELECT", ("clinic", "contact_point", "consent", "reminder"))
    grant(op.execute, NOTIFIER, "SELECT, INSERT", ("link", "audit_entry", "test_inbox_message"))
    grant(op.execute, NOTIFIER, "SELECT, INSERT, UPDATE, DELETE", ("heartbeat", "sender_pace"))
    grant(op.execute, NOTIFIER, "SELECT, DELETE", ("attempt_limit", "unrouted_text"))
    # A provider that reports an opt-out is believed at once; locking the row for a mark needs UPDATE too.
    op.execute(f"GRANT UPDATE (opted_out_at, opted_out_how) ON contact_point TO {NOTIFIER}")
    key = ("clinic_id", "client_id", "deleted_at")
    grant_columns(
        op.execute,
        NOTIFIER,
        {
            "client": ("clinic_id", "id", "zone", "locale", "state"),
            "plan": (*key, "id", "ended_on"),
            "plan_version": (*key, "id", "plan_id", "number", "starts_on"),
            "plan_item": (
                *key,
                "plan_version_id",
                "cadence",
                "weekdays",
                "times_per_week",
                "every_days",
                "times_per_day",
            ),
            "plan_habit": (*key, "plan_version_id", "cadence"),
            "plan_pause": (*key, "plan_id", "from_day", "until_day"),
            "pain_entry": (*key, "day"),
            "exercise_session": (*key, "day", "outcome"),
            "habit_mark": (*key, "day", "habit_key"),
            # Not the words of a text.
            "provider_event": (
                "clinic_id",
                "id",
                "kind",
                "message_id",
                "attempt_id",
                "state",
                "code",
                "received_at",
            ),
        },
    )
