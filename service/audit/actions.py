from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.audit.queries import head_locked, waiting, waiting_unsigned
from service.audit.rules import Anchor, Head, Row, Told, first_link, mark_of, next_link, signed
from service.audit.tables import AuditEntry
from service.database.tenancy import ClinicSession
from service.ids import new_id

LINKED_AT_ONCE: Final = 500
"""The longest that a head is held: about 20 ms. Nobody who writes a row waits for it."""

_COLUMNS: Final = (*Told.__slots__, "mac")
_WRITE: Final = f"INSERT INTO audit_entry ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
_BEGIN = text(
    "INSERT INTO audit_head (clinic_id, number, unsigned, anchored_at, anchored_number)"
    " VALUES (:clinic_id, 0, 0, now(), 0) ON CONFLICT DO NOTHING"
)
_LINK = text(
    "UPDATE audit_entry e SET number = t.number, link = t.link"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS bigint[]), CAST(:links AS bytea[])) t(id, number, link)"
    " WHERE e.clinic_id = :clinic_id AND e.id = t.id"
)
_END = text("UPDATE audit_head SET number = :number, link = :link, key_mark = :mark WHERE clinic_id = :clinic_id")
# One process alone: the others find it taken.
_ANCHOR = text(
    "UPDATE audit_head SET anchored_at = :now, anchored_number = number"
    " WHERE clinic_id = :clinic_id AND number > anchored_number AND anchored_at <= :before RETURNING link, number"
)


def look(session: ClinicSession, now: datetime, record_kind: str, client_id: UUID | None = None) -> None:
    """Appends to the trail that somebody reads a client's record, or what is told of many. It goes out with the
    commit."""
    row = _told(session, now, "read", record_kind, client_id, client_id, ())
    session.say_last(_WRITE, [*(getattr(row, name) for name in Told.__slots__), _mac(session, row)])


def record(
    session: ClinicSession,
    now: datetime,
    action: str,
    record_kind: str,
    record_id: UUID | None,
    *,
    client_id: UUID | None = None,
    fields: Sequence[str] = (),
) -> None:
    """Appends to the trail in the caller's transaction: what was done is never kept without who did it."""
    told = _told(session, now, action, record_kind, record_id, client_id, fields)
    values = {name: getattr(told, name) for name in Told.__slots__}
    session.add(AuditEntry(**values, mac=_mac(session, told)))


def _told(
    session: ClinicSession,
    now: datetime,
    action: str,
    record_kind: str,
    record_id: UUID | None,
    client_id: UUID | None,
    fields: Sequence[str],
) -> Told:
    return Told(
        clinic_id=session.clinic_id,
        id=new_id(now),
        at=now,
        actor_kind=session.actor.kind,
        actor_id=session.actor.id,
        channel=session.actor.channel,
        action=action,
        record_kind=record_kind,
        record_id=record_id,
        client_id=client_id,
        fields=sorted(fields),
    )


def _mac(session: ClinicSession, told: Told) -> bytes | None:
    return signed(session.audit_key, told) if session.audit_key else None


async def link_waiting(session: ClinicSession, key: bytes) -> int:
    """Gives rows that were committed meanwhile their place in the clinic's chain, and returns how many. Whoever finds
    another process at it leaves it to that one."""
    clinic = {"clinic_id": session.clinic_id}
    await session.execute(_BEGIN, clinic)
    head = await head_locked(session)
    if head is None:
        return 0
    number, link = head.number, head.link or first_link(key, session.clinic_id, head.unsigned)
    rows, numbers, links = await _next_rows(session, head), [], []
    for row in rows:
        number, link = number + 1, next_link(key, link, number + 1, row.told)
        numbers.append(number)
        links.append(link)
    if rows:
        linked = {"ids": [row.told.id for row in rows], "numbers": numbers, "links": links}
        await session.execute(_LINK, {**clinic, **linked})
        await session.execute(_END, {**clinic, "number": number, "link": link, "mark": mark_of(key)})
    return len(rows)


async def _next_rows(session: ClinicSession, head: Head) -> list[Row]:
    """What was there before rows were signed comes first."""
    unsigned = min(head.unsigned - head.number, LINKED_AT_ONCE)
    first = await waiting_unsigned(session, unsigned) if unsigned > 0 else []
    return first or await waiting(session, LINKED_AT_ONCE)


async def take_anchor(session: ClinicSession, now: datetime, every: timedelta) -> Anchor | None:
    """Where the chain ends, when it has grown since that was last asked, and that is long enough ago."""
    values = {"clinic_id": session.clinic_id, "now": now, "before": now - every}
    row = (await session.execute(_ANCHOR, values)).one_or_none()
    return None if row is None else Anchor(row.link, row.number)
