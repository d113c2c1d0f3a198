"""The page of the caseload: who waits and why, by whose clock, and what is marked on it."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts import queries as accounts
from service.database.tenancy import Database
from tests import told
from tests.conftest import Clock
from tests.make import NOW, TODAY, make_plan
from tests.service.review.browsing import World, ago, count, look, send, shown, value_of, words

pytestmark = pytest.mark.anyio


async def test_the_caseload_says_who_why_and_how_long(api: AsyncClient, database: Database, world: World) -> None:
    for back in range(8, 0, -1):
        await told.pain(database, world.maria, ago(back), 4)
    await told.pain(database, world.maria, TODAY, 8)
    seen = await shown(api, world, "/caseload")
    assert "1 to call" in seen
    assert "Maria Lopez Pain 8 today. Usual is 4. Told us at 9:00 AM." in seen
    assert "2 hours" in seen
    assert "no plan yet" in seen
    assert "Reminders are not running" in seen
    assert "Rita" not in seen
    assert "Stranger" not in seen


async def test_a_notifier_that_stopped_is_said_and_a_live_one_is_not(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await beat(notifier, seconds_ago=14 * 60)
    assert "Last update 14 minutes ago." in await shown(api, world, "/caseload")
    await beat(notifier, seconds_ago=20)
    seen = await shown(api, world, "/caseload")
    assert "Last update" not in seen
    assert "Reminders last ran at 10:59 AM." in seen


async def test_somebody_new_is_not_counted_as_on_track_and_gets_a_plan_from_the_caseload(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        (await accounts.client(session, world.maria.id)).created_at = NOW - timedelta(hours=1)
    html = (await look(api, world, "/caseload?tier=new")).text
    seen = words(html)
    assert "1 new client 0 on track" in seen
    assert "New Maria Lopez No plan yet." in seen
    assert f'href="/clients/{world.maria.id}/plan/new"' in html
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=TODAY, now=NOW)
    page = await shown(api, world, "/clients/MARIA")
    assert "New Nothing logged yet." in page
    assert "0 of 0" not in page


async def test_times_of_the_caseload_are_the_clinics_and_those_of_a_client_page_the_clients(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        (await accounts.client(session, world.maria.id)).zone = "America/Los_Angeles"
    await told.pain(database, world.maria, TODAY, 9, hour=9)
    seen = await shown(api, world, "/caseload")
    assert "11:00 AM · all times are the clinic's: Eastern Time" in seen
    assert "Told us at 9:00 AM. 8:00 AM their time" in seen
    page = await shown(api, world, "/clients/MARIA")
    assert "8:00 AM their time, Pacific Time" in page
    assert "Told us at 6:00 AM. · waiting 2 hours" in page
    assert "Times on this page are the client's own. At the clinic it is Tue, Mar 10, 11:00 AM." in page


async def test_where_clocks_agree_no_time_is_told_twice(api: AsyncClient, world: World) -> None:
    assert "their time" not in await shown(api, world, "/caseload")
    assert "At the clinic it is" not in await shown(api, world, "/clients/MARIA")


async def beat(notifier: Database, seconds_ago: int) -> None:
    async with notifier.installation_tx() as connection:
        await connection.execute(text("DELETE FROM heartbeat"))
        await connection.execute(
            text("INSERT INTO heartbeat (worker, started_at, beat_at) VALUES ('one', :at, :at)"),
            {"at": NOW - timedelta(seconds=seconds_ago)},
        )


async def test_seen_and_snoozed_from_the_page(api: AsyncClient, database: Database, world: World, clock: Clock) -> None:
    await told.pain(database, world.maria, TODAY, 9)
    html = (await look(api, world, "/caseload")).text
    form = {name: value_of(html, name) for name in ("rule", "as_of")}
    assert form["rule"] == "pain_jump"
    seen = await send(api, world, "/caseload/MARIA/seen", form, page="/caseload")
    assert (seen.status_code, seen.headers["location"]) == (303, "/caseload?done=seen")
    page = await shown(api, world, "/caseload?done=seen")
    assert "Marked as seen." in page
    assert "Seen by Sam, 11:00 AM" in page
    clock.now = NOW + timedelta(minutes=1)
    snoozed = await send(api, world, "/caseload/MARIA/snooze", form | {"days": "3", "back": "client"}, page="/caseload")
    assert snoozed.headers["location"] == f"/clients/{world.maria.id}?done=snoozed"
    page = await shown(api, world, "/caseload")
    assert "Snoozed until Fri, Mar 13" in page
    assert "0 to call" in page


@pytest.mark.parametrize(
    "form",
    [
        {"rule": "urgent"},
        {"as_of": "yesterday"},
        {"as_of": "2026-03-10T10:00:00"},
        {"days": "0"},
        {"days": "31"},
        {"days": "three"},
    ],
)
async def test_a_snooze_that_cannot_be_is_refused(
    api: AsyncClient, database: Database, world: World, form: dict[str, str]
) -> None:
    right = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3"}
    answer = await send(api, world, "/caseload/MARIA/snooze", right | form, page="/caseload")
    assert answer.status_code == 422
    assert await count(database, world.team, "review_mark") == 0
