"""Every input can be wrong: the answer names the field and what would be right, and nothing changes."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.plans.queries import Content
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio

COUNTED = (
    "pain_entry",
    "exercise_session",
    "habit_mark",
    "client",
    "plan",
    "plan_version",
    "reminder",
    "diary_revision",
)


class World:
    """A client with a plan in our clinic, and a stranger with one in another."""

    team: Team
    client: Client
    plan: Content
    stranger: Client
    strangers_plan: Content
    mine: dict[str, str]
    sams: dict[str, str]


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    world = World()
    world.team, other = await make_team(database), await make_team(database)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        world.client = await make_client(session, world.team.therapist_id)
        world.plan = await make_plan(session, world.client)
    async with database.clinic_tx(other.clinic_id, other.therapist) as session:
        world.stranger = await make_client(session, other.therapist_id)
        world.strangers_plan = await make_plan(session, world.stranger)
    world.mine = await signed_in(database, world.team.clinic_id, client_id=world.client.id)
    world.sams = await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id)
    return world


async def _rows(database: Database, team: Team) -> dict[str, int]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return {t: (await session.execute(text(f"SELECT count(*) FROM {t}"))).scalar_one() for t in COUNTED}


def _pain(world: World, entry: UUID | None = None) -> str:
    return f"/v1/clients/{world.client.id}/pain-entries/{entry or uuid4()}"


@pytest.mark.parametrize("score", [11, -1, 3.5, "four", "6", True, None, [4]])
async def test_a_pain_score_that_is_no_whole_number_from_0_to_10(
    api: AsyncClient, database: Database, world: World, score: Any
) -> None:
    before = await _rows(database, world.team)
    answer = await api.put(_pain(world), json={"score": score}, headers=world.mine)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"pointer": "/score", "code": "invalid", "message": "Use a whole number from 0 to 10."}
    ]
    assert await _rows(database, world.team) == before


@pytest.mark.parametrize("days", [1, -40, -8])
async def test_a_day_in_the_future_or_too_far_back(
    api: AsyncClient, database: Database, world: World, days: int
) -> None:
    before = await _rows(database, world.team)
    day = (TODAY + timedelta(days=days)).isoformat()
    answer = await api.put(_pain(world), json={"score": 4, "day": day}, headers=world.mine)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/day"
    assert "Use" in answer.json()["errors"][0]["message"]
    assert await _rows(database, world.team) == before


async def test_the_oldest_day_that_may_still_be_told(api: AsyncClient, world: World) -> None:
    day = (TODAY - timedelta(days=7)).isoformat()
    assert (await api.put(_pain(world), json={"score": 4, "day": day}, headers=world.mine)).status_code == 200


async def test_an_unknown_exercise(api: AsyncClient, database: Database, world: World) -> None:
    before = await _rows(database, world.team)
    body = {
        "starts_on": "2026-03-10",
        "items": [{"exercise": "glu-nonsense", "cadence": {"times_per_week": 3}}],
    }
    answer = await api.post(f"/v1/clients/{world.client.id}/plan", json=body, headers=world.sams)
    # A plan runs already, and the exercise is wrong: what is wrong in the request itself is said first.
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "pointer": "/items/0/exercise",
            "code": "unknown",
            "message": "Use the code of an exercise in the library.",
        }
    ]
    assert await _rows(database, world.team) == before


async def test_another_clinics_item_answers_like_a_random_id(
    api: AsyncClient, database: Database, world: World
) -> None:
    before = await _rows(database, world.team)
    answers = [
        await api.put(
            f"/v1/clients/{world.client.id}/sessions/{uuid4()}",
            json={"outcome": "done", "done_items": [str(item)]},
            headers=world.mine,
        )
        for item in (world.strangers_plan.items[0].row.id, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert await _rows(database, world.team) == before


async def test_another_clinics_client_answers_like_a_random_id(api: AsyncClient, world: World) -> None:
    for path in ("", "/plan", "/plan/versions", "/diary"):
        theirs = await api.get(f"/v1/clients/{world.stranger.id}{path}", headers=world.sams)
        nobody = await api.get(f"/v1/clients/{uuid4()}{path}", headers=world.sams)
        assert theirs.status_code == nobody.status_code == 404
        assert theirs.content == nobody.content


async def test_another_client_of_the_clinic_cannot_use_what_is_somebody_elses(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        other = await make_client(session, world.team.therapist_id)
        await make_plan(session, other)
    theirs = await signed_in(database, world.team.clinic_id, client_id=other.id)
    pain, done = uuid4(), uuid4()
    mine = f"/v1/clients/{world.client.id}"
    assert (await api.put(f"{mine}/pain-entries/{pain}", json={"score": 4}, headers=world.mine)).status_code == 200
    assert (await api.put(f"{mine}/sessions/{done}", json={"outcome": "done"}, headers=world.mine)).status_code == 200
    before = await _rows(database, world.team), (await api.get(f"{mine}/diary", headers=world.mine)).json()
    for path, body in (
        (f"pain-entries/{pain}", {"score": 9}),
        (f"pain-entries/{pain}", {"score": 4}),
        (f"sessions/{done}", {"outcome": "skipped"}),
        (f"habits/{world.plan.habits[0].id}/days/{TODAY}", {"value": False}),
    ):
        answer = await api.put(f"/v1/clients/{other.id}/{path}", json=body, headers=theirs)
        assert answer.status_code == 404, path
    after = await _rows(database, world.team), (await api.get(f"{mine}/diary", headers=world.mine)).json()
    assert after == before


@pytest.mark.parametrize("zone", ["CET", "+02:00", "EST", "posix/Europe/Berlin", "Mars/Olympus", "", "Etc/GMT+2"])
async def test_a_zone_that_is_no_area_and_location(
    api: AsyncClient, database: Database, world: World, zone: str
) -> None:
    before = await _rows(database, world.team)
    body = {"name": "Tom", "phone": "+12025550142", "zone": zone}
    answer = await api.post("/v1/clients", json=body, headers=world.sams)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/zone"
    assert await _rows(database, world.team) == before


@pytest.mark.parametrize(
    "phone",
    [
        *("555", "+1", "abc", "+99912345", "00000000000000000000"),
        # Without an area code, no area at all, and a country without the rest.
        *("+12125550", "555-0142", "0000000000", "+11111111111", "+4400000000"),
    ],
)
async def test_a_phone_that_cannot_exist(api: AsyncClient, database: Database, world: World, phone: str) -> None:
    before = await _rows(database, world.team)
    answer = await api.post("/v1/clients", json={"name": "Tom", "phone": phone, "zone": "UTC"}, headers=world.sams)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/phone"
    assert await _rows(database, world.team) == before


async def test_every_wrong_field_is_named_at_once(api: AsyncClient, world: World) -> None:
    body = {"name": " ", "phone": "555", "email": "nobody", "zone": "CET"}
    answer = await api.post("/v1/clients", json=body, headers=world.sams)
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/name", "/phone", "/email", "/zone"]


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"score": 4', ""),
        (b'{"score": 1e400}', ""),
        (b'{"score": "\xff"}', ""),
        (b'{"score": 4, "note": "a\\u0000b"}', "/note"),
        (b'{"score": 4, "note": "\\ud800"}', ""),
        (b"[" * 100_000 + b"]" * 100_000, ""),
        (b'{"score": ' + b"[" * 40 + b"]" * 40 + b"}", ""),
        (b"", ""),
        (b'{"score": 4, "sites": [{"site": "elbow"}]}', "/sites/0/site"),
        (b'{"score": 4, "aggravators": ["tuba"]}', "/aggravators/0"),
        (b'{"score": 4, "mood": 1}', "/mood"),
        (b'{"score": 4, "day": "2026-02-30"}', "/day"),
        (b'{"score": 4, "done_at": "2026-03-10T10:00:00"}', "/done_at"),
    ],
)
async def test_a_body_that_cannot_be_read_or_meant(
    api: AsyncClient, database: Database, world: World, raw: bytes, pointer: str
) -> None:
    before = await _rows(database, world.team)
    headers = world.mine | {"Content-Type": "application/json"}
    answer = await api.put(_pain(world), content=raw, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await _rows(database, world.team) == before


async def test_a_body_over_one_megabyte(api: AsyncClient, database: Database, world: World) -> None:
    before = await _rows(database, world.team)
    raw = b'{"score": 4, "note": "' + b"a" * 1_000_001 + b'"}'
    answer = await api.put(_pain(world), content=raw, headers=world.mine | {"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:clamshell:problem:too-large"
    assert await _rows(database, world.team) == before


async def test_a_form_where_json_is_asked_for(api: AsyncClient, world: World) -> None:
    answer = await api.put(_pain(world), data={"score": "4"}, headers=world.mine)
    assert answer.status_code == 422


async def test_a_page_that_does_not_exist_shows_a_way_back(api: AsyncClient) -> None:
    answer = await api.get("/no-such-page", headers={"Accept-Language": "es"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/"' in answer.text


async def test_a_request_from_another_sites_page_is_refused(api: AsyncClient, database: Database, world: World) -> None:
    before = await _rows(database, world.team)
    headers = world.mine | {"Origin": "https://evil.example"}
    assert (await api.put(_pain(world), json={"score": 4}, headers=headers)).status_code == 403
    assert await _rows(database, world.team) == before


@pytest.mark.parametrize("origin", ["http://[::1", "null", "http://evil.example:99999", "http://test\u2100"])
async def test_an_origin_that_cannot_be_read_is_refused(
    api: AsyncClient, database: Database, world: World, origin: str
) -> None:
    before = await _rows(database, world.team)
    headers = {name.encode(): value.encode() for name, value in {**world.mine, "Origin": origin}.items()}
    assert (await api.put(_pain(world), json={"score": 4}, headers=headers)).status_code == 403
    assert await _rows(database, world.team) == before


async def test_the_clock_of_the_phone_is_kept_beside_ours(api: AsyncClient, world: World) -> None:
    told = "2026-03-10T09:00:00-05:00"
    answer = await api.put(_pain(world), json={"score": 4, "done_at": told}, headers=world.mine)
    assert answer.json()["done_at"] == "2026-03-10T14:00:00Z"
    assert answer.json()["received_at"] == NOW.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "told",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2025-02-03T14:59:59Z",
        "2026-03-11T15:00:01Z",
    ],
)
async def test_a_time_that_the_phone_cannot_mean(api: AsyncClient, database: Database, world: World, told: str) -> None:
    before = await _rows(database, world.team)
    record = f"/v1/clients/{world.client.id}"
    for path, body in (
        (f"{record}/pain-entries/{uuid4()}", {"score": 4}),
        (f"{record}/sessions/{uuid4()}", {"outcome": "done"}),
        (f"{record}/habits/{world.plan.habits[0].id}/days/{TODAY}", {"value": True}),
    ):
        answer = await api.put(path, json={**body, "done_at": told}, headers=world.mine)
        assert answer.status_code == 422, answer.text
        [problem] = answer.json()["errors"]
        assert (problem["pointer"], problem["message"]) == ("/done_at", "Use a time of the last 400 days.")
    assert await _rows(database, world.team) == before
