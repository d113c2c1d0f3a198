"""What somebody typed when the session had ended: it goes with them through signing in, and waits for one tap."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response

from service.accounts.codes import link_token
from service.settings import Settings
from tests.conftest import Clock
from tests.make import Team
from tests.service.portal.conftest import Browser, Person, address_of, make_person, one_job, sent_code, shown

pytestmark = pytest.mark.anyio

TYPED = "clamshell_typed"


async def came_back(browser: Browser, person: Person, asked: Response) -> Response:
    """Who sees the sign-in page in the place of what they sent goes through it, as its forms are written."""
    carried = one_job(asked)
    address = await address_of(person, "email")
    code_page = await browser.api.post("/sign-in", data={**carried, "address": address})
    wrong_page = await browser.api.post("/sign-in/code", data={**one_job(code_page), "code": "x"})
    assert wrong_page.status_code == 422
    return await browser.api.post("/sign-in/code", data={**one_job(wrong_page), "code": await sent_code(person)})


async def test_what_was_typed_when_the_session_had_ended_waits_for_one_tap(browser: Browser, maria: Person) -> None:
    words = 'It hurts < 3 & "less"'
    browser.api.cookies.clear()
    asked = await browser.send("/today/messages", text=words, entry=str(uuid4()))
    assert asked.status_code == 401
    assert "What you filled in is kept." in shown(asked)
    page = await came_back(browser, maria, asked)
    assert words in shown(page)
    sent = "SELECT count(*) FROM thread_message WHERE client_id = :client AND direction = 'in'"
    assert [row.count for row in await maria.rows(sent)] == [0]
    for _ in range(2):
        answer = await browser.api.post("/today/messages", data=one_job(page))
        assert (answer.status_code, answer.headers["location"]) == (303, "/today?saved=sent#messages")
    assert [row.count for row in await maria.rows(sent)] == [1]
    assert words in shown(await browser.api.get("/today"))


async def test_whoever_else_signs_in_neither_sees_nor_sends_it(browser: Browser, maria: Person, team: Team) -> None:
    other = await make_person(maria.database, team, name="Ana Other")
    browser.api.cookies.clear()
    asked = await browser.send("/today/messages", text="Only mine.", entry=str(uuid4()))
    for person in (other, maria):
        page = await came_back(browser, person, asked)
        assert (page.status_code, "Only mine." in page.text) == ((200, True) if person is maria else (303, False))
    forged = await browser.api.post("/sign-in", data={"typed_to": "//evil.example", "typed_csrf": "x", "typed.a": "b"})
    assert "evil" not in forged.text


async def sent_link(person: Person, settings: Settings) -> str:
    """The newest link to sign in, as the message that carries it makes it."""
    sent = "SELECT id FROM message WHERE client_id = :client AND kind = 'sign_in_code' ORDER BY created_at DESC"
    return f"/r/{link_token(settings.secret_key, 'answer', (await person.rows(sent))[0].id)}"


async def test_whoever_comes_in_by_the_link_finds_it_too_in_the_same_browser(
    browser: Browser, maria: Person, settings: Settings
) -> None:
    words = "Nadie más lo lee."
    browser.api.cookies.clear()
    asked = await browser.send("/today/messages", text=words, entry=str(uuid4()))
    code_page = {**one_job(asked), "address": await address_of(maria, "email")}
    sent = await browser.api.post("/sign-in", data=code_page)
    [cookie] = sent.headers.get_list("set-cookie")
    assert {"HttpOnly", "Max-Age=900", "SameSite=lax"} <= set(cookie.split("; "))
    assert words not in cookie
    came_in = await browser.api.post(await sent_link(maria, settings), data={"answer": "sign_in"})
    assert (came_in.status_code, words in shown(came_in)) == (200, True)
    assert TYPED not in browser.api.cookies
    answer = await browser.api.post("/today/messages", data=one_job(came_in))
    assert answer.headers["location"] == "/today?saved=sent#messages"


async def test_in_another_browser_and_for_somebody_else_the_link_leads_to_today(
    browser: Browser, maria: Person, team: Team, settings: Settings, clock: Clock
) -> None:
    other = await make_person(maria.database, team, name="Ana Other")
    browser.api.cookies.clear()
    asked = await browser.send("/today/messages", text="Only mine.", entry=str(uuid4()))
    for person in (maria, other):
        await browser.api.post("/sign-in", data={**one_job(asked), "address": await address_of(person, "email")})
    kept = browser.api.cookies[TYPED]
    for person, held in ((other, kept), (maria, ""), (maria, kept[:-8] + "AAAAAAA="), (maria, "no")):
        browser.api.cookies.clear()
        browser.api.cookies.set(TYPED, held, domain=browser.api.base_url.host)
        clock.now += timedelta(seconds=1)
        await browser.api.post("/sign-in", data={"address": await address_of(person, "email")})
        came_in = await browser.api.post(await sent_link(person, settings), data={"answer": "sign_in"})
        assert (came_in.status_code, came_in.headers["location"]) == (303, "/today"), held


async def test_what_a_cookie_cannot_hold_is_carried_by_the_code_alone(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    browser.api.cookies.clear()
    long = " ".join(uuid4().hex for _ in range(200))
    asked = await browser.send("/today/messages", text=long, entry=str(uuid4()))
    await browser.api.post("/sign-in", data={**one_job(asked), "address": await address_of(maria, "email")})
    assert TYPED not in browser.api.cookies
    clock.now += timedelta(seconds=1)
    assert long in shown(await came_back(browser, maria, asked))


async def test_asked_for_another_code_it_is_carried_on(browser: Browser) -> None:
    browser.api.cookies.clear()
    asked = await browser.send("/today/pain", score="4")
    again = await browser.api.post("/sign-in", data={**one_job(asked), "again": "1"})
    assert (again.status_code, one_job(again)["typed.score"]) == (200, "4")
