"""The Today page: what it shows, what its forms keep, and what they refuse."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.actions import next_seq
from service.catalogue.rules import Side
from service.conversation.tables import ThreadMessage
from service.database.tenancy import Database
from service.ids import new_id
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team, item
from tests.service.portal.conftest import HABITS, Browser, Person, field, make_person, section, shown

pytestmark = pytest.mark.anyio


async def test_a_client_sees_the_plan_the_habits_and_the_week_in_plain_words(browser: Browser) -> None:
    page = await browser.today()
    assert "Hi Maria. Here is today. Tuesday, March 10" in page
    # The gentlest dose: 1 set of 5 bridges; 1 set of 5 squeezes of 5 seconds.
    assert "Double-leg bridge 5 times Press the heels and lift to a straight line" in page
    assert "Glute squeeze 5 times, hold 5 seconds" in page
    # (5 × 4 s + 5 × (5 + 4) s + 4 rests of 2 s) = 73 s, rounded up.
    assert "2 moves , about 2 min" in page.replace("moves,", "moves ,")
    assert (
        "Longest time you sat in a car today without a stop (minutes)? Goal: 60 min or less. None 30 min 60 min" in page
    )
    assert "This week Your plan has just begun." in page


async def test_the_plan_says_which_leg_does_what(api: AsyncClient, database: Database, team: Team) -> None:
    right, left = {"side": Side.RIGHT}, {"side": Side.LEFT}
    items = [item("glu-clam", dose_fields=right), item("glu-pelvic-drop", dose_fields=left)]
    person = await make_person(database, team, plan_items=items)
    page = await (await Browser(api).enter(person)).today()
    assert "Clamshell 2 sets of 8 Move the right leg" in page
    assert "Hip hitch / pelvic drop on a step 2 sets of 5 Weight on the left leg" in page


async def test_all_of_it_in_one_tap(browser: Browser, maria: Person) -> None:
    answer = await browser.send("/today/session", outcome="done")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today?saved=session#plan")
    [session] = (await maria.diary()).sessions
    assert (session.row.outcome, session.row.channel, session.row.day) == ("done", "web", TODAY)
    assert [result.done for result in session.results] == [True, True]
    page = await browser.today()
    assert "You did all of it today." in page
    assert "1 of 6 days so far" in page


async def test_some_of_it_keeps_what_was_ticked(browser: Browser, maria: Person) -> None:
    first = maria.plan.items[0].row.id
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    [session] = (await maria.diary()).sessions
    assert session.row.outcome == "partly"
    assert {result.plan_item_id for result in session.results if result.done} == {first}
    assert "You did some of it today. That counts. 1 of 2 moves" in await browser.today()


def ticked(html: str) -> list[str]:
    return re.findall(r'name="item_([^"]*)" checked', html)


async def test_all_that_is_asked_today_is_ticked_until_something_was_saved(browser: Browser, maria: Person) -> None:
    first, second = [str(item.row.id) for item in maria.plan.items]
    assert ticked((await browser.api.get("/today")).text) == [first, second]
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    assert ticked((await browser.api.get("/today")).text) == [first]


async def test_everything_ticked_is_all_of_it(browser: Browser, maria: Person) -> None:
    ticks = {f"item_{item.row.id}": "on" for item in maria.plan.items}
    await browser.send("/today/session", outcome="partly", **ticks)
    assert [session.row.outcome for session in (await maria.diary()).sessions] == ["done"]


async def test_some_of_it_without_a_tick_is_asked_again(browser: Browser, maria: Person) -> None:
    answer = await browser.send("/today/session", outcome="partly")
    assert answer.status_code == 422
    assert "Tick what you did. If you did nothing today, tap “Not today”." in shown(answer)
    assert "Tick what you did. If" in section(answer.text, "plan")
    assert ticked(answer.text) == []
    assert (await maria.diary()).sessions == []


async def test_not_today_keeps_the_reason_and_can_be_changed(browser: Browser, maria: Person) -> None:
    await browser.send("/today/session", outcome="skipped", reason="hurts")
    assert "Not today. No need to catch up. It hurts too much" in await browser.today()
    await browser.send("/today/session", outcome="done")
    [session] = (await maria.diary()).sessions
    assert (session.row.outcome, session.row.reason, session.row.revision) == ("done", None, 2)


@pytest.mark.parametrize("fields", [{}, {"outcome": "all"}, {"outcome": "skipped", "reason": "lazy"}])
async def test_an_answer_the_page_does_not_offer(browser: Browser, maria: Person, fields: dict[str, str]) -> None:
    answer = await browser.send("/today/session", **fields)
    assert (answer.status_code, "Tap one of the answers." in shown(answer)) == (422, True)
    assert (await maria.diary()).sessions == []


async def test_a_rest_day_is_named_and_can_still_be_logged(api: AsyncClient, database: Database, team: Team) -> None:
    mondays = {"cadence": "weekdays", "weekdays": 0b0000001}
    last_week = TODAY - timedelta(days=5)
    person = await make_person(
        database, team, plan_items=[item("glu-squeeze", cadence=mondays)], plan_starts_on=last_week
    )
    browser = await Browser(api).enter(person)
    page = await browser.today()
    assert "Nothing to do today. It is a rest day." in page
    assert "This week 0 of 1 day so far" in page
    # Something is not all of it.
    assert ticked((await api.get("/today")).text) == []
    await browser.send("/today/session", outcome="done")
    [session] = (await person.diary()).sessions
    assert [result.done for result in session.results] == [True]


async def test_a_score_is_saved_by_one_tap_and_corrected_by_another(browser: Browser, maria: Person) -> None:
    entry = field((await browser.api.get("/today")).text, "entry")
    for score in ("4", "4", "6"):
        answer = await browser.send("/today/pain", score=score, entry=entry)
        assert (answer.status_code, answer.headers["location"]) == (303, "/today?saved=pain#pain")
    [pain] = (await maria.diary()).pains
    assert (str(pain.entry.id), pain.entry.score, pain.entry.revision) == (entry, 6, 2)
    assert [score for score, _ in await maria.scores_before()] == [4]
    page = shown(await browser.api.get("/today?saved=pain"))
    assert "Saved. 6 out of 10." in page
    assert "You said 6. 11:00 AM" in page.replace("\u202f", " ")


async def test_where_it_hurts_stays_when_only_the_number_changes(browser: Browser, maria: Person) -> None:
    entry = str(uuid4())
    told = {"where": "told", "place": ["right:lateral_hip"], "aggravators": ["driving"]}
    await browser.send("/today/pain", score="4", entry=entry, **told)
    await browser.send("/today/pain", score="5", entry=entry)
    [pain] = (await maria.diary()).pains
    assert [(row.site, row.side) for row in pain.sites] == [("lateral_hip", "right")]
    assert pain.entry.aggravators == ["driving"]
    assert "Right side · Outer hip, over the bony point · Car" in await browser.today()
    await browser.send("/today/pain", score="5", entry=entry, where="told")
    [pain] = (await maria.diary()).pains
    assert (pain.entry.score, pain.sites, pain.entry.aggravators) == (5, [], [])


async def test_a_page_left_open_overnight_does_not_move_yesterdays_score(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    entry = str(uuid4())
    await browser.send("/today/pain", score="4", entry=entry)
    clock.now = NOW + timedelta(days=1)
    await browser.send("/today/pain", score="7", entry=entry)
    entries = [(pain.entry.day, pain.entry.score) for pain in (await maria.diary()).pains]
    assert entries == [(TODAY, 4), (TODAY + timedelta(days=1), 7)]


@pytest.mark.parametrize("score", ["11", "-1", "3.5", "four", "", "٤", "4 5", "1e1"])
async def test_a_score_that_is_no_whole_number_from_0_to_10(browser: Browser, maria: Person, score: str) -> None:
    answer = await browser.send("/today/pain", score=score, where="told", place=["left:low_back"])
    assert answer.status_code == 422
    assert "How is your hip right now? Use a whole number from 0 to 10." in shown(answer)
    assert (await maria.diary()).pains == []


async def test_a_nul_character_is_refused_by_name(browser: Browser, maria: Person) -> None:
    answer = await browser.send("/today/pain", score="4\x00")
    assert (answer.status_code, "Leave out the NUL character." in shown(answer)) == (422, True)
    assert (await maria.diary()).pains == []


@pytest.mark.parametrize(
    "fields",
    [
        {"place": "left:elbow"},
        {"place": "calf"},
        {"place": "top:calf"},
        {"place": ":"},
        {"worst": "calf"},
        {"aggravators": "tea"},
    ],
)
async def test_a_place_that_is_not_in_the_catalogue(browser: Browser, maria: Person, fields: dict[str, str]) -> None:
    answer = await browser.send("/today/pain", score="4", where="told", **fields)
    assert answer.status_code == 422
    assert (await maria.diary()).pains == []


async def test_a_high_score_is_answered_with_whom_to_call(browser: Browser, clock: Clock) -> None:
    await browser.send("/today/pain", score="7")
    assert "This is not for emergencies" not in await browser.today()
    clock.now = NOW + timedelta(minutes=1)
    await browser.send("/today/pain", score="8")
    assert "If you can't put weight on your leg, call 911." in await browser.today()


async def test_a_change_of_the_plan_is_news_for_seven_days(
    browser: Browser, maria: Person, database: Database, team: Team, clock: Clock
) -> None:
    kept = [
        item(i.exercise.code, item_key=i.row.item_key, dose_fields={"side": Side.BOTH, "reps": 8})
        for i in maria.plan.items
    ]
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        wanted = Prescription(
            "Home exercise plan", TODAY, kept, [HabitToPrescribe(habit, None, None) for habit in HABITS]
        )
        await plans.change(session, maria.client.id, wanted, 1, NOW)
    news = "Sam made a change to your plan: Double-leg bridge: 1 x 5 to 1 x 8; Glute squeeze: 1 x 5 to 1 x 8."
    assert news in await browser.today()
    clock.now = NOW + timedelta(days=6)
    assert news in await browser.today()
    clock.now = NOW + timedelta(days=7)
    assert "made a change" not in await browser.today()


async def test_messages_are_what_people_wrote_and_not_the_plain_answers(browser: Browser, maria: Person) -> None:
    said: dict[str, Any] = {
        "direction": "in",
        "channel": "text",
        "client_id": maria.client.id,
        "clinic_id": maria.team.clinic_id,
    }
    sams = {"direction": "out", "channel": "web", "staff_id": maria.team.therapist_id}
    lines: list[dict[str, Any]] = [
        {"body": "6 R car", "reading": "pain"},
        {"body": "4 but the <stairs> were hard", "reading": "pain note"},
        {"body": "Nice steady week.", **sams},
    ]
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        for number, line in enumerate(lines):
            at = NOW + timedelta(minutes=number)
            seq = await next_seq(session, maria.client.id)
            session.add(ThreadMessage(id=new_id(at), sent_at=at, created_at=at, sync_seq=seq, **said | line))
    page = (await browser.today()).replace("\u202f", " ")
    assert "You · Tue, Mar 10, 11:01 AM 4 but the <stairs> were hard" in page
    assert "Sam · Tue, Mar 10, 11:02 AM Nice steady week." in page
    assert "6 R car" not in page


async def test_a_name_is_shown_as_text(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, name="<script>alert(1)</script>")
    await Browser(api).enter(person)
    html = (await api.get("/today")).text
    assert "<script>" not in html
    assert "Hi &lt;script&gt;alert(1)&lt;/script&gt;." in html


async def test_the_page_speaks_the_clients_language(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, locale="es")
    await Browser(api).enter(person)
    html = (await api.get("/today", headers={"Accept-Language": "en"})).text
    assert '<html lang="es">' in html
    assert "martes, 10 de marzo" in html


async def test_once_nothing_is_left_to_tell_the_page_says_so(browser: Browser, maria: Person) -> None:
    done = "That is today done."
    await browser.send("/today/session", outcome="partly", **{f"item_{maria.plan.items[0].row.id}": "on"})
    for number, answer in enumerate(("yes", "60", "back", "2")):
        await browser.send(f"/today/habits/{maria.habit(number)}", answer=answer)
    assert done not in await browser.today()
    await browser.send("/today/pain", score="4")
    assert done in await browser.today()
    await browser.send("/today/pain", score="9")
    assert done not in await browser.today()
