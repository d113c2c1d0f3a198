from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts import sign_in
from service.accounts.queries import staff
from service.accounts.tables import Client
from service.database.tenancy import Database
from tests.conftest import Clock, Urls, signed_in
from tests.make import NOW, PASSWORD, WORDING, Team, make_client, make_team

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database, stocked=False)


@pytest.fixture(scope="module")
async def maria(database: Database, team: Team) -> Client:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return await make_client(session, team.therapist_id, phone="+12025550199", email="maria@mail.example")


async def _email(database: Database, team: Team) -> str:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await staff(session, team.therapist_id)).email


async def _codes(database: Database, team: Team) -> list[str]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        rows = await session.execute(text("SELECT params FROM message WHERE kind = 'sign_in_code' ORDER BY created_at"))
        return [row.params["code"] for row in rows]


async def test_staff_sign_in_opens_a_session(api: AsyncClient, database: Database, team: Team) -> None:
    answer = await api.post("/v1/sign-in", json={"email": await _email(database, team), "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["kind"] == "staff"
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await api.get("/v1/clients", headers=headers)).status_code == 200


async def test_a_wrong_password_and_an_unknown_email_answer_alike(
    api: AsyncClient, database: Database, team: Team
) -> None:
    wrong = await api.post("/v1/sign-in", json={"email": await _email(database, team), "password": "not it"})
    unknown = await api.post("/v1/sign-in", json={"email": "nobody@clinic.example", "password": "not it"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content


async def test_a_stranger_guesses_ten_times_a_day(api: AsyncClient, clock: Clock) -> None:
    clock.now = NOW + timedelta(days=2)
    body = {"email": "guessed@clinic.example", "password": "not it"}
    answers = [(await api.post("/v1/sign-in", json=body)).status_code for _ in range(10)]
    assert answers == [401] * 10
    refused = await api.post("/v1/sign-in", json=body)
    assert refused.status_code == 429
    # Tries are counted by UTC day; at 15:00 nine hours are left.
    assert refused.headers["retry-after"] == str(9 * 3600)
    clock.now += timedelta(days=1)
    assert (await api.post("/v1/sign-in", json=body)).status_code == 401


async def test_a_staff_session_ends_after_an_idle_hour(
    api: AsyncClient, database: Database, team: Team, clock: Clock
) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    clock.now = NOW + timedelta(minutes=50)
    assert (await api.get("/v1/clients", headers=headers)).status_code == 200
    clock.now = NOW + timedelta(minutes=100)
    assert (await api.get("/v1/clients", headers=headers)).status_code == 200
    clock.now = NOW + timedelta(minutes=161)
    assert (await api.get("/v1/clients", headers=headers)).status_code == 401


async def test_a_client_stays_signed_in_for_180_days(
    api: AsyncClient, database: Database, team: Team, maria: Client, clock: Clock
) -> None:
    headers = await signed_in(database, team.clinic_id, client_id=maria.id)
    clock.now = NOW + timedelta(days=179)
    assert (await api.get(f"/v1/clients/{maria.id}", headers=headers)).status_code == 200
    clock.now = NOW + timedelta(days=179 + 181)
    assert (await api.get(f"/v1/clients/{maria.id}", headers=headers)).status_code == 401


async def test_signing_out_ends_the_session(api: AsyncClient, database: Database, team: Team) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    assert (await api.post("/v1/sign-out", headers=headers)).status_code == 204
    assert (await api.get("/v1/clients", headers=headers)).status_code == 401


async def test_a_token_of_another_clinic_opens_nothing(api: AsyncClient, database: Database, team: Team) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    secret = headers["Authorization"].partition(".")[2]
    forged = {"Authorization": f"Bearer {uuid4().hex}.{secret}"}
    assert (await api.get("/v1/clients", headers=forged)).status_code == 401


async def test_a_client_signs_in_with_the_code_we_sent(
    api: AsyncClient, database: Database, team: Team, maria: Client
) -> None:
    assert (await api.post("/v1/sign-in/code", json={"address": "maria@mail.example"})).status_code == 202
    code = (await _codes(database, team))[-1]
    body = {"address": "maria@mail.example", "code": code}
    answer = await api.post("/v1/sign-in/code/check", json=body)
    assert answer.status_code == 200
    assert answer.json()["person_id"] == str(maria.id)
    assert (await api.post("/v1/sign-in/code/check", json=body)).status_code == 401


async def test_asking_for_a_code_tells_nothing_about_who_is_known(
    api: AsyncClient, database: Database, team: Team, maria: Client
) -> None:
    known = await api.post("/v1/sign-in/code", json={"address": "maria@mail.example"})
    before = await _codes(database, team)
    unknown = await api.post("/v1/sign-in/code", json={"address": "nobody@mail.example"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert await _codes(database, team) == before


async def test_a_code_is_dead_after_five_wrong_tries(
    api: AsyncClient, database: Database, team: Team, maria: Client
) -> None:
    await api.post("/v1/sign-in/code", json={"address": "+12025550199"})
    code = (await _codes(database, team))[-1]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        body = {"address": "+12025550199", "code": wrong}
        assert (await api.post("/v1/sign-in/code/check", json=body)).status_code == 401
    right = await api.post("/v1/sign-in/code/check", json={"address": "+12025550199", "code": code})
    assert right.status_code == 401


async def test_a_code_lives_ten_minutes(
    api: AsyncClient, database: Database, team: Team, maria: Client, clock: Clock
) -> None:
    await api.post("/v1/sign-in/code", json={"address": "maria@mail.example"})
    clock.now = NOW + timedelta(minutes=10)
    body = {"address": "maria@mail.example", "code": (await _codes(database, team))[-1]}
    assert (await api.post("/v1/sign-in/code/check", json=body)).status_code == 401


async def test_a_new_client_is_kept_with_the_words_agreed_to(api: AsyncClient, database: Database, team: Team) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    body = {"name": "Tom", "zone": "America/New_York", "phone": "(202) 555-0142", "consent": {"sms": WORDING}}
    answer = await api.post("/v1/clients", json=body, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["contact_points"] == [{"channel": "sms", "address": "+12025550142"}]
    assert answer.json()["consents"] == [{"channel": "sms", "wording": WORDING, "given_at": "2026-03-10T15:00:00Z"}]
    assert (await api.get(answer.headers["location"], headers=headers)).json() == answer.json()


async def test_who_may_see_a_client(api: AsyncClient, database: Database, team: Team, maria: Client) -> None:
    elsewhere = await make_team(database, stocked=False)
    seen = {}
    for who, clinic, staff_id in (
        ("own therapist", team, team.therapist_id),
        ("owner", team, team.owner_id),
        ("herself", team, None),
        ("another therapist", team, team.other_therapist_id),
        ("a stranger's owner", elsewhere, elsewhere.owner_id),
    ):
        client_id = None if staff_id else maria.id
        headers = await signed_in(database, clinic.clinic_id, staff_id=staff_id, client_id=client_id)
        seen[who] = (await api.get(f"/v1/clients/{maria.id}", headers=headers)).status_code
    seen["nobody"] = (await api.get(f"/v1/clients/{maria.id}")).status_code
    assert seen == {
        "own therapist": 200,
        "owner": 200,
        "herself": 200,
        "another therapist": 404,
        "a stranger's owner": 404,
        "nobody": 401,
    }


async def test_every_look_at_a_record_is_audited(
    api: AsyncClient, database: Database, team: Team, maria: Client
) -> None:
    headers = await signed_in(database, team.clinic_id, staff_id=team.owner_id)
    await api.get(f"/v1/clients/{maria.id}", headers=headers)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        rows = await session.execute(
            text("SELECT actor_id, channel FROM audit_entry WHERE client_id = :id AND action = 'read'"),
            {"id": maria.id},
        )
        assert (team.owner_id, "api") in [tuple(row) for row in rows]


async def test_no_database_connection_waits_while_a_password_is_checked(
    api: AsyncClient, database: Database, team: Team, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[int] = []
    checked = sign_in.password_matches

    async def watched(password_hash: str | None, password: str) -> bool:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        with psycopg.connect(urls.owner) as connection:
            [[count]] = connection.execute(statement).fetchall()
        waiting.append(count)
        return await checked(password_hash, password)

    monkeypatch.setattr(sign_in, "password_matches", watched)
    answer = await api.post("/v1/sign-in", json={"email": await _email(database, team), "password": PASSWORD})
    assert (answer.status_code, waiting) == (200, [0])
