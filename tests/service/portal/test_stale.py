"""The plan changed while a page was open: the answer is kept, explained, and one tap away from the new plan. And a
button that is pressed twice at once leaves one entry."""

import asyncio
import re
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.diary.red_flags import open_red_flag
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.queries import Content, contents
from service.portal.actions import NO_LONGER_ASKED
from tests.make import NOW, TODAY, item
from tests.service.portal.conftest import HABITS, Browser, Person, one_job, shown, status

pytestmark = pytest.mark.anyio

CHANGED = "Your plan changed while this page was open."


async def change(person: Person, items: list[ItemToPrescribe], habits: list[HabitToPrescribe] | None = None) -> Content:
    """A new version from today."""
    wanted = [HabitToPrescribe(habit, None, None) for habit in HABITS] if habits is None else habits
    async with person.database.clinic_tx(person.team.clinic_id, person.team.therapist) as session:
        await plans.change(session, person.client.id, Prescription("Home exercise plan", TODAY, items, wanted), 1, NOW)
        return (await contents(session, person.client.id))[-1]


def kept_items(person: Person, *numbers: int, **fields: object) -> list[ItemToPrescribe]:
    """Items of the plan as they stand, under their own keys."""
    rows = [person.plan.items[number] for number in numbers]
    codes = ["glu-bridge-double", "glu-squeeze"]
    return [item(codes[n], item_key=row.row.item_key, **fields) for n, row in zip(numbers, rows, strict=True)]


async def sessions(person: Person) -> list[tuple[str, int]]:
    query = (
        "SELECT s.outcome, (SELECT count(*) FROM exercise_result r WHERE r.session_id = s.id AND r.done"
        " AND r.deleted_at IS NULL) FROM exercise_session s WHERE s.client_id = :client"
    )
    return [tuple(row) for row in await person.rows(query)]


def today_form(person: Person, outcome: str, *numbers: int) -> dict[str, str]:
    ticks = {f"item_{person.plan.items[number].row.id}": "on" for number in numbers}
    return {"plan": str(person.plan.version.id), "outcome": outcome, **ticks}


async def test_the_page_names_the_version_it_shows(browser: Browser, maria: Person) -> None:
    page = await browser.api.get("/today")
    assert page.text.count(f'name="plan" value="{maria.plan.version.id}"') == 2


async def test_all_of_it_is_what_it_was_and_the_new_plan_asks_for_more(browser: Browser, maria: Person) -> None:
    await change(maria, [*kept_items(maria, 0), item("glu-sidestep")])
    page = await browser.send("/today/session", **today_form(maria, "done"))
    assert page.status_code == 409
    words = shown(page)
    assert f"{CHANGED} We kept your answer. One tap saves it for the new plan." in words
    assert "You did this, and it is in the new plan: Double-leg bridge" in words
    assert "You did this, and it is not in the new plan. It is left out: Glute squeeze" in words
    assert "New for today: Sidestep" in words or "New for today:" in words
    assert await sessions(maria) == []
    answer = await browser.api.post("/today/session", data=one_job(page))
    assert answer.headers["location"] == "/today?saved=session#plan"
    assert await sessions(maria) == [("partly", 1)]


async def test_all_of_it_stays_all_of_it_when_the_new_plan_asks_for_less(browser: Browser, maria: Person) -> None:
    await change(maria, kept_items(maria, 0))
    page = await browser.send("/today/session", **today_form(maria, "done"))
    assert page.status_code == 409
    assert (await browser.api.post("/today/session", data=one_job(page))).status_code == 303
    assert await sessions(maria) == [("done", 1)]


async def test_ticks_and_counts_move_to_the_new_plan(browser: Browser, maria: Person) -> None:
    now = await change(maria, [*kept_items(maria, 0, dose_fields={"sets": 1}), item("glu-sidestep")])
    old = maria.plan.items[0].row.id
    counted = {f"set_{old}_1_reps": "7"}
    page = await browser.send("/today/session", **today_form(maria, "partly", 0, 1), **counted)
    assert page.status_code == 409
    new = now.items[0].row.id
    assert {(f"item_{new}", "on"), (f"set_{new}_1_reps", "7")} <= one_job(page).items()
    assert str(old) not in page.text
    await browser.api.post("/today/session", data=one_job(page))
    assert await sessions(maria) == [("partly", 1)]
    assert await maria.rows("SELECT reps FROM exercise_set WHERE client_id = :client") == [(7,)]


async def test_when_nothing_of_it_is_left_some_of_it_is_kept(browser: Browser, maria: Person) -> None:
    await change(maria, [item("glu-sidestep")])
    page = await browser.send("/today/session", **today_form(maria, "partly", 1))
    assert (page.status_code, "New for today:" in shown(page)) == (409, True)
    await browser.api.post("/today/session", data=one_job(page))
    assert await sessions(maria) == [("partly", 0)]


async def test_a_change_that_says_the_same_of_it_asks_nothing(browser: Browser, maria: Person) -> None:
    """Another habit, and "not today": neither is about the moves that changed."""
    await change(maria, kept_items(maria, 0, 1), [])
    assert (await browser.send("/today/session", **today_form(maria, "partly", 0))).status_code == 303
    assert await sessions(maria) == [("partly", 1)]
    assert (await browser.send("/today/session", **today_form(maria, "done"))).status_code == 303
    assert await sessions(maria) == [("done", 2)]
    assert (await browser.send("/today/session", **today_form(maria, "skipped"))).status_code == 303


