"""Pain told more than once a day, where it is worst, and what is taken back."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from service.database.tenancy import Database
from tests import told
from tests.conftest import Clock
from tests.make import NOW, TODAY
from tests.service.portal.conftest import Browser, Person, field, make_person, section, shown, status

pytestmark = pytest.mark.anyio


def undo_form(html: str) -> dict[str, Any]:
    """What the page's one undo button sends."""
    [form] = re.findall(r'<form method="post" action="/today/undo.*?</form>', html, re.DOTALL)
    return {name: field(form, name) for name in ("place", "entry", "revision")}


async def test_the_worst_place_comes_first_and_each_place_keeps_its_own_side(
    browser: Browser, maria: Person, database: Database
) -> None:
    await told.pain(database, maria.client, TODAY, 4, sites=[("groin_front", "left"), ("lateral_hip", "right")])
    html = section((await browser.api.get("/today")).text, "pain")
    assert re.findall(r'value="([^"]+)" checked', html) == ["left:groin_front", "right:lateral_hip"]
    assert '<option value="left:groin_front" selected>' in html
    entry = str((await maria.diary()).pains[0].entry.id)
    places = {"place": ["left:groin_front", "right:lateral_hip"], "worst": "right:lateral_hip", "radiates": "no"}
    more = {"qualities": "stiff", "note": "Stiff too."}
    await browser.send("/today/pain", score="4", entry=entry, where="told", **places, **more)
    [pain] = (await maria.diary()).pains
    assert [(row.site, row.side) for row in pain.sites] == [("lateral_hip", "right"), ("groin_front", "left")]
    assert (pain.entry.qualities, pain.entry.radiates, pain.entry.note) == (["stiff"], "no", "Stiff too.")
    assert "Outer hip, over the bony point (right side)" in await browser.today()
    await browser.send("/today/pain", score="5", entry=entry)
    [pain] = (await maria.diary()).pains
    assert (pain.entry.score, len(pain.sites), pain.entry.note) == (5, 2, "Stiff too.")
    too_long = await browser.send("/today/pain", score="5", entry=entry, where="told", note="x" * 2001)
    assert (too_long.status_code, "Use at most 2000 characters." in too_long.text) == (422, True)


async def test_a_form_that_was_not_touched_keeps_places_as_a_text_told_them(
    browser: Browser, maria: Person, database: Database
) -> None:
    sites = [("calf", None), (None, "right"), ("low_back", "both")]
    await told.pain(database, maria.client, TODAY, 4, sites=sites)
    html = section((await browser.api.get("/today")).text, "pain")
    ticked = re.findall(r'name="place" value="([^"]+)" checked', html)
    assert sorted(ticked) == [":calf", "left:low_back", "right:", "right:low_back"]
    [worst] = re.findall(r'<option value="([^"]*)" selected>', html) or [":calf"]
    await browser.send("/today/pain", score="4", entry=field(html, "entry"), where="told", place=ticked, worst=worst)
    [pain] = (await maria.diary()).pains
    assert {(row.site, row.side) for row in pain.sites} == set(sites)


async def test_what_was_ticked_stays_when_something_beside_it_is_wrong(browser: Browser) -> None:
    wrong = await browser.send("/today/pain", score="4", where="told", place="left:calf", note="x" * 2001)
    assert wrong.status_code == 422
    # Nothing was kept, so the page asks for the score again.
    assert "Use at most 2000 characters." in section(wrong.text, "pain")
    await browser.send("/today/pain", score="4")
    entry = field(section((await browser.api.get("/today")).text, "pain"), "entry")
    wrong = await browser.send("/today/pain", score="4", entry=entry, where="told", place="left:calf", note="x" * 2001)
    assert 'value="left:calf" checked' in wrong.text


async def test_a_second_score_of_the_day_stands_beside_the_first(browser: Browser, maria: Person, clock: Clock) -> None:
    await browser.send("/today/pain", score="6", entry=str(uuid4()))
    clock.now = NOW + timedelta(hours=3)
    html = (await browser.api.get("/today")).text
    again = field(html[html.index("It has changed since then") :], "entry")
    for _ in range(2):
        await browser.send("/today/pain", score="4", entry=again)
    assert [pain.entry.score for pain in (await maria.diary()).pains] == [6, 4]
    page = (await browser.today()).replace("\u202f", " ")
    assert "You said 4. 2:00 PM Before that: 6, at 11:00 AM." in page


async def test_a_lower_score_later_does_not_take_away_whom_to_call(browser: Browser, clock: Clock) -> None:
    await browser.send("/today/pain", score="8", entry=str(uuid4()))
    clock.now = NOW + timedelta(hours=3)
    await browser.send("/today/pain", score="2", entry=str(uuid4()))
    assert "If you can't put weight on your leg, call 911." in await browser.today()


async def test_undo_brings_back_what_stood_before_and_then_nothing(browser: Browser, maria: Person) -> None:
    entry = str(uuid4())
    await browser.send("/today/pain", score="4", entry=entry)
    await browser.send("/today/pain", score="7", entry=entry)
    form = undo_form((await browser.api.get("/today?saved=pain")).text)
    # A second tap, or one on a page that is no longer true, takes back no more.
    for _ in range(2):
        answer = await browser.send("/today/undo", **form)
        assert answer.headers["location"] == "/today?saved=undone-pain#pain"
    html = (await browser.api.get("/today?saved=undone-pain")).text
    assert status(html) == "Taken back."
    assert "/today/undo" not in html
    assert [pain.entry.score for pain in (await maria.diary()).pains] == [4]


async def test_undo_of_what_said_nothing_before_leaves_nothing(browser: Browser, maria: Person) -> None:
    habit = str(maria.habit(0))
    sent = {
        "/today/pain": ("pain", {"score": "4"}),
        "/today/session": ("session", {"outcome": "skipped", "reason": "hurts"}),
        f"/today/habits/{habit}": (habit, {"answer": "no"}),
    }
    for path, (place, fields) in sent.items():
        back = (await browser.send(path, **fields)).headers["location"]
        form = undo_form((await browser.api.get(back)).text)
        assert form["place"] == place
        assert (await browser.send("/today/undo", **form)).status_code == 303
    kept = await maria.diary()
    assert (kept.pains, kept.sessions, list(kept.habits)) == ([], [], [])
    # What was taken back can be told again.
    for path, (_, fields) in sent.items():
        assert (await browser.send(path, **fields)).status_code == 303
    kept = await maria.diary()
    assert (len(kept.pains), len(kept.sessions), len(kept.habits)) == (1, 1, 1)


async def test_nobody_takes_back_what_another_told_or_what_is_long_ago(
    browser: Browser, maria: Person, database: Database
) -> None:
    stranger = await make_person(database, maria.team)
    await told.pain(database, stranger.client, TODAY, 5)
    await told.pain(database, maria.client, TODAY - timedelta(days=8), 5)
    [theirs] = (await stranger.diary()).pains
    [long_ago] = (await maria.diary()).pains
    rows = [(str(theirs.entry.id), 404), (str(uuid4()), 404), ("soon", 404), (str(long_ago.entry.id), 422)]
    for entry, code in rows:
        answer = await browser.send("/today/undo", place="pain", entry=entry, revision="1")
        assert answer.status_code == code, entry
    assert "Use a day of the last 7 days." in shown(answer)
    assert len((await stranger.diary()).pains) == len((await maria.diary()).pains) == 1
