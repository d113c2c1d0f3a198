"""A step that was allowed ahead: taken in the client's evening, once, and only while nothing speaks against it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.tables import Client
from service.catalogue.rules import Side
from service.database.tenancy import SYSTEM, Database
from service.digest_rounds import take_steps
from service.plans import actions as plans
from service.plans.actions import Prescription
from service.plans.actions.contexts import set_contexts
from service.plans.actions.wanted import AheadWanted
from service.plans.queries import Content, warnings
from service.plans.rules.ahead import Direction
from service.review.actions.stepping import step_if_allowed
from tests import told
from tests.make import NOW, TODAY, item, make_plan
from tests.service.review.browsing import World, as_sent, look, picked, plan_of, send, shown, ticked

pytestmark = pytest.mark.anyio

TOMORROW = TODAY + timedelta(days=1)
TO_OFFSET = AheadWanted({Direction.HARDER: ("glu-bridge-offset", Side.RIGHT)})
TO_SQUEEZE = AheadWanted({Direction.EASIER: ("glu-squeeze", None)})


async def prescribed(database: Database, world: World, ahead: AheadWanted | None = TO_OFFSET, **fields: Any) -> Client:
    """A bridge every day for two weeks, with a step allowed ahead, and pain of 3 told each day."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        wanted: dict[str, Any] = {"items": [item("glu-bridge-double", ahead=ahead)], "habits": [], **fields}
        await make_plan(session, world.maria, **{"starts_on": TODAY - timedelta(days=15), **wanted})
    await told.pains(database, world.maria, {TODAY - timedelta(days=back): 3 for back in range(14)})
    return world.maria


async def well_all_week(database: Database, client: Client) -> None:
    for back in range(6, 0, -1):
        await told.well(database, client, back)


async def evening(database: Database, client: Client, days: int = 0) -> bool:
    """Whether a step was taken in the evening of today, or so many days later."""
    now = told.moment(client, TODAY + timedelta(days=days), 21)
    async with database.clinic_tx(client.clinic_id, SYSTEM) as session:
        return await step_if_allowed(session, client.id, now)


async def sql(database: Database, client: Client, statement: str, **values: Any) -> None:
    async with database.clinic_tx(client.clinic_id, SYSTEM) as session:
        await session.execute(text(statement), {"clinic": client.clinic_id, "client": client.id, **values})


class Killed(Exception):
    pass


def codes(content: Content) -> list[tuple[str, str]]:
    return [(one.exercise.code, one.row.side) for one in content.items]


async def test_a_step_that_was_allowed_is_taken_from_tomorrow_and_says_why_and_by_whom(
    api: AsyncClient, database: Database, world: World
) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    assert await evening(database, maria)
    first, second = await plan_of(database, maria)
    assert (codes(first), codes(second)) == ([("glu-bridge-double", "both")], [("glu-bridge-offset", "right")])
    version = second.version
    assert (version.number, version.starts_on, version.created_by) == (2, TOMORROW, world.team.therapist_id)
    # The library's gentlest dose, on the days of the one before; what was allowed is used up.
    row = second.items[0].row
    assert (row.sets, row.reps, row.weekdays, row.ahead) == (1, 5, 127, None)
    history = await api.get(f"/v1/clients/{maria.id}/plan/versions", headers=world.headers["client"])
    name = second.items[0].exercise.name
    assert history.json()["data"][1]["changes"] == [
        f"A step that was allowed ahead: on to {name}",
        f"Added: {name}, 1 x 5",
        "Removed: Double-leg bridge",
    ]


async def test_it_is_taken_once_by_whichever_process_comes_first_and_in_whatever_order_they_die(
    database: Database, world: World
) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    # Killed just before the commit: nothing happened.
    with suppress(Killed):
        async with database.clinic_tx(maria.clinic_id, SYSTEM) as session:
            assert await step_if_allowed(session, maria.id, told.moment(maria, TODAY, 21))
            raise Killed
    assert len(await plan_of(database, maria)) == 1
    now = told.moment(maria, TODAY, 21)
    await sql(database, maria, "UPDATE clinic SET steps_at = :now WHERE clinic_id = :clinic", now=now)
    taken = await asyncio.gather(*(take_steps(database, now) for _ in range(3)))
    assert sum(taken) == 1
    assert len(await plan_of(database, maria)) == 2
    assert not await evening(database, maria)
    # A step back to the bridge and a second step on the same item are not possible: its key is used up.
    with pytest.raises(Exception, match="uq_plan_step"):
        await sql(
            database,
            maria,
            "UPDATE plan_version SET step_key = (SELECT step_key FROM plan_version WHERE clinic_id = :clinic"
            " AND client_id = :client AND number = 2), step_why = '{}'"
            " WHERE clinic_id = :clinic AND client_id = :client",
        )


