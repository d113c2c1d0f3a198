"""What is sealed, read past the product: straight from the tables, for whoever has the installation's key."""

from typing import Any

import psycopg

from service.accounts.tables import Client
from service.database.sealing import opened, packed


def read(connection: psycopg.Connection[Any], table: type[Any], column: str, id: str = "id") -> dict[Any, Any]:
    """By the id of the row."""
    statement = f"SELECT t.{id}, {packed(table, column, 't')} FROM {table.__tablename__} t"
    rows = connection.execute(statement).fetchall()
    return {row: opened(table, column, value) for row, value in rows}


def client_called(connection: psycopg.Connection[Any], name: str) -> Any:
    [found] = [id for id, called in read(connection, Client, "name").items() if called == name]
    return found
