"""A caseload of one to call, three who are quiet and one on track: how it is read as data, and how one is marked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.database.tenancy import Database
from tests import told
from tests.make import NOW, TODAY, Team, item, make_client, make_plan, make_team
from tests.service.review.browsing import Elsewhere, World, ago

EVERY_DAY = {"cadence": "weekdays", "weekdays": 127}


async def make_person(
    database: Database, team: Team, name: str, therapist_id: UUID | None = None, days: int = 20
) -> Client:
    """With a plan for every day since ten days ago."""
    begins = NOW - timedelta(days=days)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, therapist_id or team.therapist_id, name=name, now=begins)
        items = [item("glu-bridge-double", cadence=EVERY_DAY)]
        await make_plan(session, client, starts_on=ago(10), items=items, now=begins)
    return client


async def danger(database: Database, client: Client, minutes_ago: int = 30) -> None:
    await told.text_in(database, client, "I fell on the stairs", "danger", NOW - timedelta(minutes=minutes_ago))


@pytest.fixture
async def world(database: Database, elsewhere: Elsewhere) -> World:
    return await make_world(database, elsewhere)


@pytest.fixture(scope="module")
async def untouched(database: Database, elsewhere: Elsewhere) -> World:
    """For tests that change nothing in it."""
    return await make_world(database, elsewhere)


async def make_world(database: Database, elsewhere: Elsewhere) -> World:
    world = World(await make_team(database), elsewhere.team)
    team = world.team
    for name in ("Maria", "Tom", "Aisha", "Luca"):
        world.clients[name] = await make_person(database, team, name)
    world.clients["Rita"] = await make_person(database, team, "Rita", team.other_therapist_id)
    world.clients["Stranger"] = elsewhere.client
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        kim = await make_client(
            session, team.therapist_id, name="Kim", now=NOW - timedelta(days=4), starts_active=False
        )
        world.clients["Kim"] = kim
        luca = (await contact_points(session, world.clients["Luca"].id))[0]
        await opt_out(session, luca.id, "text", NOW - timedelta(days=2))
        world.headers = await told.everybody_signed_in(session, team, world.clients["Maria"])
    four_a_day = {ago(back): 4 for back in range(8, -1, -1)}
    await told.pains(database, world.clients["Maria"], four_a_day)
    await told.pains(database, world.clients["Luca"], four_a_day)
    await told.pains(database, world.clients["Tom"], four_a_day | {TODAY: 8})
    await told.pain(database, world.clients["Aisha"], ago(4), 5)
    world.headers["stranger"] = elsewhere.headers
    return world


async def caseload(api: AsyncClient, world: World, who: str = "therapist", query: str = "") -> Any:
    answer = await api.get(f"/v1/caseload{query}", headers=world.headers[who])
    assert answer.status_code == 200, answer.text
    return answer.json()


def plain(words: str) -> str:
    """Times of day are written with a narrow space that does not break."""
    return words.replace("\u202f", " ")


def row_of(found: Any, name: str) -> Any:
    return next(row for row in found["rows"] if row["name"] == name)


async def mark(
    api: AsyncClient, world: World, name: str, what: str = "seen", who: str = "therapist", **body: Any
) -> Any:
    path = f"/v1/caseload/{world.clients[name].id}/{what}"
    return await api.post(path, json=body, headers=world.headers[who])