async def test_without_leave_nothing_is_taken_however_well_it_goes(database: Database, world: World) -> None:
    maria = await prescribed(database, world, None)
    await well_all_week(database, maria)
    assert not await evening(database, maria)
    assert len(await plan_of(database, maria)) == 1
    # Leave to step back is no leave to go on.
    async with database.clinic_tx(maria.clinic_id, world.team.therapist) as session:
        wanted = Prescription(
            "Home exercise plan", TODAY, [item("glu-bridge-double", ahead=TO_SQUEEZE)], [], reasons=_daily()
        )
        await plans.change(session, maria.id, wanted, 1, NOW)
    assert not await evening(database, maria)


def _daily() -> Mapping[tuple[int | None, str], str]:
    return {(0, "days_per_week"): "She likes every day"}


async def test_two_bad_sessions_step_back_where_that_was_allowed(database: Database, world: World) -> None:
    maria = await prescribed(database, world, TO_SQUEEZE)
    for back in (2, 1):
        await told.well(database, maria, back, 2, "worse")
    assert await evening(database, maria)
    [_, second] = await plan_of(database, maria)
    assert codes(second) == [("glu-squeeze", "both")]
    assert second.version.step_why is not None
    assert (
        second.version.step_why["msgid"] == "pain had not settled on the mornings after %(count)s of the last sessions"
    )


AGAINST = {
    "a warning sign": (
        "INSERT INTO red_flag (clinic_id, id, client_id, sync_seq, created_at, opened_at, source)"
        " VALUES (:clinic, gen_random_uuid(), :client, 1, now(), now(), 'text')"
    ),
    "a STOP": "UPDATE contact_point SET opted_out_at = now(), opted_out_how = 'text' WHERE clinic_id = :clinic"
    " AND client_id = :client",
    "a pause from tomorrow": (
        "INSERT INTO plan_pause (clinic_id, id, client_id, sync_seq, created_at, plan_id, from_day)"
        " SELECT clinic_id, gen_random_uuid(), client_id, 1, now(), id, DATE '2026-03-11' FROM plan"
        " WHERE clinic_id = :clinic AND client_id = :client"
    ),
    "the end of the plan": (
        "UPDATE plan SET ended_on = DATE '2026-03-20' WHERE clinic_id = :clinic AND client_id = :client"
    ),
    "leave that has run out": (
        "UPDATE plan_item SET ahead = jsonb_set(ahead, '{until}', '\"2026-03-09\"')"
        " WHERE clinic_id = :clinic AND client_id = :client"
    ),
    "a therapist who left": "UPDATE staff SET active = false WHERE clinic_id = :clinic AND role = 'therapist'",
    "another therapist": (
        "UPDATE client SET therapist_id = (SELECT id FROM staff WHERE clinic_id = :clinic AND name = 'Robin')"
        " WHERE clinic_id = :clinic AND id = :client"
    ),
    "an exercise that is hidden": (
        "UPDATE exercise SET hidden_at = now() WHERE clinic_id = :clinic AND code = 'glu-bridge-offset'"
    ),
    "a link that is gone": (
        "UPDATE exercise SET body = jsonb_set(body, '{harder}', '[\"glu-bridge-band\"]')"
        " WHERE clinic_id = :clinic AND code = 'glu-bridge-double'"
    ),
}


@pytest.mark.parametrize("what", AGAINST)
async def test_what_came_up_since_it_was_allowed_stops_it(database: Database, world: World, what: str) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    await sql(database, maria, AGAINST[what])
    assert not await evening(database, maria)
    assert len(await plan_of(database, maria)) == 1


