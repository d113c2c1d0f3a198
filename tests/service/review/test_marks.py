"""Seen and snoozed, as data: what a mark hides, until when, and what shows in spite of it."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import NOW
from tests.service.review.browsing import World
from tests.service.review.caseload import caseload, danger, mark, plain, row_of
from tests.service.review.caseload import untouched as untouched
from tests.service.review.caseload import world as world

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("what", ["seen", "snooze"])
async def test_a_danger_sign_after_the_mark_is_not_hidden_behind_the_one_before(
    api: AsyncClient, database: Database, world: World, clock: Clock, what: str
) -> None:
    await danger(database, world.clients["Maria"], minutes_ago=50)
    assert (await mark(api, world, "Maria", what, rule="danger")).status_code == 204
    await danger(database, world.clients["Maria"], minutes_ago=-5)
    clock.now = NOW + timedelta(minutes=10)
    maria = row_of(await caseload(api, world), "Maria")
    assert maria["rule"] == "danger"
    assert plain(maria["reason"]) == ("Told us of a danger sign on Tue, Mar 10 at 11:05 AM: “I fell on the stairs”")
    assert maria["waiting_since"].startswith("2026-03-10T11:05:00")
    assert not {"seen_by", "snoozed_until", "events"} & set(maria)


async def test_seen_says_who_and_when_and_the_row_stays(api: AsyncClient, world: World) -> None:
    assert (await mark(api, world, "Tom", rule="pain_jump")).status_code == 204
    tom = row_of(await caseload(api, world), "Tom")
    assert (tom["tier"], tom["seen_by"]) == ("call", "Sam")
    assert tom["seen_at"].startswith("2026-03-10T11:00:00")


async def test_what_came_in_after_the_page_was_read_is_not_seen(
    api: AsyncClient, database: Database, world: World
) -> None:
    read_at = (NOW - timedelta(minutes=40)).isoformat()
    await danger(database, world.clients["Maria"], minutes_ago=20)
    assert (await mark(api, world, "Maria", rule="danger", as_of=read_at)).status_code == 204
    assert "seen_by" not in row_of(await caseload(api, world), "Maria")


async def test_a_danger_sign_leaves_a_day_after_it_was_seen_and_a_new_one_comes_back(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await danger(database, world.clients["Maria"])
    await mark(api, world, "Maria", rule="danger")
    assert row_of(await caseload(api, world), "Maria")["seen_by"] == "Sam"
    clock.now = NOW + timedelta(hours=25)
    world.headers["therapist"] = await signed_in(
        database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now
    )
    assert row_of(await caseload(api, world), "Maria")["tier"] == "on_track"
    await danger(database, world.clients["Maria"], minutes_ago=-60)
    maria = row_of(await caseload(api, world), "Maria")
    assert maria["rule"] == "danger"
    assert not {"events", "seen_by"} & set(maria)


async def test_snoozed_waits_at_the_end_of_its_tier_uncounted_until_its_day(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    assert (await mark(api, world, "Aisha", "snooze", rule="went_quiet", days=2)).status_code == 204
    found = await caseload(api, world)
    assert [row["name"] for row in found["rows"]] == ["Tom", "Kim", "Luca", "Aisha", "Maria"]
    assert row_of(found, "Aisha")["snoozed_until"] == "2026-03-12"
    assert found["counts"]["quiet"] == 2
    clock.now = NOW + timedelta(days=2)
    world.headers["therapist"] = await signed_in(
        database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now
    )
    found = await caseload(api, world)
    assert "snoozed_until" not in row_of(found, "Aisha")


async def test_a_snooze_is_about_one_reason_and_another_one_shows(
    api: AsyncClient, database: Database, world: World
) -> None:
    await mark(api, world, "Tom", "snooze", rule="pain_jump", days=3)
    assert row_of(await caseload(api, world), "Tom")["snoozed_until"] == "2026-03-13"
    await danger(database, world.clients["Tom"])
    tom = row_of(await caseload(api, world), "Tom")
    assert tom["rule"] == "danger"
    assert "snoozed_until" not in tom


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rule": "urgent"}, "/rule"),
        ({}, "/rule"),
        ({"rule": "on_track"}, "/rule"),
        ({"rule": "no_plan"}, "/rule"),
        ({"rule": "nothing_logged"}, "/rule"),
        ({"rule": "danger", "as_of": "2026-03-10T10:00:00"}, "/as_of"),
        ({"rule": "danger", "as_of": "0001-01-01T00:00:00Z"}, "/as_of"),
        ({"rule": "danger", "days": 3}, "/days"),
    ],
)
async def test_a_mark_that_cannot_be_is_refused_and_nothing_is_kept(
    api: AsyncClient, database: Database, untouched: World, body: dict[str, Any], pointer: str
) -> None:
    answer = await mark(api, untouched, "Tom", **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    async with database.clinic_tx(untouched.team.clinic_id, untouched.team.therapist) as session:
        assert (await session.execute(text("SELECT count(*) FROM review_mark"))).scalar_one() == 0
