"""The pages of staff: who may see what, and that looking changes nothing."""

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests import told
from tests.make import NOW
from tests.service.review.browsing import World, count, look, send

pytestmark = pytest.mark.anyio

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
