"""Links in messages: opening one changes and tells nothing; its button does one thing, for one day."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from service.accounts.guards import COOKIE
from service.accounts.queries import contact_points
from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from service.portal import actions
from tests import told
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team, item
from tests.service.portal.conftest import Browser, Person, make_person, shown, status, watched, writes

pytestmark = pytest.mark.anyio

YESTERDAY = TODAY - timedelta(days=1)
HEALTH_WORD = re.compile(r"\b(hip|pain|cadera|dolor)\b", re.IGNORECASE)


async def tap(api: AsyncClient, link: str, answer: str, **fields: str) -> Response:
    return await api.post(link, data={"answer": answer, **fields})


async def test_a_score_far_over_the_usual_leads_to_the_questions(
    api: AsyncClient, database: Database, team: Team
) -> None:
    """Three over the median of 3 and more, or 8; 5 is neither."""
    for score, asks in (("5", False), ("6", True), ("8", True)):
        person = await make_person(database, team)
        for days in range(1, 6):
            await told.pain(database, person.client, TODAY - timedelta(days=days), 3)
        page = (await tap(api, await person.link(LinkPurpose.CHECK_IN), score)).text
        assert ('href="/questions"' in page, "call 911" in page) == (asks, asks), score


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("purpose", LinkPurpose)
async def test_opening_a_link_writes_nothing(
    api: AsyncClient, maria: Person, database: Database, method: str, purpose: LinkPurpose
) -> None:
    link = await maria.link(purpose)
    with watched(database) as statements:
        answer = await api.request(method, link, params={"answer": "4"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert statements
    assert [s for s in statements if writes([s]) or "audit_entry" in s] == []


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("purpose", LinkPurpose)
async def test_a_link_page_names_nobody_and_no_complaint(
    api: AsyncClient, database: Database, team: Team, locale: str, purpose: LinkPurpose
) -> None:
    person = await make_person(database, team, locale=locale)
    link = await person.link(purpose)
    pages = [await api.get(link)]
    # The questions come after a tap, and are what they are.
    if purpose.value != "questions":
        pages.append(await tap(api, link, "9" if purpose == "check_in" else "done"))
    for page in pages:
        assert not HEALTH_WORD.search(page.text)
        assert not re.search(r"Maria|Lopez|bridge", page.text, re.IGNORECASE)
    assert f'<html lang="{locale}">' in pages[0].text


async def test_a_check_in_link_keeps_a_score_for_its_day(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    answer = await tap(api, link, "4")
    assert (answer.status_code, "Saved: 4 for today." in shown(answer)) == (200, True)
    [pain] = (await maria.diary()).pains
    assert (pain.entry.score, pain.entry.day, pain.entry.channel) == (4, TODAY, "link")
    assert (pain.entry.kind, pain.entry.entered_by) == ("now", "client")


async def test_the_same_answer_again_is_the_same_page_and_another_corrects_it(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    first, again = await tap(api, link, "4"), await tap(api, link, "4")
    assert first.content == again.content
    assert [pain.entry.revision for pain in (await maria.diary()).pains] == [1]
    await tap(api, link, "6")
    assert [(p.entry.score, p.entry.revision) for p in (await maria.diary()).pains] == [(6, 2)]
    assert await maria.scores_before() == [(4, "link")]


async def test_an_answer_in_the_address_only_waits_for_its_button(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    assert "Save 4" in shown(await api.get(f"{link}?answer=4"))
    for nonsense in ("11", "-1", "four", "4.5", "<b>"):
        assert "Save" not in shown(await api.get(link, params={"answer": nonsense}))
    assert (await maria.diary()).pains == []


@pytest.mark.parametrize("answer", ["11", "-1", "four", "", "done"])
async def test_a_check_in_that_is_no_whole_number(api: AsyncClient, maria: Person, answer: str) -> None:
    refused = await tap(api, await maria.link(LinkPurpose.CHECK_IN), answer)
    assert (refused.status_code, "Use a whole number from 0 to 10." in shown(refused)) == (422, True)
    assert (await maria.diary()).pains == []


async def test_a_high_score_by_link_is_answered_with_whom_to_call(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    assert "911" not in shown(await tap(api, link, "7"))
    assert "In an emergency call 911 now. Call 911" in shown(await tap(api, link, "8"))


async def test_a_plan_link_tells_how_the_day_went(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.PLAN)
    assert "Saved: you did all of it." in shown(await tap(api, link, "done"))
    [session] = (await maria.diary()).sessions
    assert (session.row.outcome, session.row.channel) == ("done", "link")
    assert [result.done for result in session.results] == [True, True]
    await tap(api, link, "skipped")
    [session] = (await maria.diary()).sessions
    assert (session.row.outcome, session.row.revision) == ("skipped", 2)


async def test_a_plan_link_leaves_what_the_page_told_item_by_item(
    api: AsyncClient, maria: Person, browser: Browser
) -> None:
    first = maria.plan.items[0].row.id
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    await tap(api, await maria.link(LinkPurpose.PLAN), "partly")
    [session] = (await maria.diary()).sessions
    assert (session.row.revision, [result.done for result in session.results].count(True)) == (1, 1)


async def test_a_link_counts_for_its_own_day_and_says_so(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, plan_starts_on=YESTERDAY)
    check_in, plan, habit = [await person.link(p, day=YESTERDAY) for p in list(LinkPurpose)[:3]]
    for link, asked in ((check_in, "How was it that day?"), (plan, "Did you do the plan of that day?")):
        page = shown(await api.get(link))
        assert "This is about Monday, March 9." in page
        assert asked in page
    assert "Not that day" in shown(await api.get(plan))
    assert "How did that day go?" in shown(await api.get(habit))
    assert "Saved: 4 for Monday, March 9." in shown(await tap(api, check_in, "4", day=TODAY.isoformat()))
    assert "Saved for Monday, March 9." in shown(await tap(api, plan, "done"))
    await tap(api, habit, "yes", habit=str(person.habit(0)))
    kept = await person.diary()
    entries = [*(s.row for s in kept.sessions), *kept.habits, *(pain.entry for pain in kept.pains)]
    assert [entry.day for entry in entries] == [YESTERDAY] * 3


async def test_a_question_that_tells_too_much_is_left_for_the_own_page(
    api: AsyncClient, database: Database, team: Team
) -> None:
    habits = [HabitToPrescribe("hab-woke", None, None), HabitToPrescribe("hab-wallet", None, None)]
    person = await make_person(database, team, plan_habits=habits)
    page = shown(await api.get(await person.link(LinkPurpose.HABIT)))
    assert "wake you" not in page
    assert "Did you sit with anything in a back pocket?" in page
    assert "See all of today" in page


@pytest.mark.parametrize("answer", ["maybe", ""])
async def test_a_habit_answer_that_cannot_be_right(api: AsyncClient, maria: Person, answer: str) -> None:
    link = await maria.link(LinkPurpose.HABIT)
    refused = await tap(api, link, answer, habit=str(maria.habit(0)))
    assert (refused.status_code, "Answer yes or no." in shown(refused)) == (422, True)
    assert list((await maria.diary()).habits) == []


async def test_a_link_does_nothing_but_its_own_job(
    api: AsyncClient, maria: Person, database: Database, team: Team
) -> None:
    other = await make_person(database, team, plan_items=[item("glu-sidestep")])
    habit, plan = await maria.link(LinkPurpose.HABIT), await maria.link(LinkPurpose.PLAN)
    assert (await tap(api, habit, "yes", habit=str(other.habit(0)))).status_code == 404
    assert (await tap(api, habit, "done")).status_code == 404
    assert (await tap(api, plan, "4")).status_code == 422
    assert (await tap(api, plan, "yes", habit=str(other.habit(0)))).status_code == 404
    await tap(api, await maria.link(LinkPurpose.CHECK_IN), "4", habit=str(maria.habit(0)), place="left:calf", where="x")
    kept, theirs = await maria.diary(), await other.diary()
    assert (kept.sessions, list(kept.habits), [pain.sites for pain in kept.pains]) == ([], [], [[]])
    assert list(theirs.habits) == []
    assert (await api.get("/today")).status_code == 302


async def test_a_plan_link_asks_for_the_days_habits_too(api: AsyncClient, maria: Person) -> None:
    plan = await maria.link(LinkPurpose.PLAN)
    assert str(maria.habit(0)) in (await api.get(plan)).text
    assert (await tap(api, plan, "yes", habit=str(maria.habit(0)))).status_code == 200
    kept = await maria.diary()
    assert [mark.yes for mark in kept.habits] == [True]
    assert kept.sessions == []


async def test_an_answer_to_what_is_no_longer_asked_is_kept_and_said_so(
    api: AsyncClient, maria: Person, database: Database
) -> None:
    link = await maria.link(LinkPurpose.HABIT)
    without = Prescription("Home exercise plan", TODAY, [item("glu-squeeze")], [])
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await plans.change(session, maria.client.id, without, 1, NOW)
    answer = await tap(api, link, "yes", habit=str(maria.habit(0)))
    assert answer.status_code == 200
    assert status(answer.text) == actions.NO_LONGER_ASKED
    assert [mark.yes for mark in (await maria.diary()).habits] == [True]


async def test_a_link_that_has_run_out_answers_like_one_that_never_was(
    api: AsyncClient, maria: Person, clock: Clock
) -> None:
    unknown, link = "/r/" + "x" * 22, await maria.link(LinkPurpose.CHECK_IN)
    clock.now = NOW + timedelta(hours=36, minutes=-1)
    assert (await api.get(link)).status_code == 200
    clock.now = NOW + timedelta(hours=36)
    for send in (api.get, partial(api.post, data={"answer": "4"})):
        ended, never = await send(link), await send(unknown)
        assert (ended.status_code, ended.content) == (404, never.content)
        assert never.status_code == 404
        assert "This link has run out." in shown(ended)
    assert (await maria.diary()).pains == []


async def test_a_sign_in_link_works_once(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.SIGN_IN, lifetime=timedelta(minutes=15))
    assert "You will be signed in as M." in shown(await api.get(link))
    answer = await tap(api, link, "sign_in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert api.cookies.get(COOKIE)
    assert "Hi Maria." in shown(await api.get("/today"))
    for used in (await tap(api, link, "sign_in"), await api.get(link)):
        assert (used.status_code, "This link has run out." in shown(used)) == (404, True)
    assert len(await maria.rows("SELECT id FROM sign_in_session WHERE client_id = :client")) == 1


async def test_two_taps_at_once_on_a_sign_in_link_open_one_session(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.SIGN_IN)
    # Opens four connections first, so that the four taps do meet.
    await asyncio.gather(*(api.get(link) for _ in range(4)))
    answers = await asyncio.gather(*(tap(api, link, "sign_in") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]
    assert len(await maria.rows("SELECT id FROM sign_in_session WHERE client_id = :client")) == 1


async def test_corrections_at_once_are_kept_one_after_the_other(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    await asyncio.gather(*(tap(api, link, "4") for _ in range(4)))
    assert [(p.entry.score, p.entry.revision) for p in (await maria.diary()).pains] == [(4, 1)]
    answers = await asyncio.gather(*(tap(api, link, score) for score in ("5", "6", "7", "8")))
    assert [answer.status_code for answer in answers] == [200] * 4
    [pain] = (await maria.diary()).pains
    assert pain.entry.revision == 5
    revisions = await maria.rows("SELECT revision FROM diary_revision WHERE client_id = :client ORDER BY 1")
    assert [revision for (revision,) in revisions] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"answer": "stop"}},
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
    ],
    ids=["button", "one click", "one click in parts"],
)
async def test_unsubscribing_ends_mail_to_that_address_and_nothing_else(
    api: AsyncClient, maria: Person, database: Database, sent: dict[str, Any]
) -> None:
    link = await maria.link(LinkPurpose.UNSUBSCRIBE)
    for _ in range(2):
        answer = await api.post(link, **sent)
        assert (answer.status_code, "You will get no more emails from us." in shown(answer)) == (200, True)
    async with database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        points = {p.channel: p.opted_out_how for p in await contact_points(session, maria.client.id)}
    assert points == {"sms": None, "email": "link"}
    told = await maria.rows("SELECT actor_kind FROM audit_entry WHERE action = 'opt_out' AND client_id = :client")
    assert told == [("link",)]


async def test_another_sites_page_cannot_press_the_button(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    answer = await api.post(link, data={"answer": "4"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await maria.diary()).pains == []


async def test_a_message_of_blanks_is_refused_beside_its_box(api: AsyncClient, maria: Person) -> None:
    answer = await api.post(await maria.link(LinkPurpose.MESSAGE), data={"text": " \n ", "entry": str(uuid4())})
    assert answer.status_code == 422
    [beside] = re.findall(r'<textarea[^>]* aria-describedby="([^"]+)"', answer.text)
    assert re.findall(r'id="([^"]+)">Write something first.<', answer.text) == [beside]
