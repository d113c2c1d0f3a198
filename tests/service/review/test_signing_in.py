"""Staff show who they are: by a password, by a passkey, by a code of an app or from paper, by a link in the mail."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.codes import link_token
from service.accounts.rules.factors import app_code, step_of
from service.database.tenancy import Database
from service.review.rules.team import mailed_path
from service.settings import Settings
from tests.conftest import Clock
from tests.make import NOW, PASSWORD
from tests.service.review.authenticator import PRESENT, Passkey, options
from tests.service.review.browsing import COOKIE, World, look, rows, send, token_in, value_of, words
from tests.service.review.signing_in import (
    MINUTE,
    add_app,
    add_passkey,
    codes_in,
    email_of,
    type_code,
    type_password,
    use,
)

pytestmark = pytest.mark.anyio
SECRET = b"12345678901234567890"


async def test_staff_sign_in_with_a_password_and_out_again(api: AsyncClient, database: Database, world: World) -> None:
    assert "Staff sign-in" in words((await api.get("/staff/sign-in")).text)
    answer = await type_password(api, await email_of(database, world))
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
    known = await email_of(database, world)
    pages = []
    for email in (known, "nobody@clinic.example"):
        answer = await type_password(api, email, "wrong horse battery")
        assert answer.status_code == 401
        assert value_of(answer.text, "email") == email
        assert "set-cookie" not in answer.headers
        # What a passkey would answer is another one on each page.
        pages.append(re.sub('data-options="[^"]*"', "", answer.text.replace(email, "")))
    assert pages[0] == pages[1]
    assert "do not go together" in pages[0]


async def test_a_password_opens_nothing_before_the_code_of_the_app(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, codes = await add_app(api, world, clock)
    assert len(set(codes)) == 10
    email = await email_of(database, world)
    first = await type_password(api, email)
    assert first.headers["location"] == "/staff/sign-in/second-step"
    half = api.cookies[COOKIE]
    for path in ("/caseload", "/security", f"/clients/{world.maria.id}"):
        assert (await api.get(path)).headers["location"] == "/staff/sign-in"
    assert (await api.get("/v1/caseload", headers={"Authorization": f"Bearer {half}"})).status_code == 401
    # The code that showed that the app works is used up; the one after it is good, before and after it is not.
    for code in (app_code(secret, step_of(NOW)), app_code(secret, step_of(NOW) + 5), "000000", "", "x" * 60):
        answer = await type_code(api, code)
        assert (answer.status_code, "does not match" in words(answer.text)) == (401, True)
    clock.now = NOW + MINUTE
    code = app_code(secret, step_of(clock.now))
    assert (await type_code(api, code)).headers["location"] == "/staff"
    assert api.cookies[COOKIE] != half
    assert (await api.get("/caseload")).status_code == 200
    # Each code once, and the token of the first step is gone.
    api.cookies.clear()
    api.cookies.set(COOKIE, half)
    assert (await type_code(api, code)).headers["location"] == "/staff/sign-in"
    api.cookies.clear()
    await type_password(api, email)
    assert (await type_code(api, code)).status_code == 401


async def test_a_clock_that_is_half_a_minute_wrong_still_signs_in(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    email = await email_of(database, world)
    clock.now = NOW + 10 * MINUTE
    for apart, status in ((-2, 401), (-1, 303), (1, 303), (2, 401)):
        await type_password(api, email)
        assert (await type_code(api, app_code(secret, step_of(clock.now) + apart))).status_code == status, apart


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037"), (20000000000, "353130")):
        assert app_code(SECRET, seconds // 30) == code


async def test_a_recovery_code_signs_in_once_however_it_is_typed(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    _, codes = await add_app(api, world, clock)
    email = await email_of(database, world)
    for code, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 401), (codes[1], 303)):
        await type_password(api, email)
        assert (await type_code(api, code)).status_code == status
    page = await look(api, world, "/security")
    assert "8 of 10 left." in words(page.text)
    assert not codes_in(page.text)
    # New ones take the place of the old ones, and only a hash of each is kept.
    fresh = codes_in((await send(api, world, "/security/codes", page="/security")).text)
    assert len(set(fresh) - set(codes)) == 10
    await type_password(api, email)
    assert (await type_code(api, codes[2])).status_code == 401
    assert (await type_code(api, fresh[2])).status_code == 303
    kept = str(await rows(database, world, "SELECT code_hash FROM recovery_code"))
    assert not any(code in kept for code in fresh)


async def test_a_passkey_alone_signs_in_and_says_whose_it_is(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey = await add_passkey(api, world)
    clock.now = NOW + MINUTE
    assert (await use(api, passkey)).headers["location"] == "/staff"
    assert "Sam" in words((await api.get("/caseload")).text)
    [(kind, name, counter, used)] = await rows(
        database, world, "SELECT kind, name, counter, last_used_at FROM staff_factor"
    )
    assert (kind, name, counter, used) == ("passkey", "Laptop", 1, clock.now)
    # After a password it is the second step.
    await type_password(api, await email_of(database, world))
    assert (await use(api, passkey, "/staff/sign-in/second-step")).headers["location"] == "/staff"


async def test_what_no_passkey_of_ours_says_signs_nobody_in(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey = await add_passkey(api, world)
    asked = options((await api.get("/staff/sign-in")).text, "get")
    good = passkey.get(asked)
    assert (await api.post("/staff/sign-in/passkey", data={"passkey": good})).status_code == 303
    api.cookies.clear()

    async def refused(said: str) -> bool:
        answer = await api.post("/staff/sign-in/passkey", data={"passkey": said})
        return answer.status_code == 401 and "set-cookie" not in answer.headers

    async def fresh() -> Any:
        return options((await api.get("/staff/sign-in")).text, "get")

    other, copied = Passkey(user=passkey.user, id=passkey.id), passkey.counter
    assert await refused(good), "answered twice"
    assert await refused(other.get(await fresh())), "another key"
    assert await refused(Passkey(user=passkey.user).get(await fresh())), "another name"
    for wrong in ({"origin": "https://evil.example"}, {"flags": PRESENT}, {"counter": copied - 1}):
        spoiled = Passkey(passkey.key, passkey.id, passkey.user, passkey.counter)
        for name, value in wrong.items():
            setattr(spoiled, name, value)
        assert await refused(spoiled.get(await fresh())), wrong
    made_up = await fresh() | {"challenge": "A" * 54}
    assert await refused(passkey.get(made_up)), "a challenge that is not ours"
    old = await fresh()
    clock.now = NOW + timedelta(hours=2)
    assert await refused(passkey.get(old)), "a page of two hours ago"
    for junk in ("", "{}", "[1]", '{"id": 1}', "x" * 5000, '{"response": {"clientDataJSON": "AAAA"}}'):
        assert await refused(junk)


async def mailed(database: Database, world: World, settings: Settings) -> str:
    statement = "SELECT id FROM digest_mail WHERE kind = 'sign_in' AND state = 'queued'"
    *_, (mail_id,) = await rows(database, world, statement)
    return mailed_path(world.team.clinic_id, link_token(settings.secret_key, "sign_in", mail_id))


async def test_a_link_by_email_takes_the_place_of_the_password_once_and_the_second_step_stays(
    api: AsyncClient, database: Database, world: World, settings: Settings, clock: Clock
) -> None:
    email = await email_of(database, world)
    answers = [await api.post("/staff/sign-in/by-mail", data={"email": one}) for one in (email, "x" + email)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text.replace("x" + email, email)
    path = await mailed(database, world, settings)
    assert await rows(database, world, "SELECT count(*) FROM digest_mail WHERE kind = 'sign_in'") == [(1,)]
    for _ in range(2):  # A mail server looks first.
        assert "Sign in as Sam?" in words((await api.get(path)).text)
    assert (await api.post(path)).headers["location"] == "/staff"
    api.cookies.clear()
    for answer in (await api.post(path), await api.get(path), await api.get(path + "x")):
        assert (answer.status_code, "Sam" in answer.text) == (410, False)
    secret, _ = await add_app(api, world, clock)
    clock.now = NOW + MINUTE
    await rows(database, world, "UPDATE digest_mail SET state = 'sent' WHERE kind = 'sign_in' RETURNING 1")
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    first = await mailed(database, world, settings)
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    path = await mailed(database, world, settings)
    assert (await api.get(first)).status_code == 410, "a newer one was sent"
    assert (await api.post(path)).headers["location"] == "/staff/sign-in/second-step"
    assert (await type_code(api, app_code(secret, step_of(clock.now)))).headers["location"] == "/staff"
    await rows(database, world, "UPDATE digest_mail SET state = 'sent' WHERE state = 'queued' RETURNING 1")
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    path = await mailed(database, world, settings)
    clock.now += 16 * MINUTE
    assert (await api.post(path)).status_code == 410


async def test_the_api_takes_the_second_step_too(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    body = {"email": await email_of(database, world), "password": PASSWORD}
    first = (await api.post("/v1/sign-in", json=body)).json()
    assert first["needs"] == "second_step"
    half = {"Authorization": f"Bearer {first['token']}"}
    wrong = await api.post("/v1/sign-in/second-step", json={"code": "000000"}, headers=half)
    assert (wrong.status_code, wrong.json()["type"]) == (401, "urn:clamshell:problem:sign-in-needed")
    clock.now = NOW + MINUTE
    code = {"code": app_code(secret, step_of(clock.now))}
    second = await api.post("/v1/sign-in/second-step", json=code, headers=half)
    assert second.status_code == 200
    full = {"Authorization": f"Bearer {second.json()['token']}"}
    assert (await api.get("/v1/caseload", headers=full)).status_code == 200
    assert "needs" not in second.json()


async def test_whoever_signs_in_anew_leaves_no_session_behind_in_the_browser(
    api: AsyncClient, database: Database, world: World
) -> None:
    email = await email_of(database, world)
    await type_password(api, email)
    former = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    assert (await type_password(api, email, "not the pass phrase")).status_code == 401
    assert (await api.get("/caseload")).status_code == 200
    await type_password(api, email)
    assert (await api.get("/caseload")).status_code == 200
    api.cookies.clear()
    assert (await api.get("/caseload", headers=former)).headers["location"] == "/staff/sign-in"