async def test_a_warning_that_nobody_answered_stops_it_and_one_that_was_answered_goes_on_with_its_reason(
    database: Database, world: World
) -> None:
    items = [item(ahead=TO_OFFSET), item("glu-squeeze", dose_fields={"side": Side.BOTH, "sets": 3})]
    reasons = {(1, "dose_sets"): "Two were too few"}
    maria = await prescribed(database, world, starts_on=TODAY - timedelta(days=5), reasons=reasons, items=items)
    for back in range(5, 0, -1):
        await told.well(database, maria, back)
    async with database.clinic_tx(maria.clinic_id, world.team.therapist) as session:
        await set_contexts(session, maria.id, ["gt"], NOW)
    # With this label the library has the offset bridge from week 2 on, and tomorrow is the sixth day.
    assert not await evening(database, maria)
    await told.well(database, maria, 0)
    assert await evening(database, maria, days=1)
    [_, second] = await plan_of(database, maria)
    async with database.clinic_tx(maria.clinic_id, world.team.therapist) as session:
        kept = await warnings(session, maria.id, second.version.id)
    assert [(row.code, row.reason) for row in kept] == [("dose_sets", "Two were too few")]


async def test_each_step_waits_for_sessions_of_the_plan_as_it_is_now(database: Database, world: World) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    async with database.clinic_tx(maria.clinic_id, world.team.therapist) as session:
        kept = (await plan_of(database, maria))[0].items[0].row.item_key
        items = [
            item("glu-bridge-double", ahead=TO_OFFSET, item_key=kept),
            item("ham-strap", dose_fields={"side": Side.LEFT}),
        ]
        wanted = Prescription("Home exercise plan", TODAY - timedelta(days=1), items, [], reasons=_daily())
        await plans.change(session, maria.id, wanted, 1, NOW)
    # The rule looks at all her sessions and says advance; under this version there was one.
    assert not await evening(database, maria)


async def test_a_change_that_waits_to_begin_stops_it_and_so_does_one_that_came_first(
    database: Database, world: World
) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    [first] = await plan_of(database, maria)
    async with database.clinic_tx(maria.clinic_id, world.team.therapist) as session:
        wanted = Prescription("Home exercise plan", TODAY + timedelta(days=7), [item()], [], reasons=_daily())
        await plans.change(session, maria.id, wanted, 1, NOW)
    assert not await evening(database, maria)
    assert [content.version.number for content in await plan_of(database, maria)] == [1, 2]
    assert first.version.number == 1


async def test_only_in_the_evening_of_the_client_and_once_a_day(database: Database, world: World) -> None:
    maria = await prescribed(database, world)
    async with database.clinic_tx(maria.clinic_id, SYSTEM) as session:
        assert not await step_if_allowed(session, maria.id, told.moment(maria, TODAY, 19))
    assert not await evening(database, maria)
    await well_all_week(database, maria)
    # She was looked at already today; tomorrow there is nothing new against it.
    assert not await evening(database, maria)
    await told.well(database, maria, 0)
    assert await evening(database, maria, days=1)


async def test_the_page_says_what_is_allowed_and_then_what_was_applied_and_undoes_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    maria = await prescribed(database, world)
    await well_all_week(database, maria)
    page = await shown(api, world, "/clients/MARIA")
    name = "Offset bridge (one foot does more work)"
    assert f"Allowed ahead by Sam until Mon, Mar 23: on to {name}, right side." in page
    assert await evening(database, maria)
    page = await shown(api, world, "/clients/MARIA")
    why = "the last 3 sessions went well, and so did the mornings after"
    assert f"A step that was allowed ahead: on to {name}, by Sam. Why: {why}." in page
    assert f"Maria Lopez From Wed, Mar 11. A step that was allowed ahead: on to {name}." in await shown(
        api, world, "/caseload"
    )
    timeline = await api.get(f"/v1/clients/{maria.id}/timeline", headers=world.headers["therapist"])
    [step] = timeline.json()["steps"]
    draft = await look(api, world, step["undo_url"])
    assert "item_glu-bridge-double" in ticked(draft.text)
    assert "item_glu-bridge-offset" not in ticked(draft.text)
    # What was allowed is used up: it is not in the draft.
    assert picked(draft.text, "harder_glu-bridge-double") == ""
    assert (await send(api, world, step["undo_url"], as_sent(draft.text))).status_code == 303
    undone = max(await plan_of(database, maria), key=lambda content: content.version.number)
    assert (undone.version.number, codes(undone)) == (3, [("glu-bridge-double", "both")])
    assert "A step that was allowed ahead" not in await shown(api, world, "/caseload")
    assert not await evening(database, maria, days=1)
