"""One-off fixes on Today and behind a link, and habits of yesterday."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.plans.actions import HabitToPrescribe
from service.plans.fix_rows import FixToPrescribe, LessonToPrescribe, OnceToPrescribe
from tests.conftest import Clock, signed_in
from tests.make import NOW, TODAY, Team, make_client, make_team
from tests.service.portal.conftest import Browser, Person, make_person, shown

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
WEDGE = FixToPrescribe("Put a wedge on your car seat.", TODAY + 3 * DAY, 14)
PILLOW = FixToPrescribe("Get a pillow for your sore hip.", TODAY + DAY)
ONCE = OnceToPrescribe([WEDGE, PILLOW], [LessonToPrescribe("Some pain is fine", "Up to 3 is.")])


@pytest.fixture
async def ana(database: Database, team: Team) -> Person:
    habits = [HabitToPrescribe("hab-car-min", 40, None)]
    return await make_person(
        database,
        team,
        plan_once=ONCE,
        plan_habits=habits,
    )


async def told(person: Person) -> list[Any]:
    statement = (
        "SELECT r.day, r.told, r.in_place, r.revision, r.deleted_at IS NOT NULL AS gone FROM fix_report r"
        " JOIN plan_fix f ON f.clinic_id = r.clinic_id AND f.id = r.plan_fix_id"
        " WHERE r.client_id = :client ORDER BY r.day"
    )
    return [tuple(row) for row in await person.rows(statement)]


async def test_a_fix_is_asked_until_it_is_done_and_again_when_its_days_are_over(
    api: AsyncClient, ana: Person, clock: Clock
) -> None:
    browser, wedge = await Browser(api).enter(ana), f"/today/fixes/{ana.plan.fixes[0].id}"
    assert "To do once Put a wedge on your car seat. By Fri, Mar 13. Done" in (await browser.today())
    assert (await browser.send(wedge, answer="done")).status_code == 303
    assert (await browser.send(wedge, answer="done")).status_code == 303
    assert await told(ana) == [(TODAY, "done", None, 1, False)]
    assert "Done Not yet" in await browser.today()
    clock.now = NOW + DAY
    assert "wedge" not in await browser.today()
    clock.now = NOW + 14 * DAY
    assert "Put a wedge on your car seat. Is it still in place? Still fine Not any more" in await browser.today()
    await browser.send(wedge, answer="not_any_more")
    assert (await told(ana))[1:] == [(TODAY + 14 * DAY, "check", False, 1, False)]
    clock.now = NOW + 15 * DAY
    assert "Put a wedge on your car seat. When you can. Done" in await browser.today()


async def test_a_tap_by_mistake_is_taken_back_and_nonsense_is_refused(api: AsyncClient, ana: Person) -> None:
    browser, wedge = await Browser(api).enter(ana), f"/today/fixes/{ana.plan.fixes[0].id}"
    refused = [await browser.send(wedge, answer=answer) for answer in ("", "still_fine", "maybe")]
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert "Tell first that it is done." in shown(refused[1])
    assert await told(ana) == []
    for answer in ("done", "not_yet", "not_yet"):
        await browser.send(wedge, answer=answer)
    assert await told(ana) == [(TODAY, "done", None, 2, True)]
    await browser.send(wedge, answer="done")
    assert await told(ana) == [(TODAY, "done", None, 3, False)]


async def test_a_link_shows_only_what_tells_a_stranger_nothing_and_keeps_the_answer(
    api: AsyncClient, ana: Person
) -> None:
    link = await ana.link(LinkPurpose.FIX)
    page = shown(await api.get(link))
    assert "Put a wedge on your car seat." in page
    assert "pillow" not in page
    answer = await api.post(link, data={"answer": "done", "habit": str(ana.plan.fixes[0].id)})
    assert "Saved." in shown(answer)
    assert [row[:3] for row in await told(ana)] == [(TODAY, "done", None)]
    assert (await api.post(link, data={"answer": "done", "habit": str(ana.habit(0))})).status_code == 404


async def test_a_habit_of_yesterday_is_told_for_yesterday_and_aims_at_the_therapists_number(
    api: AsyncClient, ana: Person, clock: Clock
) -> None:
    browser = await Browser(api).enter(ana)
    page = await browser.today()
    assert "Goal: 40 min or less. None 20 min 40 min" in page
    assert "Tell us about yesterday" not in page
    assert "Good to know Some pain is fine Up to 3 is." in page
    clock.now = NOW + DAY
    assert "Tell us about yesterday" in await browser.today()
    place = f"/today/habits/{ana.habit(0)}"
    answer = await browser.send(place, answer="20", day=TODAY.isoformat())
    assert answer.headers["location"].endswith(f"#habit-{ana.habit(0)}-{TODAY.isoformat()}")
    assert [(mark.day, mark.amount) for mark in (await ana.diary()).habits] == [(TODAY, 20)]
    assert "Tell us about yesterday" not in await browser.today()


async def test_a_fix_belongs_to_its_client_and_her_clinic(
    api: AsyncClient, database: Database, team: Team, ana: Person
) -> None:
    path = f"/v1/clients/{ana.client.id}/fixes/{ana.plan.fixes[0].id}/days/{TODAY}"
    stranger = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        other = await make_client(session, team.therapist_id)
    people = {
        "owner": await signed_in(database, team.clinic_id, client_id=ana.client.id),
        "therapist": await signed_in(database, team.clinic_id, staff_id=team.therapist_id),
        "other client": await signed_in(database, team.clinic_id, client_id=other.id),
        "stranger": await signed_in(database, stranger.clinic_id, staff_id=stranger.therapist_id),
    }
    codes = {
        who: (await api.put(path, json={"answer": "done"}, headers=key)).status_code for who, key in people.items()
    }
    assert codes == {"owner": 200, "therapist": 200, "other client": 404, "stranger": 404}
    gone = {who: (await api.delete(path, headers=key)).status_code for who, key in people.items()}
    assert gone == {"owner": 204, "therapist": 204, "other client": 404, "stranger": 404}
