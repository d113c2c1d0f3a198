"""A page that only reads takes one transaction, the one that asked who calls, and for no longer than it needs it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import SYSTEM, Database
from tests.conftest import Clock, Urls, signed_in
from tests.connections import Taken, connections
from tests.make import NOW, Team, item, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class World:
    team: Team
    client_id: UUID
    client: dict[str, str]
    sam: dict[str, str]


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        await make_plan(session, client, items=[item()])
    return World(
        team,
        client.id,
        await signed_in(database, team.clinic_id, client_id=client.id),
        await signed_in(database, team.clinic_id, staff_id=team.therapist_id),
    )


async def trail(database: Database, world: World) -> Counter[tuple[str, UUID, str]]:
    """Who looked, through what."""
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        rows = await session.execute(text("SELECT actor_kind, actor_id, channel FROM audit_entry"))
        return Counter((kind, who, channel) for kind, who, channel in rows)


async def seen_at(database: Database, world: World) -> datetime:
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        statement = text("SELECT seen_at FROM sign_in_session WHERE client_id = :client")
        found: datetime = (await session.execute(statement, {"client": world.client_id})).scalar_one()
    return found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_page_takes_one_transaction_and_the_trail_names_who_reads(
    api: AsyncClient, database: Database, world: World, method: str
) -> None:
    before = await trail(database, world)
    with connections(database) as taken:
        assert (await api.request(method, "/today", headers=world.client)).status_code == 200
    assert taken == Taken(times=1, now=0, most=1)
    assert await trail(database, world) - before == {("client", world.client_id, "api"): 1}


_REFUSING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse()
"""


async def test_a_page_whose_commit_fails_while_it_is_drawn_is_not_shown(
    api: AsyncClient, database: Database, world: World, urls: Urls
) -> None:
    before = await trail(database, world)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(_REFUSING)
        try:
            answer = await api.get("/today", headers=world.client)
        finally:
            owner.execute("DROP FUNCTION refuse CASCADE")
    assert answer.status_code == 500
    assert await trail(database, world) == before
    assert (await api.get("/today", headers=world.client)).status_code == 200


async def test_whoever_writes_takes_two_as_ever(api: AsyncClient, database: Database, world: World) -> None:
    path = f"/v1/clients/{world.client_id}/pain-entries/{uuid4()}"
    with connections(database) as taken:
        assert (await api.put(path, json={"score": 4}, headers=world.client)).status_code == 200
    assert taken == Taken(times=2, now=0, most=1)


async def test_that_a_session_is_in_use_is_noted_in_a_transaction_of_its_own_also_where_the_page_fails(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    clock.now = NOW + timedelta(minutes=6)
    with connections(database) as taken:
        answer = await api.get(f"/v1/clients/{uuid4()}/diary", headers=world.client)
    assert (answer.status_code, taken) == (404, Taken(times=2, now=0, most=1))
    assert await seen_at(database, world) == clock.now


async def test_a_page_that_fails_takes_back_what_it_wrote_and_answers_as_ever(
    api: AsyncClient, database: Database, world: World
) -> None:
    # The look at the client comes first; then there is no such programme.
    path = f"/v1/clients/{world.client_id}/plan/draft?programme=no-such"
    before = await trail(database, world)
    with connections(database) as taken:
        answer = await api.get(path, headers=world.sam)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:clamshell:problem:refused")
    assert taken == Taken(times=1, now=0, most=1)
    assert await trail(database, world) == before
    assert (await api.get(f"/v1/clients/{world.client_id}/plan", headers=world.sam)).status_code == 200
    assert (await trail(database, world) - before).total() == 1


@pytest.mark.parametrize(
    ("path", "status"), [("/caseload", 403), ("/caseload/live", 403), ("/v1/clients/CLIENT/diary?first=soon", 422)]
)
async def test_whoever_is_refused_after_it_was_known_who_they_are_holds_no_connection(
    api: AsyncClient, database: Database, world: World, path: str, status: int
) -> None:
    with connections(database) as taken:
        answer = await api.get(path.replace("CLIENT", str(world.client_id)), headers=world.client)
    assert (answer.status_code, taken) == (status, Taken(times=1, now=0, most=1))


async def test_a_page_that_reads_nothing_more_ends_the_transaction(
    api: AsyncClient, database: Database, world: World
) -> None:
    with connections(database) as taken:
        assert (await api.get("/", headers=world.client)).headers["location"] == "/today"
    assert taken == Taken(times=1, now=0, most=1)
