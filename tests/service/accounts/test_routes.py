from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.conftest import signed_in
from tests.make import PASSWORD, WORDING, Team, make_team

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


async def _email(database: Database, team: Team) -> str:
    from service.accounts.queries import staff

    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await staff(session, team.therapist_id)).email


async def test_staff_sign_in_by_password(api: AsyncClient, database: Database, team: Team) -> None:
    answer = await api.post("/v1/sign-in", json={"email": await _email(database, team), "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    listed = await api.get("/v1/clients", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert listed.json() == {"data": []}


async def test_add_client(api: AsyncClient, database: Database, team: Team) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    body = {
        "name": "Maria Lopez",
        "zone": "America/New_York",
        "phone": "(202) 555-0142",
        "consent": {"sms": WORDING},
    }
    answer = await api.post("/v1/clients", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["contact_points"] == [{"channel": "sms", "address": "+12025550142"}]
    got = await api.get(answer.headers["location"], headers=headers)
    assert got.json() == answer.json()
    bad = await api.post(
        "/v1/clients", json=body | {"zone": "CET", "phone": "555", "nickname": 3}, headers=headers
    )
    print(bad.status_code, bad.text)
    bad = await api.post("/v1/clients", json=body | {"zone": "CET", "phone": "555"}, headers=headers)
    print(bad.status_code, bad.text)
    gone = await api.get(f"/v1/clients/{uuid4()}", headers=headers)
    print(gone.status_code, gone.text)
    print((await api.get("/v1/clients")).text, (await api.get("/nowhere")).text[:300])
