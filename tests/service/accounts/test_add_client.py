"""What adding a client brings with it: a first message, and a word about an address that others have too."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.actions import WELCOME_WITHIN, welcome
from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint
from service.database.sealing import opened, packed
from service.database.tenancy import Database
from tests.conftest import signed_in
from tests.make import NOW, WORDING, Team, make_team

pytestmark = pytest.mark.anyio

BODY = {"name": "Rosa", "zone": "America/Chicago"}


@pytest.fixture
async def team(database: Database) -> Team:
    return await make_team(database, stocked=False)


async def add(api: AsyncClient, database: Database, team: Team, **fields: Any) -> dict[str, Any]:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    answer = await api.post("/v1/clients", json=BODY | fields, headers=headers)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def queued(database: Database, team: Team) -> list[tuple[str, str, str, bool]]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        rows = await session.execute(
            text(
                f"SELECT m.kind, {packed(ContactPoint, 'address', 'p')}, m.state,"
                " m.due_at = :now AND m.expires_at = :until AS in_time FROM message m"
                " JOIN contact_point p ON p.clinic_id = m.clinic_id AND p.id = m.contact_point_id"
            ),
            {"now": NOW, "until": NOW + WELCOME_WITHIN},
        )
        return [(kind, opened(ContactPoint, "address", address), *rest) for kind, address, *rest in rows]


@pytest.mark.parametrize(
    ("agreed", "address"),
    [
        (("sms", "email"), "+12025550142"),
        (("sms",), "+12025550142"),
        (("email",), "rosa@mail.example"),
        ((), None),
    ],
)
async def test_whoever_agreed_is_told_once_by_text_first(
    api: AsyncClient, database: Database, team: Team, agreed: tuple[str, ...], address: str | None
) -> None:
    consent = dict.fromkeys(agreed, WORDING)
    await add(api, database, team, phone="+12025550142", email="rosa@mail.example", consent=consent)
    expected = [("welcome", address, "queued", True)] if address else []
    assert await queued(database, team) == expected


async def test_a_yes_to_a_channel_without_an_address_is_no_message(
    api: AsyncClient, database: Database, team: Team
) -> None:
    await add(api, database, team, email="rosa@mail.example", consent={"sms": WORDING})
    assert await queued(database, team) == []


async def test_a_welcome_is_said_once(api: AsyncClient, database: Database, team: Team) -> None:
    added = await add(api, database, team, phone="+12025550142", consent={"sms": WORDING})
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await welcome(session, await contact_points(session, UUID(added["id"])), NOW)
    assert len(await queued(database, team)) == 1


async def test_a_client_who_cannot_be_added_is_not_welcomed(api: AsyncClient, database: Database, team: Team) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    body = BODY | {"phone": "+12025550142", "zone": "Mars/Olympus", "consent": {"sms": WORDING}}
    assert (await api.post("/v1/clients", json=body, headers=headers)).status_code == 422
    assert await queued(database, team) == []


async def test_staff_are_told_that_others_have_the_address_and_clients_are_not(
    api: AsyncClient, database: Database, team: Team
) -> None:
    elsewhere = await make_team(database, stocked=False)
    await add(api, database, elsewhere, phone="+12025550142")
    first = await add(api, database, team, phone="+12025550142")
    assert "also_used_by" not in first["contact_points"][0]
    await add(api, database, team, phone="(202) 555-0142", email="a@mail.example")
    third = await add(api, database, team, phone="+1 202 555 0142", email="b@mail.example")
    assert third["contact_points"] == [
        {"channel": "sms", "address": "+12025550142", "also_used_by": 2},
        {"channel": "email", "address": "b@mail.example"},
    ]
    path = f"/v1/clients/{first['id']}"
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    herself = await signed_in(database, team.clinic_id, client_id=UUID(first["id"]))
    assert (await api.get(path, headers=staff)).json()["contact_points"][0]["also_used_by"] == 2
    assert "also_used_by" not in (await api.get(path, headers=herself)).json()["contact_points"][0]
