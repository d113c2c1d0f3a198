"""Somebody whom a client names ticks the plan for them through a link, sees nothing else, and is ended at once."""

import re
from html import unescape
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from tests import told
from tests.make import TODAY, Team
from tests.service.portal.conftest import Browser, Person, field, make_person, shown, watched, writes

pytestmark = pytest.mark.anyio
ANA = {"name": "Ana Lopez", "relation": "family", "contact": "+12025550188"}


async def name_ana(browser: Browser, **changes: str) -> str:
    """The path of the link that the page shows."""
    answer = await browser.send("/devices/helpers", **{"entry": str(uuid4()), **ANA, **changes})
    assert answer.status_code == 200, shown(answer)
    assert 'href="sms:+12025550188?' in unescape(answer.text)
    found = re.search("<code>[^<]*(/r/[0-9A-Za-z]{22})</code>", answer.text)
    assert found
    return found[1]


async def test_a_helper_sees_what_is_asked_and_ticks_it_as_a_helper(
    api: AsyncClient, browser: Browser, database: Database, maria: Person
) -> None:
    link = await name_ana(browser)
    await told.pain(database, maria.client, TODAY, 7)
    await told.habit(database, maria.client, TODAY, maria.habit(0), True)
    with watched(database) as statements:
        page = await api.get(link)
    assert writes(statements) == []
    words = shown(page)
    assert "Is today's plan done?" in words
    # Neither who it is, nor what she told herself, nor how she feels.
    assert "Maria" not in words
    assert f"habit-{maria.habit(0)}" not in page.text
    assert f"habit-{maria.habit(1)}" in page.text
    assert "7" not in re.sub(r"\d+:\d+|20\d\d", "", words.split("This link works until")[0])

    done = await api.post(link, data={"answer": "done", "plan": field(page.text, "plan")})
    assert "Saved: all of it is done." in shown(done)
    assert "/today" not in done.text
    await api.post(link, data={"answer": "15", "habit": str(maria.habit(1))})
    diary = await maria.diary()
    assert [(one.row.outcome, one.row.entered_by) for one in diary.sessions] == [("done", "helper")]
    assert {mark.plan_habit_id: mark.entered_by for mark in diary.habits} == {
        maria.habit(0): "client",
        maria.habit(1): "helper",
    }
    assert "You saved “All of it” at" in shown(await api.get(link))


async def test_a_helper_changes_nothing_that_the_person_told(
    api: AsyncClient, browser: Browser, database: Database, maria: Person
) -> None:
    link = await name_ana(browser)
    await told.habit(database, maria.client, TODAY, maria.habit(0), True)
    await browser.send("/today/session", outcome="skipped", reason="no_time")
    assert "What was done of the plan was told already." in shown(await api.get(link))
    for form in ({"answer": "done"}, {"answer": "no", "habit": str(maria.habit(0))}):
        answer = await api.post(link, data=form)
        assert answer.status_code == 422
        assert "Only the person can change it." in shown(answer)
    diary = await maria.diary()
    assert [one.row.outcome for one in diary.sessions] == ["skipped"]
    assert [mark.value for mark in diary.habits] == [True]


async def test_the_person_ends_it_and_the_link_opens_nothing_more(
    api: AsyncClient, browser: Browser, maria: Person
) -> None:
    link = await name_ana(browser)
    page = (await api.get("/devices")).text
    assert "Ana Lopez" in page
    [ends] = re.findall('action="(/devices/helpers/[0-9a-f-]+/end)"', page)
    assert (await browser.send(ends)).status_code == 303
    assert "This link has run out." in shown(await api.get(link))
    assert "This link has run out." in shown(await api.post(link, data={"answer": "done"}))
    assert "Ana Lopez" not in (await api.get("/devices")).text
    assert (await maria.diary()).sessions == []


async def test_a_helper_is_named_once_however_often_the_button_is_pressed(browser: Browser, maria: Person) -> None:
    entry = str(uuid4())
    assert await name_ana(browser, entry=entry) == await name_ana(browser, entry=entry)
    kept = "SELECT wording, staff_id FROM helper WHERE client_id = :client"
    [(wording, staff_id)] = await maria.rows(kept)
    assert wording.startswith("Yes, this person may see")
    assert staff_id is None


async def test_what_cannot_be_right_is_said_beside_its_field_and_stays_typed(browser: Browser, maria: Person) -> None:
    answer = await browser.send("/devices/helpers", entry=str(uuid4()), name="Ana", relation="", contact="next door")
    assert answer.status_code == 422
    assert 'id="contact-problem"' in answer.text
    assert 'value="next door"' in answer.text
    assert 'id="relation-problem"' in answer.text
    assert await maria.rows("SELECT 1 FROM helper WHERE client_id = :client") == []
    for _ in range(3):
        await name_ana(browser)
    full = await browser.send("/devices/helpers", entry=str(uuid4()), **ANA)
    assert "There are 3 helpers already." in shown(full)


async def test_nobody_ends_or_lists_the_helper_of_somebody_else(
    api: AsyncClient, browser: Browser, database: Database, team: Team, maria: Person
) -> None:
    await name_ana(browser)
    [(helper_id,)] = await maria.rows("SELECT id FROM helper WHERE client_id = :client")
    rosa = await make_person(database, team, name="Rosa Diaz")
    api.cookies.clear()
    hers = await Browser(api).enter(rosa)
    assert (await hers.send(f"/devices/helpers/{helper_id}/end")).status_code == 404
    assert "Ana Lopez" not in (await api.get("/devices")).text
    async with database.clinic_tx(team.clinic_id, maria.actor) as session:
        ended = await session.scalar(text("SELECT ended_at FROM helper WHERE id = :id"), {"id": helper_id})
    assert ended is None


async def test_a_helper_reads_when_reminders_come_and_never_why_one_did_not(
    api: AsyncClient, browser: Browser, database: Database, maria: Person
) -> None:
    link = await name_ana(browser)
    await told.due_moments(database, maria.client)
    for slot, day in enumerate(("2026-03-09", "2026-03-08")):
        moved = f"UPDATE occurrence SET day = '2026-03-10', slot = {slot} WHERE client_id = :client AND day = '{day}'"
        await maria.rows(f"{moved} RETURNING id")
    words = shown(await api.get(link))
    assert words.count("A reminder went out at 8:00") == 1
    assert "quiet" not in words.lower()