async def test_a_version_that_is_not_hers_is_as_good_as_none(browser: Browser, maria: Person) -> None:
    sent = {"plan": str(uuid4()), "outcome": "done"}
    assert (await browser.send("/today/session", **sent)).status_code == 303
    assert (await browser.send("/today/session", **sent | {"plan": "soon"})).status_code == 303


async def test_behind_a_link_it_is_explained_without_a_word_of_what_it_is(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.PLAN)
    assert f'name="plan" value="{maria.plan.version.id}"' in (await api.get(link)).text
    await change(maria, [*kept_items(maria, 0), item("glu-sidestep")])
    page = await api.post(link, data={"answer": "done", "plan": str(maria.plan.version.id)})
    assert (page.status_code, CHANGED in shown(page)) == (409, True)
    assert "bridge" not in page.text
    assert "Maria" not in page.text
    assert (await api.post(link, data=one_job(page))).status_code == 200
    assert [outcome for outcome, _ in await sessions(maria)] == ["partly"]


async def test_a_habit_goes_to_the_version_that_asks_it_now(browser: Browser, maria: Person) -> None:
    now = await change(maria, kept_items(maria, 0), [HabitToPrescribe(HABITS[0], None, None)])
    first, second = maria.habit(0), maria.habit(1)
    assert (await browser.send(f"/today/habits/{first}", answer="yes")).status_code == 303
    gone = await browser.send(f"/today/habits/{second}", answer="60")
    assert gone.headers["location"] == "/today?saved=gone#habits"
    assert status((await browser.api.get("/today?saved=gone")).text) == NO_LONGER_ASKED
    marks = {mark.habit_key: mark for mark in (await maria.diary()).habits}
    assert marks[now.habits[0].habit_key].plan_habit_id == now.habits[0].id
    assert marks[maria.plan.habits[1].habit_key].amount == 60


async def test_two_taps_at_once_are_one_entry(browser: Browser, maria: Person) -> None:
    page = (await browser.api.get("/today")).text
    entries = re.findall(r'name="entry" value="([^"]+)"', page)
    pain = page.split('action="/today/pain')[1].split("</form>")[0]
    pain_entry = re.findall(r'name="entry" value="([^"]+)"', pain)[0]
    taps = [
        *[browser.send("/today/session", **today_form(maria, "done")) for _ in range(3)],
        *[browser.send(f"/today/habits/{maria.habit(0)}", answer="yes") for _ in range(3)],
        *[browser.send("/today/pain", score="4", entry=pain_entry) for _ in range(3)],
        *[browser.send("/today/messages", text="Thank you", entry=entries[-1]) for _ in range(3)],
    ]
    assert {answer.status_code for answer in await asyncio.gather(*taps)} == {303}
    kept = await maria.diary()
    assert (len(kept.sessions), len(kept.habits), len(kept.pains)) == (1, 1, 1)
    assert await maria.rows("SELECT count(*) FROM thread_message WHERE client_id = :client") == [(1,)]


def told_moves(person: Person, *numbers: int, **more: str) -> dict[str, str]:
    """The end of the moves one by one, of which these are done."""
    ids = [item.row.id for item in person.plan.items]
    did = {f"did_{id_}": "done" if number in numbers else "skipped" for number, id_ in enumerate(ids)}
    return {"tell": "finish", "day": TODAY.isoformat(), "at": "3", **did, **more}


async def test_moves_told_one_by_one_of_a_plan_that_changed_are_one_tap_away(browser: Browser, maria: Person) -> None:
    await change(maria, kept_items(maria, 0))
    page = await browser.send("/today/moves", **told_moves(maria, 0, 1))
    assert (page.status_code, CHANGED in shown(page), await sessions(maria)) == (409, True, [])
    assert "it is not in the new plan" in shown(page)
    answer = await browser.send("/today/moves", **one_job(page))
    assert answer.headers["location"] == "/today/moves/felt"
    assert await sessions(maria) == [("done", 1)]


async def test_moves_that_waited_on_a_phone_are_kept_for_the_plan_of_now(browser: Browser, maria: Person) -> None:
    await change(maria, kept_items(maria, 0))
    stamps = {"made_at": NOW.isoformat(), "sent_at": NOW.isoformat(), "person": str(maria.client.id)}
    answer = await browser.send("/today/moves", **told_moves(maria, 0, 1), **stamps)
    assert (answer.status_code, answer.json()) == (200, {"back": "/today?saved=changed#plan"})
    assert await sessions(maria) == [("done", 1)]


async def test_moves_of_which_none_is_left_are_some_of_it(browser: Browser, maria: Person) -> None:
    await change(maria, [item("glu-sidestep")])
    stamps = {"made_at": NOW.isoformat(), "sent_at": NOW.isoformat(), "person": str(maria.client.id)}
    assert (await browser.send("/today/moves", **told_moves(maria, 0), **stamps)).status_code == 200
    assert await sessions(maria) == [("partly", 0)]


async def test_an_open_page_takes_no_moves_of_a_plan_on_hold(browser: Browser, maria: Person) -> None:
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        await open_red_flag(session, maria.client.id, "staff", NOW)
    page = await browser.send("/today/moves", **told_moves(maria, 0, 1))
    assert (page.status_code, await sessions(maria)) == (422, [])
