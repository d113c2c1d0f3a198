"""Columns that are sealed: plain for whoever reads or writes a row, a box for the database (`service.database.box`).
By a `mark` beside it the same value is found again.

`Sealed` in a table is all that a slice has to say. A statement brings the owner's wrapped key along with each value, so
that reading asks for nothing more, and a key that was destroyed is missed at once, in every process. Written is through
the session, or by `ready` for a statement of its own; anything else is refused before it is sent.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Dialect,
    LargeBinary,
    TypeDecorator,
    column,
    event,
    func,
    inspect,
    literal_column,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session, attributes

from service.database import box

_KEYS: Final = table("owner_key", column("clinic_id"), column("owner_id"), column("wrapped", LargeBinary))
_NOTHING: Final[Any] = literal_column("''::bytea")


@dataclass(frozen=True, slots=True)
class _Ready:
    sealed: bytes


class Sealed(TypeDecorator[Any]):
    """`owner` is the column that says whose key it is, `mark` the one that is written along, for finding. Of what is
    `plain_json`, dicts and lists are sealed as JSON."""

    impl = LargeBinary
    cache_ok = True

    def __init__(
        self, table: str, column: str, owner: str = "client_id", plain_json: bool = False, mark: str | None = None
    ) -> None:
        super().__init__()
        self.table, self.column, self.owner, self.plain_json, self.mark = table, column, owner, plain_json, mark

    @property
    def place(self) -> bytes:
        return f"{self.table}.{self.column}".encode()

    def column_expression(self, column: Any) -> Any:
        whose = column.table.c
        key = (
            select(_KEYS.c.wrapped)
            .where(_KEYS.c.clinic_id == whose.clinic_id, _KEYS.c.owner_id == whose[self.owner])
            .correlate(column.table)
            .scalar_subquery()
        )
        ids = func.uuid_send(whose.clinic_id).concat(func.uuid_send(whose[self.owner]))
        return type_coerce(ids.concat(func.coalesce(key, _NOTHING)).concat(column), self)

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, _Ready):
            raise TypeError(f"{self.table}.{self.column} is sealed: write it by the session, or make it `ready`")
        return value.sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else self.opened(value)

    def opened(self, packed: bytes) -> Any:
        plain = box.opened(packed, self.place).decode()
        return json.loads(plain) if self.plain_json else plain

    def sealed(self, value: Any, cipher: AESGCM, owner: bytes) -> _Ready:
        plain = json.dumps(value, ensure_ascii=False) if self.plain_json else str(value)
        return _Ready(box.sealed(cipher, plain.encode(), owner, self.place))


def sealed_type(table: type[Any], column: str) -> Sealed | None:
    kind = table.__table__.c[column].type
    return kind if isinstance(kind, Sealed) else None


def packed(table: type[Any], column: str, alias: str) -> str:
    """For a statement that is written by hand: what `opened` takes, in hex."""
    kind = sealed_type(table, column)
    if kind is None:
        raise LookupError(f"{column} of {table.__name__} is not sealed")
    ids = f"uuid_send({alias}.clinic_id) || uuid_send({alias}.{kind.owner})"
    whose = f"k.clinic_id = {alias}.clinic_id AND k.owner_id = {alias}.{kind.owner}"
    # Nothing in it comes from outside.
    key = f"coalesce((SELECT k.wrapped FROM owner_key k WHERE {whose}), ''::bytea)"  # noqa: S608
    return f"encode({ids} || {key} || {alias}.\"{column}\", 'hex')"


def opened(table: type[Any], column: str, packed_hex: str | None) -> Any:
    kind = _sealed_columns(table).get(column)
    return None if packed_hex is None or kind is None else kind.opened(bytes.fromhex(packed_hex))


_columns: dict[type[Any], dict[str, Sealed]] = {}


def _sealed_columns(table: type[Any]) -> dict[str, Sealed]:
    if table not in _columns:
        every = table.__table__.c
        _columns[table] = {column.key: column.type for column in every if isinstance(column.type, Sealed)}
    return _columns[table]


class SealingSession(Session):
    """Seals what is written, just before it is."""


@event.listens_for(SealingSession, "before_flush")
def _seal(session: SealingSession, *_: object) -> None:
    waiting = [one for one in (*session.new, *session.dirty) for one in _written(one)]
    if not waiting:
        return
    ciphers = _ciphers(session, {owner for _, _, _, owner, _ in waiting})
    for row, name, kind, owner, value in waiting:
        attributes.set_attribute(row, name, kind.sealed(value, ciphers[owner], owner))
        if kind.mark:
            attributes.set_attribute(row, kind.mark, box.mark(_marking(session), value))
    session.info["sealed"] = [(row, name, value) for row, name, _, _, value in waiting]


@event.listens_for(SealingSession, "after_flush_postexec")
def _show_again(session: SealingSession, *_: object) -> None:
    for row, name, value in session.info.pop("sealed", ()):
        attributes.set_committed_value(row, name, value)


@event.listens_for(SealingSession, "after_soft_rollback")
def _forget_keys(session: SealingSession, *_: object) -> None:
    """Those that were made in what is rolled back are in no table."""
    session.info.pop("keys", None)


def _written(row: Any) -> Iterable[tuple[Any, str, Sealed, bytes, Any]]:
    columns = _sealed_columns(type(row))
    if not columns:
        return
    state = inspect(row)
    for name, kind in columns.items():
        # Of a new row all is written, however it got there; of another, what was set since.
        value = state.dict.get(name) if state.key is None else next(iter(state.attrs[name].history.added or ()), None)
        if value is not None:
            yield row, name, kind, box.owner_bytes(row.clinic_id, getattr(row, kind.owner)), value


MARKING: Final = text("SELECT marking FROM key_check")
# What new keys are wrapped by, and what marks are made with, comes along, also where no owner has a key yet.
_READ = text(
    "SELECT c.key_id AS sealing, c.marking, k.owner_id, k.wrapped FROM key_check c"
    " LEFT JOIN owner_key k ON k.clinic_id = :clinic_id AND k.owner_id = ANY(:owners)"
)
# Whoever changes the installation's key waits for this lock: no key is wrapped by the old one after that.
_ADD = text(
    "INSERT INTO owner_key (clinic_id, owner_id, wrapped) SELECT :clinic_id, :owner_id, :wrapped FROM key_check c"
    " WHERE c.key_id = :key_id FOR SHARE OF c ON CONFLICT DO NOTHING"
    " RETURNING wrapped, (SELECT marking FROM key_check) AS marking"
)


def _ciphers(session: Session, owners: set[bytes]) -> dict[bytes, AESGCM]:
    """Asked for in each transaction that writes: what a process remembered could have been rolled back or restored
    away meanwhile, and what is sealed under a key that is in no table is lost."""
    known: dict[bytes, bytes] = session.info.setdefault("keys", {})
    if missing := owners - known.keys():
        sealing, found = _read(session, missing)
        known.update(found)
        for owner in missing - known.keys():
            known[owner] = _added(session, owner, sealing)
    return {owner: box.cipher(owner, known[owner]) for owner in owners}


def _read(session: Session, owners: set[bytes]) -> tuple[str, Mapping[bytes, bytes]]:
    clinic_id = UUID(bytes=next(iter(owners))[:16])
    ids = [UUID(bytes=owner[16:]) for owner in owners]
    rows = session.execute(_READ, {"clinic_id": clinic_id, "owners": ids}).all()
    found = {box.owner_bytes(clinic_id, row.owner_id): row.wrapped for row in rows if row.owner_id}
    session.info["marking"] = rows[0].marking
    return rows[0].sealing, found


def _added(session: Session, owner: bytes, sealing: str) -> bytes:
    """Of an owner who had none. Made by two at once, the first one's counts for both."""
    for _ in range(2):
        if not box.ring().has(sealing):
            break
        made = _wrapped_by(session, sealing, owner)
        if made is not None:
            return made
        sealing, found = _read(session, {owner})
        if found:
            return found[owner]
    raise box.CannotOpen(f"the installation's key was changed: it is not in {box.ring().source.name}")


