"""What goes to PostgreSQL as one JSON document comes back as it was."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import text

from service.database.rows import as_rows, octets, uuids
from service.database.tenancy import Database

pytestmark = pytest.mark.anyio

ONE, OTHER = UUID(int=1), UUID(int=(1 << 128) - 1)
HALF_PAST = datetime(2026, 11, 1, 1, 30, 0, 123456, timezone(timedelta(hours=-5)))
WORDS = (
    "plain",
    "",
    'quote " and \\ and / and {}',
    "line\nand\ttab",
    "NULL",
    "ñ ¿ é €",
    "\U0001f600",
    ":name %s %(x)s",
)

_BACK = text(
    "SELECT id, words, day, at, amount, sure, digest, params "
    "FROM json_to_recordset(CAST(:rows AS json)) AS a(id uuid, words text, day date, at timestamptz, amount int,"
    "  sure bool, digest bytea, params jsonb)"
)


async def test_every_kind_of_value_comes_back_in_its_row(database: Database) -> None:
    full = {
        "id": ONE,
        "day": date(2028, 2, 29),
        "at": HALF_PAST,
        "amount": -7,
        "sure": False,
        "digest": octets(bytes(range(256))),
        "params": {"code": "012345", "n": [1, None]},
    }
    rows = [{**full, "words": words} for words in WORDS] + [{"id": OTHER}, {"id": None, "words": None}]
    async with database.installation_tx() as connection:
        back = (await connection.execute(_BACK, {"rows": as_rows(rows)})).all()
    utc = HALF_PAST.astimezone(UTC)
    rest = (date(2028, 2, 29), utc, -7, False, bytes(range(256)), {"code": "012345", "n": [1, None]})
    assert [tuple(row) for row in back[: len(WORDS)]] == [(ONE, words, *rest) for words in WORDS]
    assert [tuple(row) for row in back[len(WORDS) :]] == [(OTHER, *[None] * 7), (None,) * 8]


async def test_no_rows_are_an_empty_table(database: Database) -> None:
    async with database.installation_tx() as connection:
        assert (await connection.execute(_BACK, {"rows": as_rows([])})).all() == []


async def test_ids_are_an_array(database: Database) -> None:
    asked = text("SELECT CAST(:ids AS uuid[])")
    async with database.installation_tx() as connection:
        assert await connection.scalar(asked, {"ids": uuids([ONE, OTHER])}) == [ONE, OTHER]
        assert await connection.scalar(asked, {"ids": uuids([])}) == []
