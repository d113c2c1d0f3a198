"""The moves of a day one by one: where somebody stands goes from page to page, and only a button keeps it."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.catalogue.library import shipped
from service.catalogue.rules import Side, dose_default
from service.database.tenancy import Database
from service.diary.red_flags import open_red_flag
from service.plans import actions as plans
from service.portal.rules import Form
from service.portal.rules.moves import Tap, Told, after, walk_of
from tests import told
from tests.make import NOW, TODAY, item
from tests.service.portal.conftest import Browser, Person, make_person, shown, status, watched, writes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def maria(database: Database, team: object) -> Person:
    """A clamshell of the right leg, 2 sets of 8 (the least of the library), and a bridge of both, 1 set of 5."""
    items = [item("glu-clam", dose_fields={"side": Side.RIGHT}), item("glu-bridge-double")]
    return await make_person(database, team, plan_items=items, plan_starts_on=TODAY - timedelta(days=9))  # type: ignore[arg-type]


def items_of(person: Person) -> list[UUID]:
    return [one.row.id for one in person.plan.items]


def carried(html: str) -> dict[str, str]:
    """What the page's form would send, but for the token and the button."""
    fields = dict(re.findall(r'<input type="(?:hidden|number)"[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', html))
    return {name: value for name, value in fields.items() if name != "csrf"}


async def tap(browser: Browser, html: str, tell: str, **changes: str) -> Any:
    return await browser.send("/today/moves", **(carried(html) | changes), tell=tell)


