"""The ways to sign in that a person keeps, and the sign-ins that are open: added, named, taken away, and ended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.rules.factors import secret_letters
from service.database.tenancy import Database
from service.settings import Settings
from tests.conftest import Clock
from tests.make import NOW
from tests.service.review.browsing import COOKIE, World, look, rows, send, token_in, value_of, words
from tests.service.review.signing_in import MINUTE, add_app, add_passkey, email_of, secret_in, type_password, use

pytestmark = pytest.mark.anyio


async def test_ways_to_sign_in_are_listed_renamed_and_removed_but_the_last(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await add_app(api, world, clock)
    passkey = await add_passkey(api, world)
    [(app,), (key,)] = await rows(database, world, "SELECT id FROM staff_factor ORDER BY kind")
    page = words((await look(api, world, "/security")).text)
    assert "My phone" in page
    assert "Laptop" in page
    answer = await send(api, world, f"/security/factors/{key}/name", {"name": " "}, page="/security")
    assert (answer.status_code, "Use 1 to 60 letters" in words(answer.text)) == (422, True)
    await send(api, world, f"/security/factors/{key}/name", {"name": "Desk"}, page="/security")
    assert "Desk" in words((await look(api, world, "/security")).text)
    # A colleague's is as good as none.
    for what in ("name", "remove"):
        foreign = await send(api, world, f"/security/factors/{key}/{what}", {"name": "x"}, "owner", page="/security")
        assert foreign.status_code == 404
    assert (await send(api, world, f"/security/factors/{key}/remove", page="/security")).status_code == 303
    assert (await use(api, passkey)).status_code == 401
    last = await send(api, world, f"/security/factors/{app}/remove", page="/security")
    assert (last.status_code, "This is the last one." in words(last.text)) == (422, True)


async def test_a_wrong_code_keeps_the_square_and_what_is_no_secret_is_not_taken(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    page = (await look(api, world, "/security/app")).text
    form = {"secret": value_of(page, "secret"), "name": "Old phone", "code": "12"}
    answer = await api.post("/security/app", data={**form, "csrf": token_in(page)}, headers=world.headers["therapist"])
    assert answer.status_code == 422
    assert secret_in(answer.text) == secret_in(page)
    assert value_of(answer.text, "name") == "Old phone"
    for secret in ("", "AAAA", "1" * 32, "A" * 40):
        spoiled = {**form, "secret": secret, "csrf": token_in(page)}
        again = await api.post("/security/app", data=spoiled, headers=world.headers["therapist"])
        assert again.headers["location"] == "/security/app"
    assert await rows(database, world, "SELECT count(*) FROM staff_factor") == [(0,)]


async def test_the_secret_of_an_app_stands_nowhere_in_clear(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    [(kept,)] = await rows(database, world, "SELECT secret FROM staff_factor")
    assert secret not in bytes(kept)
    assert secret_letters(secret).encode() not in bytes(kept)


async def test_after_two_weeks_a_password_alone_opens_only_where_another_way_is_added(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    page = words((await look(api, world, "/caseload")).text)
    assert "Add a second way to sign in by" in page
    clock.now = NOW + timedelta(days=14, minutes=1)
    email = await email_of(database, world)
    assert (await type_password(api, email)).headers["location"] == "/staff"
    token = api.cookies[COOKIE]
    world.headers["therapist"] = {"Cookie": f"{COOKIE}={token}"}
    assert (await look(api, world, "/caseload")).headers["location"] == "/security"
    answer = await api.get("/v1/caseload", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:clamshell:problem:factor-needed")
    assert "A password alone is not enough here any more." in words((await look(api, world, "/security")).text)
    await add_app(api, world, clock)
    assert (await look(api, world, "/caseload")).status_code == 200


async def test_a_person_ends_their_sign_ins_and_nobody_elses(
    api: AsyncClient, database: Database, world: World
) -> None:
    await type_password(api, await email_of(database, world))
    elsewhere = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    api.cookies.clear()
    assert (await api.get("/caseload", headers=elsewhere)).status_code == 200
    [(olgas,)] = await rows(
        database,
        world,
        "SELECT s.id FROM sign_in_session s JOIN staff t ON t.id = s.staff_id WHERE t.name = 'Olga'",
    )
    assert (await send(api, world, f"/security/sessions/{olgas}", page="/security")).status_code == 404
    await send(api, world, "/security/sessions/others", page="/security")
    assert (await api.get("/caseload", headers=elsewhere)).status_code == 302
    assert (await look(api, world, "/caseload")).status_code == 200
    assert (await look(api, world, "/caseload", "owner")).status_code == 200


async def test_who_lost_phone_and_codes_is_let_back_in_by_an_owner(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey, path = await add_passkey(api, world), f"/team/{world.team.therapist_id}"
    assert "Lost their phone" in words((await look(api, world, path, "owner")).text)
    answer = await send(api, world, f"{path}/factors", {}, "owner", page=path)
    assert answer.headers["location"] == "/team?done=reset"
    assert (await look(api, world, "/caseload")).headers["location"] == "/staff/sign-in"
    assert (await use(api, passkey)).status_code == 401
    clock.now = NOW + MINUTE
    assert (await type_password(api, await email_of(database, world))).headers["location"] == "/staff"
    world.headers["therapist"] = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    assert (await look(api, world, "/caseload")).headers["location"] == "/security"
    await add_app(api, world, clock)
    assert (await look(api, world, "/caseload")).status_code == 200


async def test_all_ends_with_the_work_and_what_the_person_gave_out(
    api: AsyncClient, database: Database, world: World, settings: Settings, clock: Clock
) -> None:
    sam, robin = world.team.therapist_id, world.team.other_therapist_id
    passkey = await add_passkey(api, world)
    email = await email_of(database, world)
    path = f"/team/{sam}"
    await send(api, world, f"{path}/role", {"role": "owner"}, "owner", page=path)
    await send(api, world, "/team", {"name": "Nina", "email": f"{uuid4().hex}@mail.example", "role": "owner"})
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    await type_password(api, email)
    half = api.cookies[COOKIE]
    answer = await send(api, world, f"{path}/end", {"heir": str(robin)}, "owner", page=path)
    assert answer.headers["location"] == "/team?done=ended"
    opened = "SELECT count(*) FROM sign_in_session WHERE revoked_at IS NULL AND staff_id = "
    assert await rows(database, world, f"{opened}'{sam}'") == [(0,)]
    assert await rows(database, world, "SELECT count(*) FROM staff_factor WHERE removed_at IS NULL") == [(0,)]
    links = "SELECT count(*) FROM staff_invite WHERE used_at IS NULL AND revoked_at IS NULL"
    assert await rows(database, world, links) == [(0,)]
    waiting = "SELECT count(*) FROM digest_mail WHERE state = 'queued' AND kind IN ('invite', 'sign_in')"
    assert await rows(database, world, waiting) == [(0,)]
    assert (await look(api, world, "/caseload")).headers["location"] == "/staff/sign-in"
    assert (await use(api, passkey)).status_code == 401
    assert (await type_password(api, email)).status_code == 401
    api.cookies.set(COOKIE, half)
    assert (await api.get("/staff/sign-in/second-step")).headers["location"] == "/staff/sign-in"
