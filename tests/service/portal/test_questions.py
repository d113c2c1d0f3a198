"""Questions about warning signs on the client's pages, and what a yes does."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.diary.actions import NewPain, NewSession, record_pain, record_session
from service.diary.entries import When
from service.diary.red_flags import open_red_flag
from service.diary.rules import Outcome, SkipReason
from service.diary.rules.screening import WORDING as SCREEN_WORDING
from tests import told
from tests.conftest import Clock, signed_in
from tests.make import NOW, TODAY, Team, make_client, make_team
from tests.service.portal.conftest import Browser, Person, field, make_person, section, shown, watched, writes

pytestmark = pytest.mark.anyio

KEPT = (
    "SELECT why, wording, yes, cardinality(no), told, entered_by, channel FROM red_flag_screen"
    " WHERE client_id = :client"
)
FLAGS = "SELECT source FROM red_flag WHERE client_id = :client AND closed_at IS NULL ORDER BY source"


async def answers(browser: Browser, answer: str, **fields: object) -> dict[str, object]:
    """The form of the page as a browser would send it."""
    html = (await browser.api.get("/questions")).text
    return {name: field(html, name) for name in ("entry", "why", "wording")} | {"answer": answer} | fields


async def test_no_to_all_is_one_tap_and_the_same_sent_twice_is_one(browser: Browser, maria: Person) -> None:
    assert "Answer the questions" in await browser.today()
    form = await answers(browser, "no")
    for _ in range(2):
        assert (await browser.send("/questions", **form)).headers["location"] == "/today?saved=questions#top"
    [kept] = await maria.rows(KEPT)
    assert tuple(kept) == ("full", SCREEN_WORDING, [], 22, None, "client", "web")
    assert await maria.rows(FLAGS) == []
    today = await browser.api.get("/today?saved=questions")
    assert "Saved. Thank you." in shown(today)
    assert "Answer the questions" not in shown(today)


async def test_a_yes_shows_fixed_words_stops_the_plan_and_every_prompt(browser: Browser, maria: Person) -> None:
    form = await answers(browser, "ticked", **{"yes": ["rf-dvt", "rf-fall"]})
    assert (await browser.send("/questions", **form)).headers["location"] == "/on-hold"
    [kept] = await maria.rows(KEPT)
    assert tuple(kept) == ("full", SCREEN_WORDING, ["rf-dvt", "rf-fall"], 20, "emergency", "client", "web")
    assert [row.source for row in await maria.rows(FLAGS)] == ["screen"]
    page = shown(await browser.api.get("/on-hold"))
    assert "Call your local emergency number now, or go to the emergency department." in page
    assert "This page is not watched day and night. In an emergency call 911." in page
    assert 'href="tel:911"' in (await browser.api.get("/on-hold")).text
    today = await browser.today()
    assert "Your plan is on hold" in today
    assert "I did all of it" not in today
    shown_rhythm = (await browser.api.get(f"/v1/clients/{maria.client.id}/reminders")).json()["rhythm"]
    assert shown_rhythm["asking"] == "stopped"
    # Told again under another id, the flag stays one; another id cannot take it back.
    await browser.send("/questions", **await answers(browser, "no"))
    assert [row.source for row in await maria.rows(FLAGS)] == ["screen"]
    assert "Your plan is on hold" in await browser.today()


async def test_while_a_warning_sign_is_open_a_link_asks_for_no_plan_and_takes_none(
    browser: Browser, api: AsyncClient, maria: Person
) -> None:
    link = await maria.link(LinkPurpose.PLAN)
    assert "I did all of it" in shown(await api.get(link))
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await open_red_flag(session, maria.client.id, "staff", NOW)
    page = shown(await api.get(link))
    assert "In an emergency call 911." in page
    assert "Your plan is on hold" in page
    assert "I did" not in page
    # Its habits are still asked.
    assert "Did you stand evenly on both feet when waiting?" in page
    # Pages that were opened before.
    for answer in ("done", "partly"):
        refused = await api.post(link, data={"answer": answer})
        assert (refused.status_code, "There is nothing you need to do today." in shown(refused)) == (422, True)
        ticked = {f"item_{maria.plan.items[0].row.id}": "on"}
        assert (await browser.send("/today/session", outcome=answer, **ticked)).status_code == 422
    assert list((await maria.diary()).sessions) == []
    # That it was not done can be told.
    assert (await api.post(link, data={"answer": "skipped"})).status_code == 200
    assert [one.row.outcome for one in (await maria.diary()).sessions] == ["skipped"]


async def test_what_cannot_be_meant_is_asked_again_and_nothing_is_kept(browser: Browser, maria: Person) -> None:
    right = await answers(browser, "no")
    for wrong, words in (
        ({"answer": "ticked"}, "Tick what is true for you, or say no to all."),
        ({"yes": "rf-dvt"}, "You ticked something. Take the tick away, or say yes to it."),
        ({"answer": "maybe"}, "Tap one of the answers."),
        ({"wording": "0"}, "The questions have changed. Please read them again."),
        ({"why": "bored"}, "The questions have changed. Please read them again."),
        ({"why": "weekly", "answer": "ticked", "yes": "rf-dvt"}, "The questions have changed. Please read them again."),
        ({"entry": "x"}, "The questions have changed. Please read them again."),
    ):
        refused = await browser.send("/questions", **(right | wrong))
        assert (refused.status_code, words in shown(refused)) == (422, True), wrong
        assert ('value="rf-dvt" checked' in refused.text) == (wrong == {"yes": "rf-dvt"})
    assert await maria.rows(KEPT) == []


async def test_a_high_score_asks_all_but_not_twice_in_a_day(browser: Browser, clock: Clock) -> None:
    await browser.send("/questions", **await answers(browser, "no"))
    assert (await browser.send("/today/pain", score="9")).headers["location"] == "/today?saved=pain#top"
    clock.now += timedelta(hours=25)
    assert (await browser.send("/today/pain", score="9")).headers["location"] == "/questions?saved=pain#top"
    assert len(re.findall(r'name="yes"', (await browser.api.get("/questions")).text)) == 22
    clock.now += timedelta(minutes=5)
    await browser.send("/questions", **await answers(browser, "no"))
    clock.now += timedelta(days=7)
    today = await browser.today()
    assert "Once a week we ask you the same few things." in today
    assert len(re.findall(r'name="yes"', (await browser.api.get("/questions")).text)) == 4


async def test_the_api_says_that_a_score_far_over_the_usual_asks(
    api: AsyncClient, database: Database, maria: Person, browser: Browser, clock: Clock
) -> None:
    await browser.send("/questions", **await answers(browser, "no"))
    for days in range(1, 6):
        await told.pain(database, maria.client, TODAY - timedelta(days=days), 3)
    own = f"/v1/clients/{maria.client.id}"
    # All was answered just now: only what is told a day later asks.
    later = clock.now = NOW + timedelta(hours=25)
    headers = await signed_in(database, maria.team.clinic_id, client_id=maria.client.id, now=later)
    for score, due in ((5, None), (6, "pain")):
        async with database.clinic_tx(maria.team.clinic_id, told.as_client(maria.client)) as session:
            await record_pain(session, maria.client, NewPain(score), When(), later)
        found = (await api.get(f"{own}/red-flag-questions", headers=headers)).json()
        assert found.get("due") == due, score


async def test_danger_words_rest_the_plan_and_ask(browser: Browser, maria: Person) -> None:
    await browser.send("/questions", **await answers(browser, "no"))
    await browser.send("/today/messages", text="I fell and cannot walk", entry=str(uuid4()))
    browser.api.headers["x-later"] = "1"
    html = (await browser.api.get("/today")).text
    assert html.index("In an emergency call 911.") < html.index("Your plan is on hold")
    assert [row.source for row in await maria.rows(FLAGS)] == ["text"]


async def test_reading_the_questions_writes_nothing_and_needs_a_sign_in(
    browser: Browser, maria: Person, database: Database
) -> None:
    with watched(database) as statements:
        for path in ("/questions", "/on-hold"):
            await browser.api.get(path)
    assert writes(statements) == []
    browser.api.cookies.clear()
    assert "rf-" not in (await browser.api.get("/questions")).text


async def test_spanish_has_its_own_words(api: AsyncClient, database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id, locale="es")
    headers = await signed_in(database, team.clinic_id, client_id=client.id)
    found = (await api.get(f"/v1/clients/{client.id}/red-flag-questions", headers=headers)).json()
    assert (found["due"], found["wording"], found["groups"][1]["title"]) == (
        "full",
        SCREEN_WORDING,
        "Caídas y peso en la pierna",
    )
    body = {"wording": SCREEN_WORDING, "yes": ["rf-stress"], "why": "full"}
    kept = await api.put(f"/v1/clients/{client.id}/red-flag-answers/{uuid4()}", json=body, headers=headers)
    assert kept.json()["words"][0].startswith("Deja los ejercicios que duelen.")


async def test_answers_by_api_are_told_once_and_not_taken_back(
    api: AsyncClient, database: Database, maria: Person
) -> None:
    headers = await signed_in(database, maria.team.clinic_id, client_id=maria.client.id)
    path = f"/v1/clients/{maria.client.id}/red-flag-answers/{uuid4()}"
    right = {"wording": SCREEN_WORDING, "yes": ["rf-dvt"], "no": ["rf-chest"]}
    for wrong, pointer in (
        ({"wording": SCREEN_WORDING - 1}, "/wording"),
        ({"yes": [], "no": []}, "/no"),
        ({"yes": ["rf-dvt", "rf-x"]}, "/yes/1"),
        ({"no": ["rf-dvt"]}, "/no"),
    ):
        refused = await api.put(path, json=right | wrong, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    first, again = [(await api.put(path, json=right, headers=headers)).json() for _ in range(2)]
    assert first == again
    assert (first["care"], first["emergency_number"], len(first["words"])) == ("same_day", "911", 3)
    changed = await api.put(path, json=right | {"yes": []}, headers=headers)
    assert changed.status_code == 409
    staff = await signed_in(database, maria.team.clinic_id, staff_id=maria.team.therapist_id)
    [flag] = (await api.get(f"/v1/clients/{maria.client.id}/red-flags", headers=staff)).json()["data"]
    body = {"note": "Seen.", "as_of": (NOW - timedelta(minutes=1)).isoformat()}
    unread = await api.post(f"/v1/clients/{maria.client.id}/red-flags/{flag['id']}/close", json=body, headers=staff)
    assert (unread.status_code, unread.json()["errors"][0]["pointer"]) == (422, "/as_of")
    assert [row.source for row in await maria.rows(FLAGS)] == ["screen"]


async def test_the_owner_their_therapist_and_nobody_else_answers(
    api: AsyncClient, database: Database, maria: Person
) -> None:
    stranger = await make_team(database)
    desk = await told.make_staff(database, maria.team, "front_desk")
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        other = await make_client(session, maria.team.therapist_id, name="Tom")
    people: tuple[tuple[UUID, dict[str, Any], int], ...] = (
        (maria.team.clinic_id, {"client_id": maria.client.id}, 200),
        (maria.team.clinic_id, {"staff_id": maria.team.therapist_id}, 200),
        (maria.team.clinic_id, {"staff_id": maria.team.other_therapist_id}, 404),
        (maria.team.clinic_id, {"staff_id": desk}, 404),
        (maria.team.clinic_id, {"client_id": other.id}, 404),
        (stranger.clinic_id, {"staff_id": stranger.owner_id}, 404),
    )
    for clinic_id, person, status in people:
        headers = await signed_in(database, clinic_id, **person)
        path = f"/v1/clients/{maria.client.id}/red-flag-"
        answer = await api.put(
            f"{path}answers/{uuid4()}", json={"wording": SCREEN_WORDING, "no": ["rf-dvt"]}, headers=headers
        )
        assert answer.status_code == status, person
        assert (await api.get(f"{path}questions", headers=headers)).status_code == status, person
    assert sorted(row.entered_by for row in await maria.rows(KEPT)) == ["client", "therapist"]


async def test_hurting_too_much_again_asks_whether_it_can_wait(
    api: AsyncClient, database: Database, team: Team
) -> None:
    maria = await make_person(database, team, plan_starts_on=TODAY - timedelta(days=10))
    browser = await Browser(api).enter(maria)
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        yesterday = NewSession(Outcome.SKIPPED, reason=SkipReason.HURTS)
        await record_session(session, maria.client, yesterday, When(TODAY - timedelta(days=1)), NOW - timedelta(days=1))
    assert "can it wait for your visit?" not in await browser.today()
    await browser.send("/today/session", outcome="skipped", reason="hurts")
    html = (await browser.api.get("/today")).text
    assert "can it wait for your visit?" in html
    wrong = await browser.send("/today/urgency", entry=field(section(html, "plan"), "entry"), answer="perhaps")
    assert (wrong.status_code, "Tap one of the answers." in wrong.text) == (422, True)
    sent = {"entry": field(section(html, "plan"), "entry"), "answer": "urgent"}
    for _ in range(2):
        assert (await browser.send("/today/urgency", **sent)).headers["location"] == "/today?saved=urgent#plan"
    today = shown(await browser.api.get("/today?saved=urgent"))
    assert "We told your clinic. They look at this in office hours. In an emergency call 911 now." in today
    assert "can it wait for your visit?" not in today
    kept = await maria.rows("SELECT answer, channel FROM urgency_answer WHERE client_id = :client")
    assert [tuple(row) for row in kept] == [("urgent", "web")]
