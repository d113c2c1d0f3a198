"""Signing in with a code, and out again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.accounts.actions import opt_out
from service.accounts.guards import COOKIE
from service.accounts.queries import contact_points
from service.database.tenancy import Database
from service.settings import Settings
from tests.conftest import Clock, serving
from tests.make import NOW
from tests.service.portal.conftest import Browser, Person, address_of, sent_code, shown, watched, writes

pytestmark = pytest.mark.anyio


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_code_lets_its_owner_in(api: AsyncClient, maria: Person, channel: str) -> None:
    address = await address_of(maria, channel)
    asked = await api.post("/sign-in", data={"address": f" {address} "})
    named = f"the number that ends in {address[-2:]}" if channel == "sms" else address
    assert f"We sent a code to {named}. It works for 10 minutes." in shown(asked)
    code = await sent_code(maria)
    answer = await api.post("/sign-in/code", data={"address": address, "code": f"{code[:3]} {code[3:]}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    parts = answer.headers.get_list("set-cookie")[0].split("; ")
    assert parts[0].startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=15552000"} <= set(parts)
    assert "Secure" not in parts
    assert "Hi Maria." in shown(await api.get("/today"))


async def test_over_tls_the_cookie_is_bound_to_this_host(
    settings: Settings, database: Database, clock: Clock, maria: Person
) -> None:
    secure = replace(settings, public_url="https://testserver.local")
    async with serving(secure, database, clock) as api:
        address = await address_of(maria, "sms")
        await api.post("/sign-in", data={"address": address})
        answer = await api.post("/sign-in/code", data={"address": address, "code": await sent_code(maria)})
    parts = answer.headers.get_list("set-cookie")[0].split("; ")
    assert parts[0].startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(parts)


async def test_whoever_comes_in_anew_leaves_no_session_behind_in_the_browser(
    api: AsyncClient, maria: Person, clock: Clock
) -> None:
    address, cookies = await address_of(maria, "sms"), []
    for minute in range(2):
        clock.now = NOW + timedelta(minutes=minute)
        await api.post("/sign-in", data={"address": address})
        await api.post("/sign-in/code", data={"address": address, "code": await sent_code(maria)})
        cookies.append(api.cookies[COOKIE])
    api.cookies.clear()
    answers = [await api.get("/today", headers={"Cookie": f"{COOKIE}={cookie}"}) for cookie in cookies]
    assert [answer.status_code for answer in answers] == [302, 200]


async def test_whoever_gets_no_code_is_told_what_to_do(api: AsyncClient) -> None:
    by_text = shown(await api.post("/sign-in", data={"address": "+12025550142"}))
    by_email = shown(await api.post("/sign-in", data={"address": "ana@mail.example"}))
    start = "Did you stop our texts? Text START to the number they came from. Then ask for a code again."
    assert (start in by_text, start in by_email) == (True, False)
    assert "Use the number your clinic has. Other numbers get no code. Send again, or use your email" in by_text
    assert "Look in your spam folder." in by_email
    assert "Use the email your clinic has. Others get no code. Send again, or use your phone number" in by_email
    for page in (by_text, by_email):
        assert "Still no code? Call your clinic. They can help." in page


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_an_address_that_was_stopped_is_answered_like_any_other(
    api: AsyncClient, maria: Person, channel: str
) -> None:
    address = await address_of(maria, channel)
    before = await api.post("/sign-in", data={"address": address})
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        [point] = [p for p in await contact_points(session, maria.client.id) if p.channel == channel]
        await opt_out(session, point.id, "text", NOW)
    after = await api.post("/sign-in", data={"address": address})
    assert (before.status_code, before.content) == (after.status_code, after.content)


async def test_an_address_nobody_has_is_answered_alike(api: AsyncClient, maria: Person) -> None:
    """Every byte that differs is one of the address itself."""
    known = await address_of(maria, "sms")
    unknown = "+12025559999"
    assert known != unknown
    for path, fields in (("/sign-in", {}), ("/sign-in/code", {"code": "12345x"})):
        one = await api.post(path, data={"address": known, **fields})
        other = await api.post(path, data={"address": unknown, **fields})
        assert one.status_code == other.status_code
        as_other = one.text.replace(known, unknown).replace(f"ends in {known[-2:]}", f"ends in {unknown[-2:]}")
        assert as_other.encode() == other.content
        assert one.headers.keys() == other.headers.keys()


async def test_the_right_code_after_five_wrong_ones_is_refused(api: AsyncClient, maria: Person, clock: Clock) -> None:
    address = await address_of(maria, "sms")
    await api.post("/sign-in", data={"address": address})
    code = await sent_code(maria)
    for tried in (*[wrong(code)] * 5, code):
        answer = await api.post("/sign-in/code", data={"address": address, "code": tried})
        assert answer.status_code == 422
        assert "The code did not match. Check the message and try again." in shown(answer)
        assert "set-cookie" not in answer.headers
    clock.now = NOW + timedelta(minutes=1)
    await api.post("/sign-in", data={"address": address})
    fields = {"address": address, "code": await sent_code(maria)}
    assert (await api.post("/sign-in/code", data=fields)).status_code == 303


async def test_a_code_works_for_ten_minutes_and_once(api: AsyncClient, maria: Person, clock: Clock) -> None:
    address = await address_of(maria, "sms")
    await api.post("/sign-in", data={"address": address})
    fields = {"address": address, "code": await sent_code(maria)}
    clock.now = NOW + timedelta(minutes=10)
    assert (await api.post("/sign-in/code", data=fields)).status_code == 422
    clock.now = NOW + timedelta(minutes=9, seconds=59)
    assert (await api.post("/sign-in/code", data=fields)).status_code == 303
    assert (await api.post("/sign-in/code", data=fields)).status_code == 422


@pytest.mark.parametrize("address", ["", "maria", "555", "maria@", "<b>@", "1" * 400])
async def test_what_can_be_no_address_is_asked_again(api: AsyncClient, database: Database, address: str) -> None:
    with watched(database) as statements:
        answer = await api.post("/sign-in", data={"address": address})
    assert answer.status_code == 422
    assert "Write your number with its country code, such as +1 202 555 0142, or your email." in shown(answer)
    assert "<b>@" not in answer.text
    assert statements == []


async def test_asking_too_often_is_refused_for_a_while(api: AsyncClient, maria: Person) -> None:
    address = await address_of(maria, "email")
    answers = [await api.post("/sign-in", data={"address": address}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "Too many tries. Please wait." in shown(answers[-1])


async def test_a_strangers_tries_lock_out_nobody_who_was_here_before(
    api: AsyncClient, maria: Person, settings: Settings, database: Database, clock: Clock
) -> None:
    address = await address_of(maria, "email")
    await api.post("/sign-in", data={"address": address})
    await api.post("/sign-in/code", data={"address": address, "code": await sent_code(maria)})
    async with serving(settings, database, clock, peer="198.51.100.7") as stranger:
        asked = [(await stranger.post("/sign-in", data={"address": address})).status_code for _ in range(11)]
        form = {"address": address, "code": "000000"}
        tried = [(await stranger.post("/sign-in/code", data=form)).status_code for _ in range(11)]
    assert (asked[-1], tried[-1]) == (429, 429)
    clock.now += timedelta(minutes=1)
    assert (await api.post("/sign-in", data={"address": address})).status_code == 200
    form = {"address": address, "code": await sent_code(maria)}
    assert (await api.post("/sign-in/code", data=form)).headers["location"] == "/today"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code"])
async def test_the_signed_out_pages_write_nothing_and_speak_the_browsers_language(
    api: AsyncClient, database: Database, path: str
) -> None:
    with watched(database) as statements:
        answer = await api.get(path, headers={"Accept-Language": "es-MX,es;q=0.9"}, follow_redirects=True)
    assert (answer.status_code, '<html lang="es">' in answer.text) == (200, True)
    assert writes(statements) == []


async def test_signing_out_ends_the_session_here_and_on_the_server(browser: Browser, maria: Person) -> None:
    token = browser.api.cookies[COOKIE]
    answer = await browser.send("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert COOKIE not in browser.api.cookies
    browser.api.cookies.set(COOKIE, token, domain=browser.api.base_url.host)
    assert (await browser.api.get("/today")).headers["location"] == "/sign-in"
    [(revoked_at,)] = await maria.rows("SELECT revoked_at FROM sign_in_session WHERE client_id = :client")
    assert revoked_at == NOW
