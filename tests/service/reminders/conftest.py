"""A client whose reminders are set, one who was told of due moments, and everybody who asks for them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import Team, make_client, make_team


@dataclass
class World:
    team: Team
    clients: dict[str, Client] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def path(self, rest: str, name: str = "Maria") -> str:
        return f"/v1/clients/{self.clients[name].id}/{rest}"


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    team, elsewhere = await make_team(database), await make_team(database, stocked=False)
    world = World(team)
    for name, of, therapist_id in (
        ("Maria", team, team.therapist_id),
        ("Rita", team, team.other_therapist_id),
        ("Told", team, team.therapist_id),
        ("Stranger", elsewhere, elsewhere.therapist_id),
    ):
        async with database.clinic_tx(of.clinic_id, of.therapist) as session:
            world.clients[name] = await make_client(session, therapist_id, name=name)
    await told.due_moments(database, world.clients["Told"])
    desk = await told.make_staff(database, team, "front_desk")
    people: dict[str, dict[str, Any]] = {
        "therapist": {"staff_id": team.therapist_id},
        "owner": {"staff_id": team.owner_id},
        "colleague": {"staff_id": team.other_therapist_id},
        "front desk": {"staff_id": desk},
        "client": {"client_id": world.clients["Maria"].id},
        "told": {"client_id": world.clients["Told"].id},
    }
    world.headers = {who: await signed_in(database, team.clinic_id, **p) for who, p in people.items()}
    world.headers["stranger"] = await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.therapist_id)
    return world
