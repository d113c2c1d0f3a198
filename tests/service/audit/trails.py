"""A clinic's chain of rows, with its owner at hand, who may do to it whatever there is to do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.chaining import Chaining
from service.audit import facts
from service.audit.actions import record
from service.audit.facts import Chain, Found
from service.audit.rules import Anchor
from service.database.tenancy import Actor, Database
from tests.conftest import Urls
from tests.make import NOW

KEY, ANOTHER_KEY = b"k" * 32, b"o" * 32
CLINIC = UUID(int=7)
ROWS = 24
Spoiling = Callable[[AsyncConnection], Awaitable[object]]


@dataclass
class Trail:
    """A clinic's chain of `ROWS` rows, which one owner spoils and puts right again."""

    app: Database
    owner: Database
    anchor: Anchor

    async def examined(self, anchor: Anchor | None = None, key: bytes = KEY) -> Found:
        return await Chain(self.app, CLINIC, key).examine(anchor, lambda done, of: None)

    async def spoiled(self, harm: Spoiling, anchor: Anchor | None = None) -> Found:
        async with self.owner.installation_tx() as connection:
            await harm(connection)
        try:
            return await self.examined(anchor)
        finally:
            async with self.owner.installation_tx() as connection:
                for table in ("audit_entry", "audit_head"):
                    await connection.execute(text(f"DELETE FROM {table}"))
                    await connection.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))


async def write(app: Database, number: int) -> None:
    for place in range(number):
        async with app.clinic_tx(CLINIC, Actor("staff", uuid4(), "web")) as session:
            now = NOW + timedelta(seconds=place)
            record(session, now, "read", "client", uuid4(), client_id=uuid4(), fields=["name", "zone"])


@pytest.fixture(scope="module")
async def trail(urls: Urls, notifier: Database, anyio_backend: str) -> AsyncIterator[Trail]:
    app, owner = Database(urls.app, audit_key=KEY), Database(urls.owner)
    await write(app, ROWS)
    assert await Chaining(notifier, KEY).tick() == ROWS
    found = await Chain(app, CLINIC, KEY).examine(None, lambda done, of: None)
    assert found.head is not None
    async with owner.installation_tx() as connection:
        for table in ("audit_entry", "audit_head"):
            await connection.execute(text(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
    yield Trail(app, owner, found.head)
    await app.close()
    await owner.close()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "AT_ONCE", 9)


async def sql(connection: AsyncConnection, statement: str, **values: object) -> None:
    await connection.execute(text(statement), values)
