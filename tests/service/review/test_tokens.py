"""Tokens of programs: made by an owner, shown once, good for so long and for so much."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.accounts.rules.tokens import CALLS_A_MINUTE
from service.accounts.sign_in import count_try
from service.database.tenancy import Database
from tests.conftest import Clock
from tests.make import NOW
from tests.service.review.browsing import World, look, rows, send, words

pytestmark = pytest.mark.anyio
FORM = {"name": "Weekly report", "scopes": "see_record", "days": "30"}


async def made(api: AsyncClient, world: World, **fields: str) -> str:
    answer = await send(api, world, "/tokens", {**FORM, **fields}, "owner")
    found = re.search(r"clam_[0-9a-f]{32}\.[\w-]{43}", answer.text)
    assert (answer.status_code, bool(found)) == (200, True), words(answer.text)
    assert found
    return found[0]


async def call(api: AsyncClient, token: str, path: str = "/v1/caseload", **more: Any) -> Response:
    return await api.request(more.pop("method", "GET"), path, headers={"Authorization": f"Bearer {token}"}, **more)


async def test_a_token_is_shown_once_and_opens_its_clinic_until_it_is_revoked(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    token = await made(api, world)
    assert (await call(api, token)).status_code == 200
    assert (await call(api, token, f"/v1/clients/{world.maria.id}/diary")).status_code == 200
    theirs = await call(api, token, f"/v1/clients/{world.clients['Stranger'].id}/diary")
    assert theirs.status_code == 404
    page = await look(api, world, "/tokens", "owner")
    secret = token.partition(".")[2]
    assert secret not in page.text
    assert all(part in words(page.text) for part in ("Weekly report", secret[:6], "Last used on"))
    kept = str(await rows(database, world, "SELECT * FROM api_token"))
    assert secret not in kept
    [(token_id,)] = await rows(database, world, "SELECT id FROM api_token")
    await send(api, world, f"/tokens/{token_id}/revoke", who="owner", page="/tokens")
    answer = await call(api, token)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    trail = "SELECT action FROM audit_entry WHERE record_kind = 'api_token' ORDER BY action"
    assert await rows(database, world, trail) == [("make",), ("revoke",)]


async def test_only_an_owner_makes_tokens_and_a_token_makes_none(api: AsyncClient, world: World) -> None:
    for who in ("therapist", "front desk", "client"):
        assert (await look(api, world, "/tokens", who)).status_code == 403
        assert (await api.post("/tokens", data=FORM, headers=world.headers[who])).status_code == 403
    token = await made(api, world, scopes="settings", write="yes")
    for path in ("/tokens", "/team", "/caseload", "/security"):
        assert (await call(api, token, path)).status_code == 403
    # In the place of a cookie it is nothing at all.
    assert (await api.get("/tokens", headers={"Cookie": f"clamshell_session={token}"})).status_code == 302


async def test_what_a_token_may_not_is_refused_as_a_problem(api: AsyncClient, world: World) -> None:
    token = await made(api, world)
    entry = f"/v1/clients/{world.maria.id}/pain-entries/0190c0de-0000-7000-8000-000000000001"
    refused = [
        await call(api, token, "/v1/clients"),
        await call(api, token, "/v1/digest"),
        await call(api, token, "/v1/sign-out", method="POST"),
        await call(api, token, entry, method="PUT", json={"score": 4}),
    ]
    assert [answer.json()["type"] for answer in refused] == ["urn:clamshell:problem:forbidden"] * 4
    writing = await made(api, world, write="yes")
    assert (await call(api, writing, entry, method="PUT", json={"score": 4})).status_code in (200, 201)


async def test_a_token_ends_with_its_time_with_the_role_and_with_the_work_of_who_made_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    token = await made(api, world, scopes="settings")
    olga, sam = world.team.owner_id, world.team.therapist_id
    await send(api, world, f"/team/{sam}/role", {"role": "owner"}, "owner", page=f"/team/{sam}")
    await send(api, world, f"/team/{olga}/role", {"role": "therapist"}, page=f"/team/{olga}")
    assert (await call(api, token, "/v1/settings")).status_code == 403
    await send(api, world, f"/team/{olga}/role", {"role": "owner"}, page=f"/team/{olga}")
    assert (await call(api, token, "/v1/settings")).status_code == 200
    clock.now = NOW + timedelta(days=30)
    assert (await call(api, token, "/v1/settings")).status_code == 401
    clock.now = NOW
    await send(api, world, f"/team/{olga}/end", page=f"/team/{olga}")
    assert (await call(api, token, "/v1/settings")).status_code == 401
    assert await rows(database, world, "SELECT count(*) FROM api_token WHERE revoked_at IS NULL") == [(0,)]


async def test_what_cannot_be_is_said_at_its_field_and_stays_typed(
    api: AsyncClient, database: Database, world: World
) -> None:
    wrong = {"name": " ", "days": "31", "scopes": "own_record", "write": "yes"}
    answer = await send(api, world, "/tokens", wrong, "owner")
    page = words(answer.text)
    assert answer.status_code == 422
    for said in ("Use 1 to 60 letters", "Choose what the program may do.", "Choose how long it works."):
        assert said in page
    assert 'name="write" value="yes" checked' in answer.text
    assert await rows(database, world, "SELECT count(*) FROM api_token") == [(0,)]


async def test_a_program_that_calls_too_often_is_told_when_to_go_on(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    token = await made(api, world)
    [(token_id,)] = await rows(database, world, "SELECT id FROM api_token")
    async with database.installation_tx() as connection:
        for _ in range(CALLS_A_MINUTE - 1):
            parts = ["token", token_id.hex]
            await count_try(connection, parts, CALLS_A_MINUTE, timedelta(minutes=1), NOW + timedelta(seconds=20))
    clock.now = NOW + timedelta(seconds=20)
    assert (await call(api, token)).status_code == 200
    answer = await call(api, token)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
    assert answer.json()["type"] == "urn:clamshell:problem:too-many"
    clock.now = NOW + timedelta(minutes=1)
    assert (await call(api, token)).status_code == 200
