"""The form that prescribes over a plan that runs: what a change keeps, what it ends, and that the past stays."""

import re
from datetime import time, timedelta

import pytest
from httpx import AsyncClient

from service.catalogue.rules import Side
from service.database.tenancy import Database
from service.plans.queries import Content
from service.reminders.actions import set_reminder
from service.reminders.queries import reminders
from service.reminders.wishes import Wish
from tests import told
from tests.make import NOW, item, make_plan
from tests.service.review.browsing import (
    World,
    ago,
    as_sent,
    count,
    look,
    plan_of,
    send,
    shown,
    value_of,
    words,
)
from tests.service.review.prescribing import FORM, PLAN

pytestmark = pytest.mark.anyio


async def prescribed(database: Database, world: World) -> Content:
    """With what the form does not show: a cue, a load, a second clamshell, a target, two times a day."""
    dose = {"side": Side.RIGHT, "load": 2.0, "load_unit": "kg", "sets": 2, "reps": 8}
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        content = await make_plan(
            session,
            world.maria,
            starts_on=ago(5),
            items=[
                item("glu-clam", dose_fields=dose, cue="Slow", routine="Mornings"),
                item("glu-bridge-double"),
                item("glu-clam", dose_fields={"side": Side.LEFT}),
            ],
            reasons={(0, "loaded_days"): "Two kilos are light for her"},
            now=NOW - timedelta(days=5),
        )
        wish = Wish("plan", [time(9), time(18)], 0b11111, ["email", "sms"], ago(5))
        await set_reminder(session, world.maria, wish, NOW)
    return content