async def follow(browser: Browser, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return (await browser.api.get(answer.headers["location"])).text


def seen_step(html: str) -> str:
    """The one step that is not hidden."""
    [step] = re.findall(r'<section class="step" id="[^"]*" aria-labelledby="[^"]*"(?! hidden).*?</section>', html, re.S)
    return str(step)


async def test_each_move_is_a_page_and_nothing_is_written_before_the_end(
    browser: Browser, maria: Person, database: Database
) -> None:
    clam, bridge = items_of(maria)
    with watched(database) as statements:
        html = (await browser.api.get("/today/moves")).text
        step = seen_step(html)
        for words in ("Clamshell", "2 sets of 8", "Move the right leg", "Stop if pain gets above 5"):
            assert words in step, words
        [(alt, cue)] = re.findall(
            r'<img src="/pictures/\w+.svg" alt="([^"]+)".*<p class="move-cue">([^<]+)<', step, re.S
        )
        assert alt == cue
        html = await follow(browser, await tap(browser, html, "done"))
        assert ("bridge" in seen_step(html), "2 of 2" in html) == (True, True)
        html = await follow(browser, await tap(browser, html, "back"))
        assert "Clamshell" in seen_step(html)
        html = await follow(browser, await tap(browser, html, "done"))
        html = await follow(browser, await tap(browser, html, "skipped"))
        assert "That was the last move." in seen_step(html)
        assert carried(html).items() >= {f"did_{clam}": "done", f"did_{bridge}": "skipped"}.items()
    assert writes(statements) == []
    answer = await tap(browser, html, "finish")
    assert answer.headers["location"] == "/today/moves/felt"
    [kept] = (await maria.diary()).sessions
    assert kept.row.outcome == "partly"
    assert {result.plan_item_id: result.done for result in kept.results} == {clam: True, bridge: False}
    assert kept.sets == []


async def test_all_of_it_told_twice_is_one_session(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    did = {f"did_{clam}": "done", f"did_{bridge}": "done"}
    for _ in range(2):
        assert (await browser.send("/today/moves", tell="finish", at="3", **did)).status_code == 303
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, kept.row.revision) == ("done", 1)


async def test_closing_keeps_what_was_done_and_one_goes_on_behind_it(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    html = (await browser.api.get("/today/moves")).text
    assert (await tap(browser, html, "stop")).headers["location"] == "/today#plan"
    assert (await maria.diary()).sessions == []
    html = await follow(browser, await tap(browser, html, "done"))
    assert (await tap(browser, html, "stop")).headers["location"] == "/today?saved=session#plan"
    [kept] = (await maria.diary()).sessions
    assert [result.done for result in kept.results if result.plan_item_id == clam] == [True]
    assert "Go on with my plan" in await browser.today()
    html = (await browser.api.get("/today/moves")).text
    assert "bridge" in seen_step(html)
    # Skipping it takes nothing back; doing it makes it all of it.
    await browser.send("/today/moves", tell="finish", at="3", **{f"did_{bridge}": "done"})
    [kept] = (await maria.diary()).sessions
    assert kept.row.outcome == "done"
    # Once all is done, it begins anew, and an early end takes nothing back.
    html = (await browser.api.get("/today/moves")).text
    assert "Clamshell" in seen_step(html)
    await browser.send("/today/moves", tell="stop", at="2", **{f"did_{clam}": "done"})
    assert [s.row.outcome for s in (await maria.diary()).sessions] == ["done"]


async def test_fewer_sets_are_kept_as_sets_of_that_leg_and_are_some_of_it(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    html = (await browser.api.get("/today/moves")).text
    assert carried(html).items() >= {f"sets_{clam}": "2", f"reps_{clam}": "8"}.items()
    html = await follow(browser, await tap(browser, html, "done", **{f"reps_{clam}": "6"}))
    html = await follow(browser, await tap(browser, html, "done"))
    await tap(browser, html, "finish")
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, [result.done for result in kept.results]) == ("partly", [True, True])
    assert [(one.number, one.reps, one.side) for one in kept.sets] == [(1, 6, "right"), (2, 6, "right")]
    # More of the other one leaves them as they are.
    more = {f"did_{clam}": "done", f"did_{bridge}": "done", f"sets_{bridge}": "2", f"reps_{bridge}": "5"}
    await browser.send("/today/moves", tell="finish", at="3", **more)
    [kept] = (await maria.diary()).sessions
    assert sorted((one.reps, one.side) for one in kept.sets if one.side) == [(6, "right"), (6, "right")]
    assert [one.reps for one in kept.sets if one.side is None] == [5, 5]
    assert kept.row.outcome == "partly"


async def test_a_number_that_is_none_stays_with_what_would_be_right_and_changes_nothing(
    browser: Browser, maria: Person
) -> None:
    clam, _ = items_of(maria)
    html = (await browser.api.get("/today/moves")).text
    for name, typed, hint in (
        (f"reps_{clam}", "many", "Use a whole number from 0 to 1000."),
        (f"reps_{clam}", "1001", "Use a whole number from 0 to 1000."),
        (f"sets_{clam}", "0", "Use a whole number from 1 to 25."),
        (f"sets_{clam}", "26", "Use a whole number from 1 to 25."),
        (f"sets_{clam}", "1", "Say the reps, the seconds or the load of this set."),
    ):
        for tell in ("done", "finish"):
            reps = {f"reps_{clam}": ""} if name.startswith("sets") else {}
            refused = await tap(browser, html, tell, **reps, **{name: typed, f"did_{clam}": "done"})
            step = seen_step(refused.text)
            assert (refused.status_code, hint in step, f'value="{typed}"' in step) == (422, True, True), (name, tell)
    assert (await maria.diary()).sessions == []


async def test_what_no_page_sends_is_refused_in_words(browser: Browser, maria: Person) -> None:
    clam, _ = items_of(maria)
    stranger = {"did_00000000-0000-7000-8000-000000000001": "done"}
    for fields, words in (
        ({"tell": "jump"}, "Tap one of the answers."),
        ({"tell": "finish"}, "Tell first what you did today."),
        ({"tell": "finish", f"did_{clam}": "done", **stranger}, "Your plan has changed."),
        ({"tell": "finish", f"did_{clam}": "done", "day": "soon"}, "Use a day such as 2026-03-10."),
        ({"tell": "finish", f"did_{clam}": "done", "day": str(TODAY + timedelta(days=1))}, "Use today or a day before"),
    ):
        answer = await browser.send("/today/moves", **fields)
        assert (answer.status_code, words in shown(answer)) == (422, True), words
    for at in ("0", "99", "x", "-1", "٣"):
        assert (await browser.api.get("/today/moves", params={"at": at})).status_code == 200, at
    answer = await browser.api.post("/today/moves", data={"tell": "finish", f"did_{clam}": "done"})
    assert answer.status_code == 403
    assert (await maria.diary()).sessions == []


async def test_begun_before_midnight_it_is_kept_for_that_day(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    yesterday = str(TODAY - timedelta(days=1))
    did = {f"did_{clam}": "done", f"did_{bridge}": "done", "day": yesterday, "at": "3"}
    html = (await browser.api.get("/today/moves", params=did)).text
    assert carried(html)["day"] == yesterday
    answer = await tap(browser, html, "finish")
    assert answer.headers["location"] == f"/today?saved={yesterday}#week"
    assert [(s.row.day, s.row.outcome) for s in (await maria.diary()).sessions] == [(TODAY - timedelta(days=1), "done")]


async def test_how_it_felt_is_asked_at_the_end_and_each_answer_is_one_tap(browser: Browser, maria: Person) -> None:
    answer = await browser.api.get("/today/moves/felt")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today/moves")
    await told.did(maria.database, maria.client, TODAY)
    assert "You did all of it today." in shown(await browser.api.get("/today/moves/felt"))
    for fields in ({"effort": "hard"}, {"during": "3"}):
        html = await follow(browser, await browser.send("/today/moves/felt", **fields))
        assert status(html) == "Saved."
    row = (await maria.diary()).sessions[0].row
    assert (row.effort, row.pain_during, row.pain_before) == ("hard", 3, None)
    wrong = await browser.send("/today/moves/felt", during="11")
    assert (wrong.status_code, "Use a whole number from 0 to 10." in wrong.text) == (422, True)


async def test_both_legs_are_named_in_their_order_and_counted_each(
    browser: Browser, database: Database, team: Any
) -> None:
    dog = item("glu-bird-dog", dose_fields={"side": Side.BOTH})
    ines = await make_person(database, team, plan_items=[dog])
    await browser.enter(ines)
    html = (await browser.api.get("/today/moves")).text
    assert re.findall(r'data-leg="(\w+)"', html) == ["left", "right"]
    assert "Left, then right" in html
    [id_] = items_of(ines)
    counted = {f"did_{id_}": "done", f"sets_{id_}": "1", f"reps_{id_}": "", f"seconds_{id_}": "4"}
    assert (await browser.send("/today/moves", tell="finish", at="2", **counted)).status_code == 303
    [kept] = (await ines.diary()).sessions
    # Of a box left empty nothing is told.
    assert [(one.side, one.reps, one.seconds) for one in kept.sets] == [("left", None, 4), ("right", None, 4)]


async def test_where_there_is_nothing_to_do_it_says_why(
    browser: Browser, maria: Person, database: Database, team: Any
) -> None:
    kim = await make_person(database, team, plan_starts_on=TODAY + timedelta(days=3))
    await browser.enter(kim)
    assert "Your plan starts on Friday, March 13." in shown(await browser.api.get("/today/moves"))
    await browser.enter(maria)
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await open_red_flag(session, maria.client.id, "staff", NOW)
    words = shown(await browser.api.get("/today/moves"))
    assert ("Your plan is on hold" in words, "Call 911" in words, "Clamshell" in words) == (True, True, False)
    async with database.clinic_tx(kim.team.clinic_id, kim.team.therapist) as session:
        await plans.end(session, kim.client.id, TODAY - timedelta(days=1), NOW)
    await browser.enter(kim)
    assert "Your plan" in shown(await browser.api.get("/today/moves"))


async def test_everybody_goes_through_their_own_moves_and_who_is_not_signed_in_through_none(
    browser: Browser, maria: Person, database: Database, team: Any
) -> None:
    ines = await make_person(database, team, plan_items=[item("glu-sit-stand")])
    [theirs] = items_of(ines)
    await browser.send("/today/moves", tell="finish", at="2", **{f"did_{theirs}": "done"})
    assert ((await ines.diary()).sessions, (await maria.diary()).sessions) == ([], [])
    await browser.enter(ines)
    words = shown(await browser.api.get("/today/moves"))
    assert ("Sit to stand" in words, "Clamshell" in words) == (True, False)
    browser.api.cookies.clear()
    for path in ("/today/moves", "/today/moves/felt"):
        answer = await browser.api.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")


def test_a_move_that_was_done_stays_done_and_the_next_is_one_of_which_nothing_was_told() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    form = Form([("at", "1"), (f"did_{one}", "done"), (f"did_{two}", "skipped")])
    items = [one, two, three]
    walk = after(walk_of(form, dict.fromkeys(items, dose_default(shipped().exercises[0]))), Tap.SKIPPED, items)
    assert (walk.place, walk.told) == (3, {one: Told.DONE, two: Told.SKIPPED})
    assert after(walk, Tap.DONE, items).place == 4
