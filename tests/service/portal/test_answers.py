"""Habits on the Today page, and where the page opens after an answer."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.plans.actions import HabitToPrescribe
from tests.conftest import Clock
from tests.make import NOW, Team
from tests.service.portal.conftest import Browser, Person, make_person, section, status

pytestmark = pytest.mark.anyio


def _read(html: str) -> str:
    """Without what only scripts read, which stands before it."""
    return html[html.index("<main") :]


async def test_a_high_score_opens_the_page_at_whom_to_call(browser: Browser) -> None:
    back = (await browser.send("/today/pain", score="8")).headers["location"]
    assert back == "/questions?saved=pain#top"
    asked = _read((await browser.api.get(back)).text)
    assert asked.index("call 911.") < asked.index("Saved.") < asked.index('value="rf-saddle"')
    html = _read((await browser.api.get("/today?saved=pain#top")).text)
    assert html.index("call 911.") < html.index("Saved. 8 out of 10.") < html.index('id="plan"')


async def test_habits_of_each_kind_are_told_in_one_tap(browser: Browser, maria: Person) -> None:
    for number, answer in enumerate(("yes", "60", "back")):
        path = f"/today/habits/{maria.habit(number)}"
        back = f"/today?saved={maria.habit(number)}#habit-{maria.habit(number)}"
        assert (await browser.send(path, answer=answer)).headers["location"] == back
    marks = (await maria.diary()).habits
    assert {(mark.yes, mark.amount, mark.choice) for mark in marks} == {
        (True, None, None),
        (None, 60.0, None),
        (None, None, "back"),
    }
    html = (await browser.api.get("/today")).text
    assert re.findall(r'value="([^"]*)" aria-pressed="true"', html) == ["yes", "60", "back"]


async def test_a_habit_is_skipped_for_a_day_and_that_says_nothing_either_way(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    path, anchor = f"/today/habits/{maria.habit(1)}", f"habit-{maria.habit(1)}"
    for answer in ("60", "skip", "skip"):
        assert (await browser.send(path, answer=answer)).status_code == 303
    [mark] = (await maria.diary()).habits
    assert (mark.skipped, mark.value, mark.revision) == (True, None, 2)
    html = section((await browser.api.get("/today")).text, anchor)
    assert re.findall(r'value="([^"]*)" aria-pressed="true"', html) == ["skip"]
    assert "Skipped for the day" in html
    assert "habit-told" not in html
    await browser.send(path, answer="30")
    [mark] = (await maria.diary()).habits
    assert (mark.skipped, mark.value) == (False, 30)


@pytest.mark.parametrize(
    ("number", "answer", "right"),
    [
        (0, "maybe", "Answer yes or no."),
        (1, "-5", "Use a whole number from 0 to 1440."),
        (1, "a lot", "Use a whole number from 0 to 1440."),
        (1, "99999", "Use a whole number from 0 to 1440."),
        (1, "12.5", "Use a whole number from 0 to 1440."),
        (3, "1000", "Use a whole number from 0 to 999."),
        (2, "on the roof", "Tap one of the answers."),
    ],
)
async def test_a_habit_answer_that_cannot_be_right_stands_beside_what_would_be(
    browser: Browser, maria: Person, number: int, answer: str, right: str
) -> None:
    refused = await browser.send(f"/today/habits/{maria.habit(number)}", answer=answer)
    assert (refused.status_code, right in section(refused.text, f"habit-{maria.habit(number)}")) == (422, True)
    if number == 1:
        assert f'value="{answer}"' in refused.text
    assert list((await maria.diary()).habits) == []


@pytest.mark.parametrize(
    ("locale", "number", "answer", "told"),
    [
        ("en", 1, "45", "45 minutes"),
        ("en", 1, "30", "30 minutes"),
        ("en", 1, "1", "1 minute"),
        ("en", 1, "0", "0 minutes"),
        ("en", 3, "7", "7 times"),
        ("en", 3, "1", "1 time"),
        ("es", 1, "1440", "1440 minutos"),
        ("es", 3, "1", "1 vez"),
    ],
)
async def test_a_number_is_shown_beside_its_habit(
    api: AsyncClient, database: Database, team: Team, locale: str, number: int, answer: str, told: str
) -> None:
    person = await make_person(database, team, locale=locale)
    browser = await Browser(api).enter(person)
    anchor = f"habit-{person.habit(number)}"
    assert "habit-told" not in (await api.get("/today")).text
    await browser.send(f"/today/habits/{person.habit(number)}", answer=answer)
    html = (await api.get("/today")).text
    assert re.findall(r'class="habit-told">.*</svg>\s*(.*)</p>', section(html, anchor)) == [told]
    assert html.count("habit-told") == 1


async def test_what_was_saved_is_said_where_the_page_opens(browser: Browser, maria: Person) -> None:
    habit = maria.habit(1)
    sent: list[tuple[str, dict[str, str], str]] = [
        ("/today/session", {"outcome": "done"}, "Saved."),
        ("/today/pain", {"score": "4"}, "Saved. 4 out of 10."),
        (f"/today/habits/{habit}", {"answer": "30"}, "Saved."),
    ]
    for path, fields, words in sent:
        back = (await browser.send(path, **fields)).headers["location"]
        html = (await browser.api.get(back)).text
        assert status(html) == words
        # Above everything but the heading: it is seen as soon as the page opens there.
        before = section(html, back.partition("#")[2]).partition('role="status"')[0]
        assert before.count("<form") == 0
        assert before.count("<li") == 0


@pytest.mark.parametrize(
    "saved", ["session", "pain", "habit", "safety", "nonsense", "01a207ca-4a81-74aa-94c4-94d003371110"]
)
async def test_an_address_cannot_say_that_something_was_saved(browser: Browser, saved: str) -> None:
    assert 'role="status"' not in (await browser.api.get("/today", params={"saved": saved})).text


async def test_a_refused_answer_opens_the_page_at_what_would_be_right(browser: Browser, maria: Person) -> None:
    html = (await browser.api.get("/today")).text
    actions = set(re.findall(r'action="(/today[^"]*)"', html))
    habits = {f"/today/habits/{habit.id}#habit-{habit.id}" for habit in maria.plan.habits}
    assert actions == {"/today/session#plan", "/today/pain#pain", "/today/messages#messages"} | habits


async def test_a_weekly_habit_is_asked_until_it_is_answered_in_that_week(
    api: AsyncClient, database: Database, team: Team, clock: Clock
) -> None:
    weekly = [HabitToPrescribe("hab-cross-same", None, None)]
    person = await make_person(database, team, plan_habits=weekly)
    browser = await Browser(api).enter(person)
    question = "When you crossed, was it mostly the same leg on top?"
    await browser.send(f"/today/habits/{person.habit(0)}", answer="mixed")
    assert question in await browser.today()
    clock.now = NOW + timedelta(days=5)
    assert question not in await browser.today()
    clock.now = NOW + timedelta(days=6)
    assert question in await browser.today()
