"""Two clinics with their people, for the pages of staff."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import NOW, Team, make_client, make_team
from tests.service.review.browsing import Elsewhere, World, cookie


async def _client(database: Database, team: Team, therapist_id: UUID, name: str) -> Client:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return await make_client(session, therapist_id, name=f"{name} Lopez", now=NOW - timedelta(days=20))


@pytest.fixture(scope="session")
async def elsewhere(database: Database, anyio_backend: str) -> Elsewhere:
    """One for all tests: nobody gets in there."""
    team = await make_team(database)
    token = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    return Elsewhere(team, await _client(database, team, team.therapist_id, "Stranger"), token)


@pytest.fixture
async def world(database: Database, elsewhere: Elsewhere) -> World:
    world = World(await make_team(database), elsewhere.team, {"Stranger": elsewhere.client})
    for name, therapist_id in (("Maria", world.team.therapist_id), ("Rita", world.team.other_therapist_id)):
        world.clients[name] = await _client(database, world.team, therapist_id, name)
    desk = await told.make_staff(database, world.team, "front_desk")
    people: dict[str, dict[str, Any]] = {
        "therapist": {"staff_id": world.team.therapist_id},
        "owner": {"staff_id": world.team.owner_id},
        "front desk": {"staff_id": desk},
        "client": {"client_id": world.maria.id},
    }
    for who, person in people.items():
        world.headers[who] = cookie(await signed_in(database, world.team.clinic_id, **person))
    world.headers["stranger"] = cookie(elsewhere.headers)
    return world
