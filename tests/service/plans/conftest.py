"""Maria, whom Sam treats, with plans as the API takes them, and everybody who asks for them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests.conftest import signed_in
from tests.make import Team, make_client, make_team

DAILY = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}


@dataclass
class World:
    team: Team
    maria: Client
    rita: Client
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def sam(self) -> dict[str, str]:
        return self.headers["sam"]

    @property
    def path(self) -> str:
        return f"/v1/clients/{self.maria.id}/plan"


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@pytest.fixture(scope="module")
async def stranger(database: Database) -> dict[str, str]:
    elsewhere = await make_team(database, stocked=False)
    return await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.owner_id)


@pytest.fixture
async def maria(database: Database, team: Team) -> Client:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return await make_client(session, team.therapist_id)


@pytest.fixture
async def sam(database: Database, team: Team) -> dict[str, str]:
    return await signed_in(database, team.clinic_id, staff_id=team.therapist_id)


@pytest.fixture
async def world(database: Database, team: Team, stranger: dict[str, str]) -> World:
    """Maria is Sam's, Rita is Robin's."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        maria = await make_client(session, team.therapist_id)
        rita = await make_client(session, team.other_therapist_id)
    world = World(team, maria, rita, {"stranger": stranger})
    for name, staff_id in (("olga", team.owner_id), ("sam", team.therapist_id), ("robin", team.other_therapist_id)):
        world.headers[name] = await signed_in(database, team.clinic_id, staff_id=staff_id)
    world.headers["maria"] = await signed_in(database, team.clinic_id, client_id=maria.id)
    return world


async def drafted(api: AsyncClient, world: World, who: str = "sam", **start: str) -> dict[str, Any]:
    answer = await api.get(f"{world.path}/draft", params=start, headers=world.headers[who])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send_plan(api: AsyncClient, world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Prescribes, or changes what runs."""
    now = await api.get(f"{world.path}/versions", headers=world.sam)
    if not now.json()["data"]:
        answer = await api.post(world.path, json=body, headers=world.sam)
    else:
        read = await api.get(world.path, headers=world.sam)
        answer = await api.put(world.path, json=body, headers=world.sam | {"If-Match": read.headers["etag"]})
    assert answer.status_code in (200, 201), answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def in_phase_one(api: AsyncClient, world: World) -> dict[str, Any]:
    draft = await drafted(api, world, programme="prog-oa")
    for pointer in draft["to_choose"]:
        draft["prescription"]["items"][int(pointer.split("/")[2])]["side"] = "right"
    return await send_plan(api, world, draft["prescription"])
