"""A connection that went away meanwhile is nobody's trouble, and asking costs nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from service.database import pooling
from service.database.tenancy import Across, Actor, Database
from tests.conftest import Urls

pytestmark = pytest.mark.anyio


async def backend(database: Database) -> int:
    async with database.installation_tx() as connection:
        return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(urls: Urls, anyio_backend: str) -> None:
    database = Database(urls.app)
    first = await backend(database)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    await asyncio.sleep(0)
    assert await backend(database) != first
    await database.close()


async def test_a_line_that_dies_unnoticed_fails_one_transaction_and_is_replaced(
    urls: Urls, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(urls.app)
    first = await backend(database)
    monkeypatch.setattr(pooling, "_has_news", lambda _: False)
    with psycopg.connect(urls.owner) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    with pytest.raises(OperationalError):
        await backend(database)
    assert await backend(database) != first
    await database.close()


@pytest.mark.parametrize(("plan_once", "mode"), [(True, "force_generic_plan"), (False, "auto")])
async def test_who_plans_once_does_so_in_every_kind_of_transaction_and_nobody_else_does(
    urls: Urls, anyio_backend: str, plan_once: bool, mode: str
) -> None:
    # The tests' server has another default than an installation's.
    database = Database(f"{urls.app}?options=-cplan_cache_mode%3Dauto", plan_once=plan_once)
    asked = text("SHOW plan_cache_mode")
    async with database.clinic_tx(uuid4(), Actor("system", None, "web")) as session:
        assert await session.scalar(asked) == mode
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        assert await connection.scalar(asked) == mode
    async with database.installation_tx() as connection:
        assert await connection.scalar(asked) == mode
    await database.close()


async def test_a_transaction_that_cannot_begin_fails_as_every_statement_would(database: Database) -> None:
    purpose: Any = SimpleNamespace(value="it's wrong")
    with pytest.raises(ProgrammingError):
        async with database.across_clinics(purpose):
            pass


async def test_a_connection_just_used_is_used_again_without_a_ping(
    urls: Urls, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(urls.app)
    pings: list[object] = []
    monkeypatch.setattr(database.engine.dialect, "do_ping", pings.append)
    first = await backend(database)
    assert await backend(database) == first
    assert pings == []
    monkeypatch.setattr(pooling, "_TRUSTED_SECONDS", -1)
    assert await backend(database) == first
    assert len(pings) == 1
    await database.close()
