"""Today while no plan runs, how the week is told, and the note that comes with a plan."""

from datetime import date, timedelta

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from tests.conftest import Clock, signed_in
from tests.make import NOW, TODAY, Team, item, make_client, make_plan
from tests.service.portal.conftest import HABITS, Browser, Person, make_person, section, shown

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
ASKED = "Did you stand evenly on both feet"


async def today_of(api: AsyncClient, person: Person) -> str:
    return await (await Browser(api).enter(person)).today()


async def test_a_client_without_a_plan_is_told_that_it_will_come(
    api: AsyncClient, database: Database, team: Team
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
    headers = await signed_in(database, team.clinic_id, client_id=client.id)
    page = shown(await api.get("/today", headers=headers))
    assert "Your plan is not ready yet. Your therapist will send it soon." in page
    assert "No habits yet. Your therapist can add some." in page
    assert "How is your hip right now?" in page
    assert "This week" not in page


async def test_a_plan_to_come_says_when_and_can_be_looked_at(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, plan_starts_on=TODAY + DAY, plan_note="See you on Thursday.")
    page = await today_of(api, person)
    assert "Your plan starts on Wednesday, March 11. There is nothing to do today." in page
    assert "Sam · Tue, Mar 10 See you on Thursday." in page
    assert "Have a look at it now Glute strength Double-leg bridge 5 times" in page
    assert "Your habits start with your plan." in page
    for words in ("not ready", "I did", "rest day", ASKED, "This week", "so far"):
        assert words not in page, words


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (TODAY + 3 * DAY, "Your plan is paused. It starts again on Saturday, March 14. No need to catch up."),
        (None, "Your plan is paused. Your therapist will tell you when it starts again. No need to catch up."),
    ],
)
async def test_a_paused_plan_is_no_rest_day_and_asks_nothing(
    browser: Browser, maria: Person, database: Database, team: Team, until: date | None, words: str
) -> None:
    await browser.send(f"/today/habits/{maria.habit(0)}", answer="yes")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.pause(session, maria.client.id, TODAY, until, "a private reason", NOW)
    page = await browser.today()
    assert words in page
    assert "Your habits have a break too." in page
    # What was told before the pause stays, and can still be changed.
    assert ASKED in page
    for other in ("It is a rest day", "I did some of it today", "Longest stretch of sitting", "private reason"):
        assert other not in page, other
    await browser.send("/today/session", outcome="done")
    assert "You did all of it today." in await browser.today()


async def test_a_pause_beyond_the_last_day_names_no_day_to_start_again(
    api: AsyncClient, maria: Person, database: Database, team: Team
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.pause(session, maria.client.id, TODAY, TODAY + 9 * DAY, None, NOW)
        await plans.end(session, maria.client.id, TODAY + 5 * DAY, NOW)
    assert "It starts again" not in await today_of(api, maria)


async def test_an_ended_plan_is_thanked_for_and_asks_nothing(
    browser: Browser, maria: Person, database: Database, team: Team, clock: Clock
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.end(session, maria.client.id, TODAY, NOW)
    assert "Your plan ended" not in await browser.today()
    clock.now = NOW + DAY
    page = await browser.today()
    ended = (
        "Your plan ended on Tuesday, March 10. Thank you for your work. Your therapist will tell you what comes next."
    )
    assert ended in page
    assert "There are no habits to tell right now." in page
    assert "How is your hip right now?" in page
    for words in ("not ready", "I did", ASKED):
        assert words not in page, words


async def test_a_plan_after_an_ended_one_is_the_news(
    browser: Browser, maria: Person, database: Database, team: Team, clock: Clock
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.end(session, maria.client.id, TODAY, NOW)
        await make_plan(session, maria.client, starts_on=TODAY + 2 * DAY)
    clock.now = NOW + DAY
    assert "Your plan starts on Thursday, March 12." in await browser.today()


async def test_a_plan_of_habits_alone_has_no_rest_days(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, plan_items=[])
    page = await today_of(api, person)
    assert "There are no moves in your plan. Your habits are below." in page
    assert ASKED in page
    assert "It is a rest day" not in page
    assert "No plan days this week." in page


async def test_the_week_is_told_in_whole_days(browser: Browser, maria: Person, clock: Clock) -> None:
    first = maria.plan.items[0].row.id
    await browser.send("/today/session", outcome="done")
    assert "This week 1 of 6 days so far" in await browser.today()
    clock.now = NOW + DAY
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    assert "This week 2 of 6 days so far, 1 of them in part" in await browser.today()


async def test_one_planned_day_is_one_day(api: AsyncClient, database: Database, team: Team) -> None:
    tuesdays = {"cadence": "weekdays", "weekdays": 0b0000010}
    items = [item("glu-squeeze", cadence=tuesdays)]
    person = await make_person(database, team, plan_items=items, plan_starts_on=TODAY - 7 * DAY)
    assert "This week 0 of 1 day so far" in await today_of(api, person)


async def test_a_plan_that_began_this_week_is_new_until_something_was_done(browser: Browser, clock: Clock) -> None:
    for later in (0, 5):
        clock.now = NOW + later * DAY
        assert "This week Your plan has just begun." in await browser.today()
    clock.now = NOW + 6 * DAY
    assert "This week 0 of 7 days so far" in await browser.today()


NOTE = "Start <gently>. One set is plenty."


@pytest.fixture
async def told(api: AsyncClient, database: Database, team: Team) -> Browser:
    person = await make_person(database, team, plan_note=NOTE)
    return await Browser(api).enter(person)


async def test_the_therapists_note_stands_with_the_plan_for_two_weeks(told: Browser, clock: Clock) -> None:
    assert f"Sam · Tue, Mar 10 {NOTE}" in await told.today()
    assert "Start &lt;gently&gt;." in section((await told.api.get("/today")).text, "plan")
    clock.now = NOW + 13 * DAY
    assert NOTE in await told.today()
    clock.now = NOW + 14 * DAY
    assert NOTE not in await told.today()


async def test_a_note_stays_on_a_rest_day_and_when_all_is_done(told: Browser) -> None:
    await told.send("/today/session", outcome="done")
    assert NOTE in await told.today()


@pytest.mark.parametrize("note", ["From Thursday a little more.", None])
async def test_a_newer_version_takes_the_note_of_the_one_before_away(
    api: AsyncClient, database: Database, team: Team, note: str | None
) -> None:
    person = await make_person(database, team, plan_note=NOTE)
    habits = [HabitToPrescribe(habit, None, None) for habit in HABITS]
    wanted = Prescription("Home exercise plan", TODAY + 2 * DAY, [item("glu-squeeze")], habits, note)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.change(session, person.client.id, wanted, 1, NOW)
    page = await today_of(api, person)
    assert NOTE not in page
    assert (f"About your plan from Thursday, March 12 {note}" in page) is (note is not None)


async def test_a_note_of_a_version_to_come_counts_its_two_weeks_from_its_first_day(
    api: AsyncClient, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team, plan_note=NOTE, plan_starts_on=TODAY + 3 * DAY)
    await Browser(api).enter(person)
    clock.now = NOW + 16 * DAY
    assert NOTE in shown(await api.get("/today"))
    clock.now = NOW + 17 * DAY
    assert NOTE not in shown(await api.get("/today"))


async def test_the_note_of_an_ended_plan_is_not_shown(
    told: Browser, database: Database, team: Team, api: AsyncClient
) -> None:
    person = await make_person(database, team, plan_note=NOTE, plan_starts_on=TODAY - 3 * DAY)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.end(session, person.client.id, TODAY - DAY, NOW)
    assert NOTE not in await today_of(api, person)
