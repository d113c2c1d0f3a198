"""The morning after a session: once a day, about the session of the day before and no other."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import TODAY, Team, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
async def maria(database: Database, team: Team) -> Client:
    """Did her exercises the day before yesterday and yesterday, and skipped three days ago."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        await make_plan(session, client, starts_on=TODAY - timedelta(days=10))
    for back, outcome in ((1, "done"), (2, "done"), (3, "skipped")):
        await told.did(database, client, TODAY - timedelta(days=back), outcome)
    return client


@pytest.fixture
async def mine(database: Database, team: Team, maria: Client) -> dict[str, str]:
    return await signed_in(database, team.clinic_id, client_id=maria.id)


async def tell(api: AsyncClient, client: Client, headers: dict[str, str], day: date, **body: object) -> Response:
    fields = {"response": "same", "score": 3} | body
    return await api.put(f"/v1/clients/{client.id}/mornings/{day}", json=fields, headers=headers)


async def test_it_is_tied_to_the_session_of_the_day_before_and_corrected_in_place(
    api: AsyncClient, maria: Client, mine: dict[str, str]
) -> None:
    first = (await tell(api, maria, mine, TODAY)).json()
    again = (await tell(api, maria, mine, TODAY)).json()
    assert (first, first["revision"]) == (again, 1)
    corrected = (await tell(api, maria, mine, TODAY, response="worse", score=6)).json()
    assert (corrected["id"], corrected["revision"], corrected["score"]) == (first["id"], 2, 6)
    diary = (await api.get(f"/v1/clients/{maria.id}/diary", headers=mine)).json()
    days = {session["id"]: session["day"] for session in diary["sessions"]}
    assert [(m["day"], m["response"], days[m["session_id"]]) for m in diary["mornings"]] == [
        (TODAY.isoformat(), "worse", YESTERDAY.isoformat())
    ]
    kept = await api.get(f"/v1/clients/{maria.id}/diary/morning_after/{first['id']}/revisions", headers=mine)
    assert [(r["revision"], r["body"]["response"], r["body"]["score"]) for r in kept.json()["data"]] == [(1, "same", 3)]


async def test_what_cannot_be_right_is_refused_by_field_and_changes_nothing(
    api: AsyncClient, maria: Client, mine: dict[str, str]
) -> None:
    rows: list[tuple[date, dict[str, object], str]] = [
        (TODAY - timedelta(days=3), {}, "/day"),  # nothing the day before
        (TODAY - timedelta(days=2), {}, "/day"),  # skipped the day before
        (TODAY + timedelta(days=1), {}, "/day"),
        (TODAY - timedelta(days=8), {}, "/day"),
        (TODAY, {"score": 11}, "/score"),
        (TODAY, {"score": -1}, "/score"),
        (TODAY, {"score": 3.5}, "/score"),
        (TODAY, {"response": "fine"}, "/response"),
    ]
    answers = [await tell(api, maria, mine, day, **body) for day, body, _ in rows]
    assert [(a.status_code, a.json()["errors"][0]["pointer"]) for a in answers] == [(422, p) for _, _, p in rows]
    diary = (await api.get(f"/v1/clients/{maria.id}/diary", headers=mine)).json()
    assert diary["mornings"] == []


async def test_only_the_client_and_their_clinic_tell_it(
    api: AsyncClient, database: Database, team: Team, maria: Client, mine: dict[str, str]
) -> None:
    other = await make_team(database)
    theirs = await signed_in(database, other.clinic_id, staff_id=other.therapist_id)
    sams = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    codes = [(await tell(api, maria, who, TODAY)).status_code for who in (mine, sams, theirs)]
    assert codes == [200, 200, 404]


async def test_a_morning_is_of_this_clinics_client_only(api: AsyncClient, mine: dict[str, str]) -> None:
    answer = await api.put(
        f"/v1/clients/{uuid4()}/mornings/{TODAY}", json={"response": "same", "score": 1}, headers=mine
    )
    assert answer.status_code == 404
