from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.audit.rules import Head, Row, Told, row_of
from service.database.tenancy import ClinicSession

_COLUMNS = ", ".join((*Told.__slots__, "mac", "number", "link"))
_ROWS = f"SELECT {_COLUMNS} FROM audit_entry WHERE clinic_id = :clinic_id"  # noqa: S608
_WAITING = text(f"{_ROWS} AND number IS NULL ORDER BY id LIMIT :most")
_UNSIGNED = text(f"{_ROWS} AND number IS NULL AND mac IS NULL ORDER BY id LIMIT :most")
_WAITING_AFTER = text(f"{_ROWS} AND number IS NULL AND id > :after ORDER BY id LIMIT :most")
_LINKED = text(f"{_ROWS} AND number > :after ORDER BY number LIMIT :most")
_AT = text("SELECT link FROM audit_entry WHERE clinic_id = :clinic_id AND number = :number")
_LAST = text("SELECT max(number) FROM audit_entry WHERE clinic_id = :clinic_id AND number IS NOT NULL")
_HEAD = "SELECT number, unsigned, link, key_mark FROM audit_head WHERE clinic_id = :clinic_id"
_HEAD_READ, _HEAD_LOCKED = text(_HEAD), text(f"{_HEAD} FOR UPDATE SKIP LOCKED")
_CLINICS = text("SELECT clinic_id FROM clinic ORDER BY clinic_id")
_TO_ANCHOR = text("SELECT clinic_id FROM audit_head WHERE number > anchored_number AND anchored_at <= :before")
_ANOTHER_KEY = text("SELECT EXISTS (SELECT FROM audit_head WHERE key_mark <> :mark)")
_HOW_MANY_WAIT = text("SELECT count(*), min(at) FROM audit_entry WHERE clinic_id = :clinic_id AND number IS NULL")
_WITH_WAITING = text("SELECT DISTINCT clinic_id FROM audit_entry WHERE number IS NULL")


async def clinics(connection: AsyncConnection) -> list[UUID]:
    return list((await connection.execute(_CLINICS)).scalars())


async def has_another_key(connection: AsyncConnection, mark: bytes) -> bool:
    """Whether some chain was made with a key of another mark."""
    return bool(await connection.scalar(_ANOTHER_KEY, {"mark": mark}))


async def clinics_with_waiting(connection: AsyncConnection) -> list[UUID]:
    return list((await connection.execute(_WITH_WAITING)).scalars())


async def clinics_to_anchor(connection: AsyncConnection, before: datetime) -> list[UUID]:
    """Whose chain has grown since an anchor was taken before that time."""
    return list((await connection.execute(_TO_ANCHOR, {"before": before})).scalars())


async def how_many_wait(session: ClinicSession) -> tuple[int, datetime | None]:
    """Rows that are not linked yet, and when the oldest of them was written."""
    row = (await session.execute(_HOW_MANY_WAIT, {"clinic_id": session.clinic_id})).one()
    return row[0], row[1]


async def head(session: ClinicSession) -> Head | None:
    return await _head(session, _HEAD_READ)


async def head_locked(session: ClinicSession) -> Head | None:
    """None while another process has it."""
    return await _head(session, _HEAD_LOCKED)


async def _head(session: ClinicSession, statement: TextClause) -> Head | None:
    row = (await session.execute(statement, {"clinic_id": session.clinic_id})).one_or_none()
    return None if row is None else Head(**row._mapping)


async def last_number(session: ClinicSession) -> int:
    return int(await session.scalar(_LAST, {"clinic_id": session.clinic_id}) or 0)


async def link_at(session: ClinicSession, number: int) -> bytes | None:
    link: bytes | None = await session.scalar(_AT, {"clinic_id": session.clinic_id, "number": number})
    return link


async def waiting(session: ClinicSession, most: int) -> list[Row]:
    return await _rows(session, _WAITING, most=most)


async def waiting_unsigned(session: ClinicSession, most: int) -> list[Row]:
    return await _rows(session, _UNSIGNED, most=most)


async def waiting_after(session: ClinicSession, after: UUID, most: int) -> list[Row]:
    return await _rows(session, _WAITING_AFTER, after=after, most=most)


async def linked_after(session: ClinicSession, after: int, most: int) -> list[Row]:
    """In the order of the chain."""
    return await _rows(session, _LINKED, after=after, most=most)


async def _rows(session: ClinicSession, statement: TextClause, **values: object) -> list[Row]:
    rows = await session.execute(statement, {"clinic_id": session.clinic_id, **values})
    return [row_of(dict(row._mapping)) for row in rows]
