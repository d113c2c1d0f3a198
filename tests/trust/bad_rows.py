"""Rows that cannot be right, written past the application with its own login: the database itself refuses each of them.

They are made from the tables: a good row as it stands, with one thing wrong that a constraint or a policy names.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from service.database.protection import INSTALLATION_TABLES
from tests.trust.clinics import Side

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
COLUMNS = """
    SELECT column_name AS name, is_nullable = 'NO' AS needed FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
KEYS = """
    SELECT a.attname AS name FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
    WHERE c.conrelid = %s::regclass AND c.contype = 'f' AND cardinality(c.conkey) = 2 ORDER BY 1
"""
CHOICES = """
    SELECT a.attname AS name FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.conrelid = %s::regclass AND c.contype = 'c' AND cardinality(c.conkey) = 1
    AND pg_get_constraintdef(c.oid) ~ '= ANY' AND format_type(a.atttypid, NULL) IN ('text', 'character varying')
    AND a.attnotnull ORDER BY 1
"""


@dataclass(frozen=True)
class Table:
    name: str
    needed: list[str]
    keys: list[str]
    choices: list[str]
    rows: list[dict[str, Any]]


def tables(owner_url: str, ours: Side) -> list[Table]:
    """Every table of a clinic that has a row of ours in it, with up to five of them."""
    with psycopg.connect(owner_url, row_factory=dict_row) as connection:
        names = [row["tablename"] for row in connection.execute(TABLES)]
        found = []
        for name in sorted(set(names) - INSTALLATION_TABLES):
            some = sql.SQL("SELECT * FROM {} WHERE clinic_id = %s LIMIT 5").format(sql.Identifier(name))
            rows = connection.execute(some, [ours.team.clinic_id]).fetchall()
            columns = connection.execute(COLUMNS, [name]).fetchall()
            writable = {row["name"] for row in columns}
            found.append(
                Table(
                    name,
                    [row["name"] for row in columns if row["needed"]],
                    [row["name"] for row in connection.execute(KEYS, [name])],
                    [row["name"] for row in connection.execute(CHOICES, [name])],
                    [{key: value for key, value in row.items() if key in writable} for row in rows],
                )
            )
    return [table for table in found if table.rows]


def bad_rows(
    known: list[Table], theirs: Side, chance: random.Random, most: int
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is wrong, the table, and the row."""
    for _ in range(most):
        table = chance.choice(known)
        row = dict(chance.choice(table.rows))
        wrongs = ["another clinic's", "again"]
        wrongs += (
            ["missing"] * bool(table.needed)
            + ["of nothing"] * bool(table.keys)
            + ["unknown word"] * bool(table.choices)
        )
        wrong = chance.choice(wrongs)
        if wrong != "again" and "id" in row:
            row["id"] = uuid4()
        if wrong == "another clinic's":
            row["clinic_id"] = theirs.team.clinic_id
        elif wrong == "missing":
            row[chance.choice(table.needed)] = None
        elif wrong == "of nothing":
            row[chance.choice(table.keys)] = chance.choice([uuid4(), theirs.client_id])
        elif wrong == "unknown word":
            row[chance.choice(table.choices)] = f"word-{chance.randrange(10**9)}"
        yield wrong, table.name, row


def kept(app_url: str, ours: Side, rows: Iterator[tuple[str, str, dict[str, Any]]]) -> tuple[int, list[str]]:
    """How many were tried as the application, and which of them were taken."""
    taken, tried = [], 0
    with psycopg.connect(app_url, autocommit=True) as connection:
        for wrong, table, row in rows:
            tried += 1
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table), names, sql.SQL(", ").join(sql.Placeholder() * len(row))
            )
            try:
                with connection.transaction():
                    connection.execute(sql.SQL("SET LOCAL app.clinic_id TO {}").format(str(ours.team.clinic_id)))
                    connection.execute(statement, [_value(value) for value in row.values()])
                    taken.append(f"{table}: {wrong}")
                    raise psycopg.Rollback
            except (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege):
                continue
    return tried, taken


def _value(value: Any) -> Any:
    return psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value
