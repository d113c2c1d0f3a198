"""The doors to the database. A session exists only inside one clinic; the few cross-clinic reads have names.

Cross-clinic reads (`across_clinics`), each allowed by a policy of its own and for one role only:
- `find_address`  app       which clinic a phone number or email belongs to (sign-in, inbound texts)
- `find_link`     app       which clinic a link in a message belongs to
- `find_work`     notifier  which clinics have reminders to plan, messages to send or reports to act on
                  app       which clinics have mails to staff to write, or alerts to look through;
                            and all clinics there are (`clamshell audit verify`)
                  notifier  which clinics have rows of the trail to link
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from service.database.driving import announce, run_together
from service.database.pooling import watch
from service.database.sealing import SealingSession

ActorKind = Literal["staff", "client", "link", "helper", "provider", "system"]
Channel = Literal["web", "api", "app", "text", "email", "link", "demo", "scheduler", "cli"]


class Across(StrEnum):
    FIND_ADDRESS = "find_address"
    FIND_LINK = "find_link"
    FIND_WORK = "find_work"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and through what; every write and every look at a record is audited with it."""

    kind: ActorKind
    id: UUID | None
    channel: Channel


SYSTEM = Actor("system", None, "scheduler")


class ClinicSession(AsyncSession):
    """One transaction inside one clinic. `audit_key` signs what is told about it; without one it stays unsigned."""

    sync_session_class = SealingSession

    def __init__(self, engine: AsyncEngine, clinic_id: UUID, actor: Actor, audit_key: bytes | None = None) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.audit_key = audit_key
        self.clinic_id = clinic_id
        self.actor = actor
        self.sequences: dict[UUID, int] = {}
        self._last: list[tuple[str, Sequence[Any]]] = []
        self._committing: asyncio.Task[None] | None = None

    def say_last(self, statement: str, values: Sequence[Any]) -> None:
        """Goes out with the commit and takes no round trip of its own; nothing in this transaction sees it."""
        self._last.append((statement, values))

    async def flush_written(self) -> None:
        """As SQLAlchemy does before each of its own statements, and for nothing where nothing is written."""
        if self.new or self.dirty or self.deleted:
            await self.flush()

    async def commit(self) -> None:
        if self._last:
            await self.flush_written()
            await self.write_last("COMMIT")
        await super().commit()

    async def rollback(self) -> None:
        self._last = []
        await super().rollback()

    async def commit_meanwhile(self) -> None:
        """Nothing more is asked for: the database commits while the caller works with what it has. Whoever opened the
        transaction waits for it, and learns of what went wrong."""
        self._committing = asyncio.create_task(self.commit())
        # Its first step, which sends.
        await asyncio.sleep(0)

    async def committed(self) -> None:
        await (self._committing or self.commit())

    async def settled(self) -> None:
        """Of a commit that goes on, whatever came of it."""
        if self._committing is not None:
            await asyncio.gather(self._committing, return_exceptions=True)

    async def write_last(self, *ending: str) -> None:
        """And `ending`, in one round trip."""
        last, connection = self._last, await self.connection()
        self._last = []
        for statement, values in last:
            announce(connection, statement, values)
        statements = [*(statement for statement, _ in last), *ending]
        await run_together(connection, statements, [value for _, values in last for value in values])


class Database:
    """`plan_once`: a statement's plan is for whatever values, and never made anew for those it is given: for whoever
    asks for hundreds of rows at a time (`docs/decisions/0069`)."""

    session_class = ClinicSession

    def __init__(
        self, url: str, *, pool_size: int = 5, audit_key: bytes | None = None, plan_once: bool = False
    ) -> None:
        self._audit_key = audit_key
        self._settings = ("SET LOCAL plan_cache_mode TO force_generic_plan",) if plan_once else ()
        address = make_url(url).set(drivername="postgresql+psycopg")
        # Errors are logged with the statement, never with its values.
        self.engine = create_async_engine(
            address,
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,
            # The one used last: it has prepared most of what is asked, and the others may rest.
            pool_use_lifo=True,
            # Every transaction is begun here, by `_begin`: the driver would take a round trip of its own for it.
            connect_args={"autocommit": True},
            json_deserializer=msgspec.json.decode,
        )
        watch(self.engine.sync_engine)

    @asynccontextmanager
    async def clinic_tx(self, clinic_id: UUID, actor: Actor) -> AsyncIterator[ClinicSession]:
        session = self.session_class(self.engine, clinic_id, actor, self._audit_key)
        try:
            # Rendered, not bound: SET takes no parameters, and set_config() does not reach a distributed
            # database's workers. A UUID object can hold nothing but hex digits.
            await self._begin(await session.connection(), f"SET LOCAL app.clinic_id TO '{UUID(str(clinic_id))}'")
            yield session
            await session.committed()
        except asyncio.CancelledError:
            # Whatever half-ran on this connection must not be the next request's business.
            await asyncio.shield(_dropped(session))
            raise
        except BaseException:
            await session.settled()
            await session.rollback()
            raise
        finally:
            await session.close()

    @asynccontextmanager
    async def across_clinics(self, purpose: Across) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            await self._begin(connection, f"SET LOCAL app.across TO '{purpose.value}'")
            yield connection

    @asynccontextmanager
    async def installation_tx(self) -> AsyncIterator[AsyncConnection]:
        """For the few tables that belong to no clinic: limits, counters, sender pace, texts from strangers."""
        async with self.engine.begin() as connection:
            await self._begin(connection)
            yield connection

    async def _begin(self, connection: AsyncConnection, *settings: str) -> None:
        """The transaction and what holds for it."""
        await run_together(connection, ["BEGIN", *settings, *self._settings], ())

    async def close(self) -> None:
        await self.engine.dispose()


async def _dropped(session: ClinicSession) -> None:
    await session.settled()
    await session.invalidate()
