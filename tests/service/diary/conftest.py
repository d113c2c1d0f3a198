"""Maria and her plan, and herself signed in."""

import pytest

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.plans.queries import Content
from tests.conftest import signed_in
from tests.make import Team, make_client, make_plan, make_team


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@pytest.fixture
async def maria(database: Database, team: Team) -> tuple[Client, Content]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        return client, await make_plan(session, client)


@pytest.fixture
async def mine(database: Database, team: Team, maria: tuple[Client, Content]) -> dict[str, str]:
    return await signed_in(database, team.clinic_id, client_id=maria[0].id)
