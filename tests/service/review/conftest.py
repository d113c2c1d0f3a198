"""Two clinics with their people, for the pages of staff."""

from datetime import timedelta
from uuid import UUID

import pytest

from service.accounts.guards import csrf_token
from service.accounts.sign_in import read_token
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession, Database
from tests import told
from tests.conftest import SECRET_KEY, signed_in
from tests.make import NOW, make_client, make_team
from tests.service.review.browsing import Elsewhere, World, cookie
from tests.service.review.uploading import exercise_id


async def _client(session: ClinicSession, therapist_id: UUID, name: str) -> Client:
    return await make_client(session, therapist_id, name=f"{name} Lopez", now=NOW - timedelta(days=20))


@pytest.fixture(scope="session")
async def elsewhere(database: Database, anyio_backend: str) -> Elsewhere:
    """One for all tests: nobody gets in there."""
    team = await make_team(database)
    token = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return Elsewhere(team, await _client(session, team.therapist_id, "Stranger"), token)


@pytest.fixture
async def world(database: Database, elsewhere: Elsewhere) -> World:
    world = World(await make_team(database), elsewhere.team, {"Stranger": elsewhere.client})
    team = world.team
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for name, therapist_id in (("Maria", team.therapist_id), ("Rita", team.other_therapist_id)):
            world.clients[name] = await _client(session, therapist_id, name)
        headers = await told.everybody_signed_in(session, team, world.maria)
        forms = {row.token_hash: csrf_token(SECRET_KEY, row.id) for row in told.started(session)}
    headers["stranger"] = elsewhere.headers
    world.headers = {who: cookie(header) for who, header in headers.items()}
    for sent in world.headers.values():
        _, token_hash = read_token(sent["Cookie"].partition("=")[2]) or (None, b"")
        if token_hash in forms:
            world.tokens[sent["Cookie"]] = forms[token_hash]
    return world


@pytest.fixture
async def clam(database: Database, world: World) -> str:
    """The path of the page of an exercise."""
    return f"/exercises/{await exercise_id(database, world.team)}"
