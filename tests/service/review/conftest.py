"""Two clinics with their people, for the pages of staff."""

from datetime import timedelta
from typing import Any

import pytest

from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import NOW, make_client, make_team
from tests.service.review.browsing import World, cookie


@pytest.fixture
async def world(database: Database) -> World:
    world = World(await make_team(database), await make_team(database))
    for name, team, therapist_id in (
        ("Maria", world.team, world.team.therapist_id),
        ("Rita", world.team, world.team.other_therapist_id),
        ("Stranger", world.elsewhere, world.elsewhere.therapist_id),
    ):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            world.clients[name] = await make_client(
                session, therapist_id, name=f"{name} Lopez", now=NOW - timedelta(days=20)
            )
    desk = await told.make_staff(database, world.team, "front_desk")
    people: dict[str, dict[str, Any]] = {
        "therapist": {"staff_id": world.team.therapist_id},
        "owner": {"staff_id": world.team.owner_id},
        "front desk": {"staff_id": desk},
        "client": {"client_id": world.maria.id},
    }
    for who, person in people.items():
        world.headers[who] = cookie(await signed_in(database, world.team.clinic_id, **person))
    stranger = await signed_in(database, world.elsewhere.clinic_id, staff_id=world.elsewhere.therapist_id)
    world.headers["stranger"] = cookie(stranger)
    return world
