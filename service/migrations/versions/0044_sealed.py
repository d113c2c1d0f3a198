"""names, notes and texts of clients are sealed, each with the key of its client"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from service.database import box
from service.database.key_check import CLAIM, READ, refuse_other_key
from service.database.protection import APP, NOTIFIER, grant, protect

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None

AT_ONCE = 1000
# Table, column, whose key, and whether it was JSON.
SEALED = [
    ("client", "name", "id", False),
    ("client_goal", "words", "client_id", False),
    ("diary_revision", "body", "client_id", True),
    ("exercise_result", "note", "client_id", False),
    ("intake", "onset", "client_id", False),
    ("intake", "previous_care", "client_id", False),
    ("pain_entry", "note", "client_id", False),
    ("plan_draft", "fields", "client_id", True),
    ("plan_pause", "reason", "client_id", False),
    ("plan_version", "note", "client_id", False),
    ("plan_warning", "reason", "client_id", False),
    ("red_flag", "closed_note", "client_id", False),
    ("review_mark", "note", "client_id", False),
    ("thread_message", "body", "client_id", False),
    ("treatment", "note", "client_id", False),
    ("visit", "note", "client_id", False),
]
OLD_CHECKS = [
    ("client", "name_given"),
    ("client_goal", "words_length"),
    ("intake", "onset_length"),
    ("intake", "previous_care_length"),
    ("pain_entry", "note_length"),
    ("plan_draft", "fields_bound"),
    ("plan_warning", "reason_given"),
    ("red_flag", "note_of_closing"),
    ("review_mark", "done_has_note"),
    ("thread_message", "body_length"),
    ("treatment", "note_length"),
    ("visit", "note_length"),
]
NEW_CHECKS = [
    ("client", "name_given", "octet_length(name) BETWEEN 30 AND 4029"),
    ("client_goal", "words_length", "octet_length(words) BETWEEN 30 AND 829"),
    ("intake", "onset_length", "octet_length(onset) BETWEEN 29 AND 4029"),
    ("intake", "previous_care_length", "octet_length(previous_care) BETWEEN 29 AND 4029"),
    ("pain_entry", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("plan_draft", "fields_bound", "octet_length(fields) <= 800000"),
    ("plan_warning", "reason_given", "octet_length(reason) BETWEEN 30 AND 2029"),
    ("red_flag", "note_of_closing", "closed_note IS NULL OR closed_at IS NOT NULL"),
    ("red_flag", "closed_note_length", "octet_length(closed_note) BETWEEN 29 AND 8029"),
    ("review_mark", "done_has_note", "(state = 'done') = (note IS NOT NULL)"),
    ("review_mark", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("thread_message", "body_length", "octet_length(body) BETWEEN 30 AND 16029"),
    ("treatment", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
    ("visit", "note_length", "octet_length(note) BETWEEN 29 AND 8029"),
]


def upgrade() -> None:
    _keys()
    for table, name in OLD_CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for table, column, _, was_json in SEALED:
        words = f"{column}::text" if was_json else column
        op.alter_column(table, column, type_=sa.LargeBinary(), postgresql_using=f"convert_to({words}, 'UTF8')")
    _seal_all(op.get_bind())
    for table, name, condition in NEW_CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _keys() -> None:
    op.create_table(
        "owner_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "owner_id", name=op.f("pk_owner_key")),
    )
    op.create_table(
        "key_check",
        sa.Column("only_row", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("retired", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("only_row", name=op.f("ck_key_check_one_row")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_key_check")),
    )
    protect(op.execute, "owner_key")
    grant(op.execute, APP, "SELECT, INSERT, UPDATE, DELETE", ("owner_key",))
    grant(op.execute, APP, "SELECT, INSERT, UPDATE", ("key_check",))
    grant(op.execute, NOTIFIER, "SELECT", ("key_check",))


def _seal_all(connection: Any) -> None:
    """All or nothing, like the rest of the migration. What stood there before is in no page of the tables afterwards."""
    clinics = _clinics(connection)
    if not clinics:
        return
    connection.execute(CLAIM, {"key_id": box.ring().first.id})
    refuse_other_key(connection.execute(READ).one())
    for clinic_id in clinics:
        connection.exec_driver_sql(f"SET LOCAL app.clinic_id TO '{clinic_id}'")
        keys = dict(_made_keys(connection, clinic_id))
        for table, column, owner, _ in SEALED:
            _seal(connection, clinic_id, keys, table, column, owner)
    connection.exec_driver_sql("SET LOCAL app.clinic_id TO ''")
    # Written anew as a whole: what was updated would stay beside it until the next vacuum.
    for table, column, _, _ in SEALED:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bytea USING {column} || ''::bytea")


def _clinics(connection: Any) -> list[UUID]:
    """The owner too sees one clinic at a time: for this look alone the policy stands back."""
    op.execute("ALTER TABLE clinic NO FORCE ROW LEVEL SECURITY")
    found = list(connection.execute(sa.text("SELECT clinic_id FROM clinic ORDER BY clinic_id")).scalars())
    op.execute("ALTER TABLE clinic FORCE ROW LEVEL SECURITY")
    return found


def _made_keys(connection: Any, clinic_id: UUID) -> Iterator[tuple[UUID, Any]]:
    find = sa.text("SELECT id FROM client WHERE clinic_id = :clinic_id")
    add = sa.text("INSERT INTO owner_key (clinic_id, owner_id, wrapped) VALUES (:clinic_id, :owner_id, :wrapped)")
    for owner_id in connection.execute(find, {"clinic_id": clinic_id}).scalars().all():
        cipher, wrapped = box.new_cipher(box.owner_bytes(clinic_id, owner_id), box.ring().first.id)
        connection.execute(add, {"clinic_id": clinic_id, "owner_id": owner_id, "wrapped": wrapped})
        yield owner_id, cipher


def _seal(connection: Any, clinic_id: UUID, keys: dict[UUID, Any], table: str, column: str, owner: str) -> None:
    at = ("client_id", "staff_id") if table == "plan_draft" else ("id",)
    own = ", ".join(dict.fromkeys((*at, owner)))
    found = sa.text(f"SELECT {own}, {column} AS plain FROM {table} WHERE clinic_id = :c AND {column} IS NOT NULL")  # noqa: S608
    same = " AND ".join(f"{name} = :{name}" for name in at)
    put = sa.text(f"UPDATE {table} SET {column} = :sealed WHERE clinic_id = :c AND {same}")  # noqa: S608
    rows = connection.execute(found, {"c": clinic_id}).mappings().all()
    place = f"{table}.{column}".encode()
    for start in range(0, len(rows), AT_ONCE):
        values = []
        for row in rows[start : start + AT_ONCE]:
            whose = box.owner_bytes(clinic_id, row[owner])
            sealed = box.sealed(keys[row[owner]], bytes(row["plain"]), whose, place)
            values.append({"c": clinic_id, "sealed": sealed} | {name: row[name] for name in at})
        connection.execute(put, values)
