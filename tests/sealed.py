"""What is sealed, read past the product: straight from the tables, for whoever has the installation's key."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from service.accounts.tables import Client, ContactPoint
from service.database import box
from service.database.sealing import opened, packed
from tests.key import KEY


def read(connection: psycopg.Connection[Any], table: type[Any], column: str, id: str = "id") -> dict[Any, Any]:
    """By the id of the row."""
    statement = f"SELECT t.{id}, {packed(table, column, 't')} FROM {table.__tablename__} t"
    rows = connection.execute(statement).fetchall()
    return {row: opened(table, column, value) for row, value in rows}


def client_called(connection: psycopg.Connection[Any], name: str) -> Any:
    [found] = [id for id, called in read(connection, Client, "name").items() if called == name]
    return found


def addresses(connection: psycopg.Connection[Any]) -> dict[Any, str]:
    """By the id of the client: the one each has, or the first."""
    found = read(connection, ContactPoint, "address", id="client_id")
    return {client_id: str(address) for client_id, address in found.items()}


def mark(connection: psycopg.Connection[Any], address: str) -> bytes:
    [(marking,)] = connection.execute("SELECT marking FROM key_check").fetchall()
    return box.mark(marking, address)


def give_phones(connection: psycopg.Connection[Any], clients: Iterable[tuple[UUID, UUID]]) -> None:
    """To each (clinic, client) a key of their own and a number that is only theirs; for crowds, by COPY."""
    [(marking,)] = connection.execute("SELECT marking FROM key_check").fetchall()
    keys, points = [], []
    for number, (clinic_id, client_id) in enumerate(clients, 2_000_000_001):
        owner, phone = box.owner_bytes(clinic_id, client_id), f"+1{number}"
        cipher, wrapped = box.new_cipher(owner, KEY.id)
        keys.append((clinic_id, client_id, wrapped))
        sealed = box.sealed(cipher, phone.encode(), owner, b"contact_point.address")
        points.append((clinic_id, client_id, sealed, box.mark(marking, phone)))
    connection.execute("CREATE TEMP TABLE phone (c uuid, id uuid, address bytea, mark bytea) ON COMMIT DROP")
    for statement, rows in (
        ("COPY owner_key (clinic_id, owner_id, wrapped) FROM STDIN", keys),
        ("COPY phone FROM STDIN", points),
    ):
        with connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    connection.execute(
        "INSERT INTO contact_point (clinic_id, id, client_id, channel, address, address_mark, position, verified_at,"
        " created_at) SELECT c, gen_random_uuid(), id, 'sms', address, mark, 0, now(), now() FROM phone"
    )
