"""Everything that is kept of one person, for that person: read from every table that belongs to a client."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Table, select
from sqlmodel import col

from service.accounts.tables import Client, Staff
from service.audit.actions import record
from service.catalogue.tables import Exercise
from service.database.columns import metadata
from service.database.tenancy import ClinicSession
from service.records.rules import Rows

LEFT_OUT: Final = {
    "client_scope": "a count that phones and server compare",
    "erased_client": "of those who were erased, whom nobody can ask any more",
    "link": "keys: whoever has them gets in",
    "plan_draft": "what a therapist has not sent, and throws away or sends within days",
    "sign_in_code": "keys: whoever has them gets in",
    "test_inbox_message": "copies that a demo alone keeps",
}
"""Tables with rows of a client that are no answer to "what do you know of me", and why."""

_COLUMNS_LEFT_OUT: Final = frozenset(
    # Where it stands in the database; keys and what is made with one; how a message is handed on.
    {"clinic_id", "client_id", "sync_seq", "token_hash", "mac", "link", "address_mark", "params", "dedupe_key"}
    | {"lease_token", "lease_owner", "lease_until", "check_at", "checks", "soft_fails"}
)


def tables_of_a_client() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name == "client" or "client_id" in table.columns]


async def own_tables(session: ClinicSession, client: Client, now: datetime) -> dict[str, Rows]:
    """By the name of the table, in the order in which they refer to each other; audited as an export."""
    names = await _names(session)
    found = {table.name: await _rows(session, table, client, names) for table in tables_of_a_client() if _told(table)}
    record(session, now, "export", "client", client.id, client_id=client.id)
    return found


def shown_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in _COLUMNS_LEFT_OUT]


def _told(table: Table) -> bool:
    return table.name not in LEFT_OUT


async def _rows(session: ClinicSession, table: Table, client: Client, names: Mapping[UUID, str]) -> Rows:
    whose = table.c.id if table.name == "client" else table.c.client_id
    statement = (
        select(*shown_columns(table))
        .where(table.c.clinic_id == session.clinic_id, whose == client.id)
        .order_by(*table.primary_key.columns)
    )
    return [
        {name: _named(value, names) for name, value in row._mapping.items()} for row in await session.execute(statement)
    ]


def _named(value: Any, names: Mapping[UUID, str]) -> Any:
    return names.get(value, value) if isinstance(value, UUID) else value


async def _names(session: ClinicSession) -> dict[UUID, str]:
    """Of people at the clinic and of exercises: an id says nothing to anybody."""
    named: dict[UUID, str] = {}
    for table in (Staff, Exercise):
        statement = select(col(table.id), col(table.name)).where(col(table.clinic_id) == session.clinic_id)
        named |= {row.id: row.name for row in await session.execute(statement)}
    return named
