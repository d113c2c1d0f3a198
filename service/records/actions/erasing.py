"""Erases one person: every row that is theirs, in every table, and the key that opened what they said.

Which rows those are is read from the tables themselves, so that a new one cannot be forgotten: what has a `client_id`,
and what points to such a row. Left are the audit, which holds ids and names of fields alone, and the id of the erased.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Delete, Table, delete, or_, select, text
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.audit.actions import record
from service.database.columns import metadata
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.records.tables import ErasedClient

KEPT: Final = {"audit_entry": "ids and names of fields, never values", "erased_client": "the id, to be known again"}

# Whoever would add a row of theirs waits for this lock, and finds nobody then.
_LOCK: Final = text("SELECT id FROM client WHERE clinic_id = :clinic_id AND id = :client_id FOR UPDATE")
_ON_ITS_WAY: Final = text(
    "SELECT bool_or(state = 'in_flight') FROM (SELECT state FROM message WHERE clinic_id = :clinic_id"
    " AND client_id = :client_id FOR UPDATE) m"
)
# Of a phone that nobody else here has: of a shared one it may be the other's words.
_UNPLACED: Final = text(
    "DELETE FROM unplaced_text u USING contact_point p WHERE u.clinic_id = :clinic_id AND p.clinic_id = :clinic_id"
    " AND p.client_id = :client_id AND u.sent_mark = p.address_mark AND NOT EXISTS (SELECT FROM contact_point o"
    " WHERE o.clinic_id = :clinic_id AND o.address_mark = p.address_mark AND o.client_id <> :client_id)"
)
_CANDIDATE: Final = text(
    "UPDATE unplaced_text u SET candidates = '{}', asked_at = NULL FROM contact_point p"
    " WHERE u.clinic_id = :clinic_id AND p.clinic_id = :clinic_id AND p.client_id = :client_id"
    " AND p.id = ANY(u.candidates)"
)
# The mail of the morning that is not out yet may name them. It is not made anew: tomorrow's is.
_MAILS: Final = text(
    "UPDATE digest_mail SET state = 'skipped', reason = 'not_wanted', about = '{}', settled_at = :now"
    " WHERE clinic_id = :clinic_id AND state = 'queued' AND kind = 'caseload'"
    " AND position(:name IN about::text) > 0"
)
_KEY: Final = text("DELETE FROM owner_key WHERE clinic_id = :clinic_id AND owner_id = :client_id")


async def erase(session: ClinicSession, client_id: UUID, now: datetime, *, is_replay: bool = False) -> None:
    """Raises NotFound for nobody of this clinic, and Refused while a message to them is on its way. A `replay` is after
    a restore: what was on its way then is not any more."""
    ids = {"clinic_id": session.clinic_id, "client_id": client_id}
    await session.execute(_LOCK, ids)
    client = await accounts.client(session, client_id)
    await next_seq(session, client_id)
    if await session.scalar(_ON_ITS_WAY, ids) and not is_replay:
        raise Refused.one(
            "/confirm", "on_its_way", "A message to them is on its way at this moment. Try again in a minute."
        )
    first_name = client.name.split()[0]
    # The tables are open for this one person until the commit.
    await (await session.connection()).exec_driver_sql(f"SET LOCAL app.erasing TO '{UUID(str(client_id))}'")
    await session.execute(_UNPLACED, ids)
    await session.execute(_CANDIDATE, ids)
    await session.execute(_MAILS, {**ids, "now": now, "name": first_name})
    for statement in statements(session.clinic_id, client_id):
        await session.execute(statement)
    await session.execute(_KEY, ids)
    session.expunge_all()
    session.add(ErasedClient(clinic_id=session.clinic_id, client_id=client_id, erased_at=now))
    record(session, now, "erase", "client", client_id, client_id=client_id)


def statements(clinic_id: UUID, client_id: UUID) -> Iterator[Delete]:
    """What points to another row goes before it."""
    for table in reversed(metadata.sorted_tables):
        theirs = _theirs(table, clinic_id, client_id)
        if theirs is not None:
            yield delete(table).where(table.c.clinic_id == clinic_id, theirs)


def is_of_a_client(table: Table) -> bool:
    return table.name not in KEPT and (table.name == "client" or "client_id" in table.c)


def _theirs(table: Table, clinic_id: UUID, client_id: UUID) -> Any | None:
    if is_of_a_client(table):
        return (table.c.id if table.name == "client" else table.c.client_id) == client_id
    pointing = [
        _points(key.parent, key.column.table, clinic_id, client_id)
        for key in table.foreign_keys
        if key.parent.name != "clinic_id" and is_of_a_client(key.column.table)
    ]
    return or_(*pointing) if pointing else None


def _points(column: Any, to: Table, clinic_id: UUID, client_id: UUID) -> Any:
    if to.name == "client":
        return column == client_id
    theirs = select(to.c.id).where(to.c.clinic_id == clinic_id, to.c.client_id == client_id)
    return column.in_(theirs)


async def is_erased(session: ClinicSession, client_id: UUID) -> bool:
    statement = select(col(ErasedClient.client_id)).where(
        col(ErasedClient.clinic_id) == session.clinic_id, col(ErasedClient.client_id) == client_id
    )
    return await session.scalar(statement) is not None
