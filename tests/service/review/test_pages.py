"""The pages of staff: who may see what, and that looking changes nothing."""

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts import queries as accounts
from service.database.tenancy import Database
from tests import told
from tests.make import NOW, PASSWORD, Team
from tests.service.review.browsing import COOKIE, World, count, look, send, token_in, value_of, words

pytestmark = pytest.mark.anyio


async def email_of(database: Database, team: Team) -> str:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await accounts.staff(session, team.therapist_id)).email


async def test_staff_sign_in_with_a_password_and_out_again(api: AsyncClient, database: Database, world: World) -> None:
    assert "Staff sign-in" in words((await api.get("/staff/sign-in")).text)
    form = {"email": await email_of(database, world.team), "password": PASSWORD}
    answer = await api.post("/staff/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    set_cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in set_cookie
    assert "samesite=lax" in set_cookie
    assert "max-age=43200" in set_cookie
    headers = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    api.cookies.clear()
    assert (await api.get("/staff", headers=headers)).headers["location"] == "/caseload"
    page = await api.get("/caseload", headers=headers)
    assert page.status_code == 200
    assert (await api.post("/staff/sign-out", headers=headers)).status_code == 403
    out = await api.post("/staff/sign-out", data={"csrf": token_in(page.text)}, headers=headers)
    assert (out.status_code, out.headers["location"]) == (303, "/staff/sign-in")
    again = await api.get("/caseload", headers=headers)
    assert (again.status_code, again.headers["location"]) == (302, "/staff/sign-in")


async def test_a_wrong_password_and_an_unknown_email_answer_alike_and_keep_the_email(
    api: AsyncClient, database: Database, world: World
) -> None:
    known = await email_of(database, world.team)
    pages = []
    for email in (known, "nobody@clinic.example"):
        answer = await api.post("/staff/sign-in", data={"email": email, "password": "wrong horse battery"})
        assert answer.status_code == 401
        assert value_of(answer.text, "email") == email
        assert "set-cookie" not in answer.headers
        # What a passkey would answer is another one on each page.
        pages.append(re.sub('data-options="[^"]*"', "", answer.text.replace(email, "")))
    assert pages[0] == pages[1]
    assert "do not go together" in pages[0]


PAGES = ("/caseload", "/clients/MARIA", "/clients/MARIA/plan/new")


@pytest.mark.parametrize("path", PAGES)
async def test_own_therapist_and_owner_see_the_record_others_do_not(api: AsyncClient, world: World, path: str) -> None:
    seen = {who: (await look(api, world, path, who)).status_code for who in world.headers}
    stranger = 200 if path == "/caseload" else 404
    assert seen == {
        "therapist": 200,
        "owner": 200,
        "front desk": 403,
        "client": 403,
        "stranger": stranger,
    }
    signed_out = await api.get(path.replace("MARIA", str(world.maria.id)))
    assert (signed_out.status_code, signed_out.headers["location"]) == (302, "/staff/sign-in")


@pytest.mark.parametrize("name", ["Rita", "Stranger"])
@pytest.mark.parametrize("path", ["", "/plan/new"])
async def test_somebody_elses_client_looks_like_a_random_id(
    api: AsyncClient, world: World, name: str, path: str
) -> None:
    theirs = await look(api, world, f"/clients/{world.clients[name].id}{path}")
    nobody = await look(api, world, f"/clients/{uuid4()}{path}")
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.content == nobody.content


@pytest.mark.parametrize("path", [*PAGES, "/clients/new"])
async def test_looking_writes_nothing_but_who_looked(
    api: AsyncClient, database: Database, world: World, path: str
) -> None:
    with told.statements(database) as sent:
        assert (await look(api, world, path)).status_code == 200
    writes = [s for s in sent if re.match(r"\s*(INSERT|UPDATE|DELETE)", s)]
    assert {re.findall(r"INTO (\w+)", s)[0] for s in writes} <= {"audit_entry"}


POSTS = ("/caseload/MARIA/seen", "/caseload/MARIA/snooze", "/clients/new", "/clients/MARIA/plan/new")


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_its_token_is_refused_and_changes_nothing(
    api: AsyncClient, database: Database, world: World, path: str
) -> None:
    path = path.replace("MARIA", str(world.maria.id))
    form = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3", "name": "X", "starts_on": "2026-03-10"}
    for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = await api.post(path, data=form | token, headers=world.headers["therapist"])
        assert answer.status_code == 403
    tables = ("review_mark", "plan", "client")
    assert [await count(database, world.team, table) for table in tables] == [0, 0, 2]


@pytest.mark.parametrize("path", POSTS[:2] + POSTS[3:])
@pytest.mark.parametrize("name", ["Rita", "Stranger"])
async def test_a_form_about_somebody_elses_client_finds_nobody(
    api: AsyncClient, database: Database, world: World, path: str, name: str
) -> None:
    form = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3", "item_glu-squeeze": "on"}
    path = path.replace("MARIA", str(world.clients[name].id))
    answer = await send(api, world, path, form, page="/caseload")
    assert answer.status_code == 404
    assert await count(database, world.team, "review_mark") == 0
    assert await count(database, world.team, "plan") == 0
