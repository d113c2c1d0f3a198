"""What is said last goes out with the commit: all is kept or nothing, also while the caller goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from service.audit.actions import record
from service.database.tenancy import SYSTEM, ClinicSession, Database
from tests.conftest import Urls
from tests.connections import connections
from tests.make import NOW, Team, make_client, make_team

pytestmark = pytest.mark.anyio

_NAMED: Final = "UPDATE clinic SET name = %s WHERE clinic_id = %s"
_PHONE: Final = "UPDATE clinic SET phone = %s WHERE clinic_id = %s"


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@pytest.fixture
def clinic_id(team: Team) -> UUID:
    return team.clinic_id


async def told(database: Database, clinic_id: UUID) -> tuple[str, str | None]:
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        name, phone = (await session.execute(text("SELECT name, phone FROM clinic"))).one()
    return name, phone


async def clients(session: ClinicSession) -> int:
    return int(await session.scalar(text("SELECT count(*) FROM client")) or 0)


Say = Callable[[ClinicSession, str], Awaitable[None]]


async def last(session: ClinicSession, name: str) -> None:
    session.say_last(_NAMED, [name, session.clinic_id])


async def at_once(session: ClinicSession, name: str) -> None:
    await session.execute(text("UPDATE clinic SET name = :name"), {"name": name})


async def test_what_is_said_last_is_kept_with_the_rest_and_seen_by_nobody_before(
    database: Database, clinic_id: UUID
) -> None:
    before = await told(database, clinic_id)
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        session.say_last(_NAMED, ["O'Hara; DROP TABLE client --", clinic_id])
        session.say_last(_PHONE, ["+13035550100", clinic_id])
        assert (await session.execute(text("SELECT name, phone FROM clinic"))).one() == before
        record(session, NOW, "changed", "clinic", clinic_id)
    assert await told(database, clinic_id) == ("O'Hara; DROP TABLE client --", "+13035550100")
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'changed'")) == 1


async def fail_after_last_words(session: ClinicSession) -> None:
    await last(session, "Nobody's")
    raise LookupError


async def test_what_is_said_last_is_dropped_with_the_rest(database: Database, clinic_id: UUID) -> None:
    before = await told(database, clinic_id)
    with pytest.raises(LookupError):
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            await fail_after_last_words(session)
    assert await told(database, clinic_id) == before


async def say_nonsense_last(session: ClinicSession, team: Team) -> None:
    await make_client(session, team.therapist_id)
    session.say_last("UPDATE clinic SET live_at = %s", ["not a time"])


async def test_where_the_last_words_fail_nothing_is_kept_and_the_error_is_one_of_sqlalchemys(
    database: Database, team: Team
) -> None:
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        before = await clients(session)
    with pytest.raises(DataError):
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            await say_nonsense_last(session, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        assert await clients(session) == before


@pytest.mark.parametrize("say", [last, at_once])
async def test_a_commit_goes_on_while_the_caller_works_and_is_waited_for(
    database: Database, clinic_id: UUID, say: Say
) -> None:
    with connections(database) as taken:
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            await say(session, "Kept")
            await session.commit_meanwhile()
            assert taken.now == 1
    assert (taken.now, (await told(database, clinic_id))[0]) == (0, "Kept")


async def lose_while_committing(urls: Urls, session: ClinicSession, say: Say) -> None:
    await say(session, "Lost")
    number = await session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(urls.owner) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
    await session.commit_meanwhile()


@pytest.mark.parametrize("say", [last, at_once])
async def test_a_commit_that_fails_meanwhile_fails_the_caller(
    urls: Urls, database: Database, clinic_id: UUID, say: Say
) -> None:
    own, before = Database(urls.app), await told(database, clinic_id)
    with pytest.raises(OperationalError):
        async with own.clinic_tx(clinic_id, SYSTEM) as session:
            await lose_while_committing(urls, session, say)
    assert await told(database, clinic_id) == before
    assert await told(own, clinic_id) == before
    await own.close()


@pytest.mark.parametrize("say", [last, at_once])
@pytest.mark.parametrize("gone", [LookupError, asyncio.CancelledError])
async def test_who_fails_or_is_cancelled_meanwhile_leaves_a_commit_that_stands_and_a_connection_that_serves(
    urls: Urls, clinic_id: UUID, anyio_backend: str, say: Say, gone: type[BaseException]
) -> None:
    own, name = Database(urls.app, pool_size=1), f"{say.__name__}, {gone.__name__}"
    with pytest.raises(gone):
        async with own.clinic_tx(clinic_id, SYSTEM) as session:
            await fail_while_committing(session, say, name, gone)
    assert (await told(own, clinic_id))[0] == name
    await own.close()


async def fail_while_committing(session: ClinicSession, say: Say, name: str, gone: type[BaseException]) -> None:
    await say(session, name)
    await session.commit_meanwhile()
    raise gone
