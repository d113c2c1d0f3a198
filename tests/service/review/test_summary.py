"""What was told since the last visit, on one page: facts, and nothing of before."""

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.diary.actions import NewPain, NewSession, mark_habit, record_pain, record_session
from service.diary.entries import When
from service.diary.rules import Outcome, SkipReason
from tests import told
from tests.make import make_plan
from tests.service.review.browsing import World, ago, look, shown

pytestmark = pytest.mark.anyio


async def test_it_counts_from_the_day_of_the_visit_on_and_says_change_as_the_rules_do(
    api: AsyncClient, database: Database, world: World
) -> None:
    """20 days of pain 6, then 10 of pain 3; the visit was 9 days ago, in the first of the better days."""
    sessions = ((20, "skipped", SkipReason.AWAY), (5, "done", None), (4, "skipped", SkipReason.HURTS))
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [habit] = (await make_plan(session, world.maria, starts_on=ago(29))).habits
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        for back in range(29, -1, -1):
            now, when = told.moment(world.maria, ago(back)), When(ago(back))
            await record_pain(session, world.maria, NewPain(6 if back > 9 else 3), when, now)
        for back, outcome, reason in sessions:
            now, when = told.moment(world.maria, ago(back)), When(ago(back))
            await record_session(session, world.maria, NewSession(Outcome(outcome), reason=reason), when, now)
        for back, kept in ((12, True), (3, True), (2, False)):
            now, when = told.moment(world.maria, ago(back)), When(ago(back))
            await mark_habit(session, world.maria, habit.id, kept, when, now)
    sam = world.headers["therapist"]
    path = f"/v1/clients/{world.maria.id}/summary"
    found = (await api.get(path, params={"since": ago(9).isoformat()}, headers=sam)).json()
    assert (found["days"], found["pain"]["answered"], found["pain"]["worst"]) == (10, 10, 3)
    # The week up to the visit had six days of 6 and one of 3: 39 / 7.
    assert found["pain"]["change"] == "Pain about 3 over 7 days, was 5.6 then (-2.6 of 10 points, -46 %): much better"
    # Of ten days one is today, and still open: 9 were due.
    assert found["plan"] == "1 of 9 done, 7 not logged"
    assert found["skipped"] == [{"words": "it hurts too much", "count": 1}]
    # Once met and once not: 0.051922 · 0.948078; the plan, once done: 0.051922.
    assert [(one["met"], one["answered"], one["strength"]) for one in found["habits"]] == [(1, 2, 5)]
    assert found["strength"] == 5
    # Four weeks unless asked otherwise: both skips are in it.
    whole = (await api.get(path, headers=sam)).json()
    assert (whole["days"], len(whole["skipped"]), whole["habits"][0]["answered"]) == (28, 2, 3)
    page = await shown(api, world, f"/clients/MARIA/summary?since={ago(9).isoformat()}")
    assert "Answered on 10 of 10 days. Worst 3 on" in page
    assert "1 of 9 done, 7 not logged." in page


async def test_without_a_day_it_begins_at_the_last_visit_before_today(api: AsyncClient, world: World) -> None:
    """The visit of today is the one it is read before."""
    sam, path = world.headers["therapist"], f"/v1/clients/{world.maria.id}"
    for back, days in ((10, 11), (3, 4), (0, 4)):
        noted = await api.put(f"{path}/visits/{ago(back)}", json={}, headers=sam)
        assert noted.is_success, noted.text
        assert (await api.get(f"{path}/summary", headers=sam)).json()["days"] == days


async def test_a_day_that_cannot_be_is_named_and_only_staff_of_the_clinic_read_it(
    api: AsyncClient, world: World
) -> None:
    path = f"/v1/clients/{world.maria.id}/summary"
    codes = {who: (await api.get(path, headers=world.headers[who])).status_code for who in world.headers}
    assert codes == {"therapist": 200, "owner": 200, "front desk": 403, "client": 403, "stranger": 404}
    for since in (ago(-1), ago(400)):
        answer = await api.get(path, params={"since": since.isoformat()}, headers=world.headers["therapist"])
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/since")
    assert (await look(api, world, "/clients/MARIA/summary?since=soon")).status_code == 422
    assert "Too few answers" in await shown(api, world, "/clients/MARIA/summary")