def _wrapped_by(session: Session, key_id: str, owner: bytes) -> bytes | None:
    """None where another is the installation's by now, or the owner has a key."""
    _, wrapped = box.new_cipher(owner, key_id)
    ids = {"clinic_id": UUID(bytes=owner[:16]), "owner_id": UUID(bytes=owner[16:])}
    made = session.execute(_ADD, {**ids, "wrapped": wrapped, "key_id": key_id}).one_or_none()
    if made is None:
        return None
    session.info["marking"] = made.marking
    key: bytes = made.wrapped
    return key


def _marking(session: Session) -> bytes:
    """Once a transaction: it is never made anew, and a rotation wraps it anew."""
    if "marking" not in session.info:
        session.info["marking"] = session.execute(MARKING).scalar_one()
    found: bytes = session.info["marking"]
    return found


async def mark_of(session: Any, value: str) -> bytes:
    """What stands beside the sealed value of a column with a mark, where it is this one."""
    return box.mark(await session.run_sync(_marking), value)


async def make_key(session: Any, owner_id: UUID) -> None:
    """Before many at once write something of this owner's: each would wait for the one that makes the key."""
    owner = box.owner_bytes(session.clinic_id, owner_id)
    await session.run_sync(lambda plain: _ciphers(plain, {owner}))


async def make_first_key(session: Any, owner_id: UUID) -> None:
    """Of somebody who is being made, whose key nobody else can have made: in the one statement where `_ciphers` takes
    two, as long as the installation's key is not being changed."""
    owner = box.owner_bytes(session.clinic_id, owner_id)
    await session.run_sync(lambda plain: _first_key(plain, owner))


def _first_key(session: Session, owner: bytes) -> None:
    made = _wrapped_by(session, box.ring().first.id, owner)
    if made is not None:
        session.info.setdefault("keys", {})[owner] = made


async def ready(session: Any, table: type[Any], owner_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, those of sealed columns made ready for a statement that the session does not write itself."""
    columns = {name: kind for name, kind in _sealed_columns(table).items() if values.get(name) is not None}
    owner = box.owner_bytes(session.clinic_id, owner_id)
    ciphers = await session.run_sync(lambda plain: _ciphers(plain, {owner} if columns else set()))
    marks = {kind.mark: await mark_of(session, values[name]) for name, kind in columns.items() if kind.mark}
    boxes = {name: kind.sealed(values[name], ciphers[owner], owner) for name, kind in columns.items()}
    return {**values, **boxes, **marks}