async def test_a_running_plan_sent_back_untouched_is_left_alone_and_that_is_said(
    api: AsyncClient, database: Database, world: World
) -> None:
    await prescribed(database, world)
    html = (await look(api, world, PLAN)).text
    answer = await send(api, world, PLAN, as_sent(html) | {"starts_on": "2026-03-20"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/clients/{world.maria.id}?done=unchanged")
    assert "Nothing was different, so nothing was sent." in await shown(api, world, answer.headers["location"])
    [content] = await plan_of(database, world.maria)
    assert (content.version.number, content.plan.latest_version) == (1, 1)


async def test_reminders_change_without_a_new_version_of_the_plan(
    api: AsyncClient, database: Database, world: World
) -> None:
    await prescribed(database, world)
    form = as_sent((await look(api, world, PLAN)).text) | {"remind_at_plan": "10:00"}
    answer = await send(api, world, PLAN, form)
    assert answer.headers["location"].endswith("?done=reminders")
    assert "The reminders were changed." in await shown(api, world, answer.headers["location"])
    assert len(await plan_of(database, world.maria)) == 1
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [reminder] = await reminders(session, world.maria.id)
    assert reminder.local_times == [time(10), time(18)]


async def test_the_note_stays_until_somebody_takes_it_out(api: AsyncClient, database: Database, world: World) -> None:
    assert (await send(api, world, PLAN, FORM)).status_code == 303
    html = (await look(api, world, PLAN)).text
    form = as_sent(html) | {"note": value_of(html, "note"), "sets_glu-bridge-double": "3"}
    await send(api, world, PLAN, form)
    assert [c.version.note for c in await plan_of(database, world.maria)] == ["Slowly at first"] * 2
    await send(api, world, PLAN, form | {"version": "2", "note": ""})
    assert (await plan_of(database, world.maria))[-1].version.note is None


async def test_a_change_keeps_what_the_form_does_not_show(api: AsyncClient, database: Database, world: World) -> None:
    before = await prescribed(database, world)
    html = (await look(api, world, PLAN)).text
    assert "follows version 1, from Thu, Mar 5" in words(html)
    answer = await send(api, world, PLAN, as_sent(html) | {"note": "Well done"})
    assert answer.status_code == 303, words(answer.text)
    first, second = await plan_of(database, world.maria)
    assert second.version.number == 2
    hidden = {"id", "plan_version_id", "sync_seq", "created_at", "position"}
    was, now = (
        {i.row.item_key: i.row.model_dump(exclude=hidden) for i in content.items} for content in (first, second)
    )
    assert now == was
    assert [h.habit_key for h in second.habits] == [h.habit_key for h in before.habits]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [reminder] = await reminders(session, world.maria.id)
    assert (reminder.local_times, reminder.revision) == ([time(9), time(18)], 1)


async def test_a_change_keeps_the_past_and_says_what_is_new(api: AsyncClient, database: Database, world: World) -> None:
    await prescribed(database, world)
    await told.did(database, world.maria, ago(2))
    form = as_sent((await look(api, world, PLAN)).text)
    form |= {"reps_glu-bridge-double": "10", "remind_at_plan": "10:00"}
    form.pop("item_glu-clam")
    assert (await send(api, world, PLAN, form)).status_code == 303
    first, second = await plan_of(database, world.maria)
    assert len(first.items) == 3
    assert [(i.exercise.code, i.row.reps) for i in second.items] == [("glu-bridge-double", 10)]
    page = await shown(api, world, "/clients/MARIA")
    assert "Double-leg bridge: 1 x 5 to 1 x 10; Removed: Clamshell" in page
    assert "Version 1" in page
    assert "Plan done, all 3 moves" in page
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [reminder] = await reminders(session, world.maria.id)
    assert (reminder.local_times, reminder.revision) == ([time(10), time(18)], 2)


async def test_a_plan_is_paused_and_ended_while_a_change_waits_for_its_day(
    api: AsyncClient, database: Database, world: World
) -> None:
    await prescribed(database, world)
    page = "/clients/MARIA"
    form = as_sent((await look(api, world, PLAN)).text) | {"reps_glu-bridge-double": "10"}
    assert (await send(api, world, PLAN, form | {"starts_on": ago(-3).isoformat()})).status_code == 303
    assert [content.version.starts_on for content in await plan_of(database, world.maria)][-1] == ago(-3)
    assert "Pause, resume, end, or keep as a template" in await shown(api, world, page)
    assert (await send(api, world, f"{page}/plan/end", {"last_day": ago(-1).isoformat()}, page=page)).status_code == 303
    assert "Pause, resume, end, or keep as a template" not in await shown(api, world, page)


async def test_a_second_side_is_added_to_the_one_that_runs(api: AsyncClient, database: Database, world: World) -> None:
    assert (await send(api, world, PLAN, FORM)).status_code == 303
    form = as_sent((await look(api, world, PLAN)).text) | {"side_ham-strap": "both", "reps_ham-strap": "99"}
    refused = await send(api, world, PLAN, form)
    assert re.findall(r'id="reps-ham-strap-problem">(.*?)</p>', refused.text) == ["Use a whole number from 2 to 4."]
    assert (await send(api, world, PLAN, form | {"reps_ham-strap": "4"})).status_code == 303
    first, second = await plan_of(database, world.maria)
    assert [(i.row.side, i.row.reps) for i in second.items] == [("both", 10), ("right", 4), ("left", 4)]
    assert second.items[1].row.item_key == first.items[1].row.item_key
    assert "Added: Lying hamstring stretch with strap" in await shown(api, world, "/clients/MARIA")


async def test_a_version_replaced_before_its_first_day_has_no_last_day_and_no_line_on_the_chart(
    api: AsyncClient, world: World
) -> None:
    await send(api, world, PLAN, FORM)
    for number, reps in (("1", "9"), ("2", "8")):
        form = FORM | {"version": number, "reps_glu-bridge-double": reps, "starts_on": "2026-03-17"}
        assert (await send(api, world, PLAN, form)).status_code == 303
    html = (await look(api, world, "/clients/MARIA")).text
    assert "Version 2 · Mar 17 · replaced before its first day · " in words(html)
    assert "Version 3 · Mar 17 · Double-leg bridge" in words(html)
    assert "Mar 17 – Mar 16" not in words(html)


async def test_an_unticked_reminder_ends(api: AsyncClient, database: Database, world: World) -> None:
    await prescribed(database, world)
    form = as_sent((await look(api, world, PLAN)).text)
    form.pop("remind_plan")
    assert (await send(api, world, PLAN, form)).status_code == 303
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        assert await reminders(session, world.maria.id) == []
    assert await count(database, world.team, "reminder_clock") == 0
