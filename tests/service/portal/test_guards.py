"""Who may open the Today page and send its forms, and that reading it leaves nothing but the trail."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.guards import COOKIE
from service.accounts.rules import CLIENT_SESSION
from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import NOW, Team, make_team
from tests.service.portal.conftest import Browser, Person, make_person, shown, watched, writes

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("token", [None, "", "0" * 64])
async def test_a_form_that_our_page_did_not_write_changes_nothing(
    browser: Browser, maria: Person, token: str | None
) -> None:
    sent = {} if token is None else {"csrf": token}
    paths = {
        "/today/session": {"outcome": "done"},
        "/today/pain": {"score": "4"},
        f"/today/habits/{maria.habit(0)}": {"answer": "yes"},
        "/sign-out": {"now": "yes"},
    }
    for path, fields in paths.items():
        assert (await browser.api.post(path, data=fields | sent)).status_code == 403
    kept = await maria.diary()
    assert (kept.sessions, kept.pains, list(kept.habits)) == ([], [], [])
    assert (await browser.api.get("/today")).status_code == 200


async def test_a_form_on_another_sites_page_is_refused(browser: Browser, maria: Person) -> None:
    for origin in ("https://evil.example", "null", "http://testserver.local.evil.example"):
        sent = {"csrf": browser.csrf, "score": "4"}
        answer = await browser.api.post("/today/pain", data=sent, headers={"Origin": origin})
        assert answer.status_code == 403
    assert (await maria.diary()).pains == []
    own = {"Origin": "http://testserver.local"}
    sent = {"csrf": browser.csrf, "score": "4"}
    assert (await browser.api.post("/today/pain", data=sent, headers=own)).status_code == 303


async def test_browsers_are_told_to_name_our_own_pages_as_the_origin_of_a_form(browser: Browser) -> None:
    assert (await browser.api.get("/today")).headers["referrer-policy"] == "same-origin"


async def test_a_form_must_be_a_form(browser: Browser, maria: Person) -> None:
    answer = await browser.api.post("/today/pain", json={"csrf": browser.csrf, "score": "4"})
    assert (answer.status_code, "Send a form in UTF-8." in shown(answer)) == (422, True)
    assert (await maria.diary()).pains == []


async def test_somebody_elses_habit_and_item_answer_like_random_ids(
    browser: Browser, maria: Person, database: Database
) -> None:
    strangers = await make_person(database, await make_team(database))
    bodies = set()
    for habit in (strangers.habit(0), uuid4()):
        answer = await browser.send(f"/today/habits/{habit}", answer="yes")
        bodies.add((answer.status_code, shown(answer)))
    for thing in (strangers.plan.items[0].row.id, uuid4(), "nonsense"):
        answer = await browser.send("/today/session", outcome="partly", **{f"item_{thing}": "on"})
        bodies.add((answer.status_code, shown(answer)))
    assert len(bodies) == 1
    assert bodies.pop()[0] == 404
    kept, theirs = await maria.diary(), await strangers.diary()
    assert (kept.sessions, list(kept.habits), list(theirs.habits)) == ([], [], [])


async def test_only_the_client_has_a_today(api: AsyncClient, database: Database, team: Team, maria: Person) -> None:
    for path in ("/", "/today"):
        assert (await api.get(path)).headers["location"] == "/sign-in"
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    assert (await api.get("/", headers=headers)).headers["location"] == "/caseload"
    assert (await api.get("/today", headers=headers)).status_code == 403
    assert (await api.post("/today/pain", data={"score": "4"})).status_code == 401
    await Browser(api).enter(maria)
    assert (await api.get("/")).headers["location"] == "/today"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_opening_the_page_writes_nothing_but_the_trail(
    browser: Browser, database: Database, clock: Clock, method: str
) -> None:
    clock.now = NOW + timedelta(hours=1)
    with watched(database) as statements:
        assert (await browser.api.request(method, "/today")).status_code == 200
    assert writes(statements) == []
    assert [s for s in statements if s.startswith("UPDATE sign_in_session")]


async def test_a_long_record_takes_no_more_statements_than_a_short_one(
    browser: Browser, maria: Person, database: Database, clock: Clock
) -> None:
    with watched(database) as at_first:
        await browser.today()
    for day in range(4):
        clock.now = NOW + timedelta(days=day)
        await browser.send("/today/session", outcome="done")
        await browser.send("/today/pain", score="4", where="told", place=["left:low_back", "left:calf"])
        for number, answer in enumerate(("yes", "60", "back", "2")):
            await browser.send(f"/today/habits/{maria.habit(number)}", answer=answer)
    with watched(database) as later:
        await browser.today()
    # The longer record reads the results, sets and sites of what it found; a session in use is noted once more.
    assert len(later) - len(at_first) <= 3
    assert len(later) <= 30


async def test_the_cookie_slides_on_with_every_page_of_ones_own(browser: Browser, maria: Person) -> None:
    for path in (
        "/today",
        "/today/moves",
        "/week",
        "/plan",
        "/help",
        "/questions",
        "/reminders",
        "/devices",
        "/my-data",
    ):
        cookie = (await browser.api.get(path)).headers["set-cookie"]
        assert f"Max-Age={int(CLIENT_SESSION.total_seconds())}" in cookie
        assert cookie.startswith(f"{COOKIE}={maria.team.clinic_id.hex}"), path
    # Signed out it does not come back with a page that was asked for before.
    assert "Max-Age=0" in (await browser.send("/sign-out")).headers["set-cookie"]
