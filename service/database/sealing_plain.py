"""For migrations: columns that stood in plain become sealed ones, with the key of each row's owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, text

from service.database import box
from service.database.key_check import READ, refuse_other_key

AT_ONCE: Final = 1_000
_OWNERS: Final = text(
    "SELECT o.id, k.wrapped FROM (SELECT id FROM client WHERE clinic_id = :clinic_id UNION ALL SELECT :clinic_id"
    " WHERE :clinic_too) o LEFT JOIN owner_key k ON k.clinic_id = :clinic_id AND k.owner_id = o.id"
)
# As the table was when columns were sealed first.
_CLAIM: Final = text("INSERT INTO key_check (only_row, key_id) VALUES (true, :key_id) ON CONFLICT DO NOTHING")
_ADD: Final = text("INSERT INTO owner_key (clinic_id, owner_id, wrapped) VALUES (:clinic_id, :owner_id, :wrapped)")


@dataclass(frozen=True, slots=True)
class Plain:
    """`key` is what tells the rows of one clinic apart."""

    table: str
    column: str
    owner: str
    was_json: bool = False
    key: tuple[str, ...] = ("id",)

    @property
    def place(self) -> bytes:
        return f"{self.table}.{self.column}".encode()


@dataclass(frozen=True, slots=True)
class Marked(Plain):
    """`mark`: the column by which it is found from now on."""

    mark: str = ""


def seal_columns(connection: Connection, columns: Sequence[Plain], marking: bytes = b"") -> None:
    """All or nothing, like the rest of the migration. What stood there before is in no page of a table afterwards.
    `marking` is the key of the marks, where there are any."""
    for one in columns:
        words = f"{one.column}::text" if one.was_json else one.column
        _rewrite(connection, one, f"convert_to({words}, 'UTF8')")
    clinics = _clinics(connection)
    if not clinics:
        return
    connection.execute(_CLAIM, {"key_id": box.ring().first.id})
    refuse_other_key(connection.execute(READ).one())
    for clinic_id in clinics:
        connection.exec_driver_sql(f"SET LOCAL app.clinic_id TO '{clinic_id}'")
        ciphers = _ciphers(connection, clinic_id, any(one.owner == "clinic_id" for one in columns))
        for one in columns:
            _seal(connection, clinic_id, ciphers, one, marking)
    connection.exec_driver_sql("SET LOCAL app.clinic_id TO ''")
    for one in columns:
        # As a whole: what was updated would stay beside it until the next vacuum.
        _rewrite(connection, one, f"{one.column} || ''::bytea")


def _rewrite(connection: Connection, one: Plain, using: str) -> None:
    connection.exec_driver_sql(f"ALTER TABLE {one.table} ALTER COLUMN {one.column} TYPE bytea USING {using}")


def _clinics(connection: Connection) -> list[UUID]:
    """The owner too sees one clinic at a time: for this look alone the policy stands back."""
    connection.exec_driver_sql("ALTER TABLE clinic NO FORCE ROW LEVEL SECURITY")
    found = list(connection.execute(text("SELECT clinic_id FROM clinic ORDER BY clinic_id")).scalars())
    connection.exec_driver_sql("ALTER TABLE clinic FORCE ROW LEVEL SECURITY")
    return found


def _ciphers(connection: Connection, clinic_id: UUID, clinic_too: bool) -> dict[UUID, AESGCM]:
    """Of each client, who gets a key now who has none yet; and of the clinic, where something is its own."""
    found = {}
    for row in connection.execute(_OWNERS, {"clinic_id": clinic_id, "clinic_too": clinic_too}).all():
        owner = box.owner_bytes(clinic_id, row.id)
        if row.wrapped is not None:
            found[row.id] = box.cipher(owner, row.wrapped)
            continue
        found[row.id], wrapped = box.new_cipher(owner, box.ring().first.id)
        connection.execute(_ADD, {"clinic_id": clinic_id, "owner_id": row.id, "wrapped": wrapped})
    return found


def _seal(connection: Connection, clinic_id: UUID, ciphers: dict[UUID, AESGCM], one: Plain, marking: bytes) -> None:
    read = ", ".join(dict.fromkeys((*one.key, one.owner)))
    same = " AND ".join(f"{name} = :{name}" for name in one.key)
    # Nothing in them comes from outside.
    find = f"SELECT {read}, {one.column} AS plain FROM {one.table} WHERE clinic_id = :c AND {one.column} IS NOT NULL"  # noqa: S608
    marked = f", {one.mark} = :mark" if isinstance(one, Marked) else ""
    put = text(f"UPDATE {one.table} SET {one.column} = :sealed{marked} WHERE clinic_id = :c AND {same}")  # noqa: S608
    rows = connection.execute(text(find), {"c": clinic_id}).mappings().all()
    for start in range(0, len(rows), AT_ONCE):
        values = []
        for row in rows[start : start + AT_ONCE]:
            owner = box.owner_bytes(clinic_id, row[one.owner])
            sealed = box.sealed(ciphers[row[one.owner]], bytes(row["plain"]), owner, one.place)
            value = {"c": clinic_id, "sealed": sealed} | {name: row[name] for name in one.key}
            marks = {"mark": box.mark(marking, bytes(row["plain"]).decode())} if marked else {}
            values.append(value | marks)
        connection.execute(put, values)
