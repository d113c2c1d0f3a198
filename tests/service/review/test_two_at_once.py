"""Two who write one plan at once, or one who presses twice: nobody's words are lost, and nothing is there twice."""

import asyncio
import re
from datetime import time

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.reminders.queries import reminders
from tests.make import TODAY
from tests.service.review.browsing import World, as_sent, count, look, send, value_of, words
from tests.service.review.prescribing import PLAN
from tests.trust.forms import Page

pytestmark = pytest.mark.anyio

DRAFT = "/clients/MARIA/plan/draft"
MORNING = {"remind_check_in": "on", "remind_at_check_in": "08:30", "remind_by_check_in": "sms"}


async def opened(api: AsyncClient, world: World) -> dict[str, str]:
    """A plan with one reminder in the morning, as everybody finds it."""
    first = {"version": "0", "starts_on": TODAY.isoformat(), "habit_hab-walk": "on", **MORNING}
    assert (await send(api, world, PLAN, first)).status_code == 303
    return as_sent((await look(api, world, PLAN)).text)


async def times(database: Database, world: World) -> dict[str, time]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return {one.kind: one.local_times[0] for one in await reminders(session, world.maria.id)}


async def test_a_reminder_that_only_the_other_one_changed_stays_as_they_set_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = await opened(api, world)
    theirs = form | {"remind_at_check_in": "09:15", "remind_plan": "on", "remind_at_plan": "18:00"}
    assert (await send(api, world, PLAN, theirs, "owner")).headers["location"].endswith("done=reminders")
    assert (await send(api, world, PLAN, form | {"note": "Slowly"})).status_code == 303
    assert await times(database, world) == {"check_in": time(9, 15), "plan": time(18)}


async def test_a_reminder_that_both_changed_is_said_beside_it_and_sent_again_it_is_meant(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = await opened(api, world)
    await send(api, world, PLAN, form | {"remind_at_check_in": "09:15"}, "owner")
    late = await send(api, world, PLAN, form | {"remind_at_check_in": "10:00", "note": "Slowly"})
    assert late.status_code == 422
    told = "Somebody else set it to 09:15, Text, while you wrote. Send again if yours is right."
    assert told in re.sub("<[^>]*>", "", late.text.partition('name="remind_check_in"')[2].partition("</fieldset>")[0])
    again = as_sent(late.text)
    assert (again["remind_at_check_in"], value_of(late.text, "note")) == ("10:00", "Slowly")
    assert await times(database, world) == {"check_in": time(9, 15)}
    assert (await send(api, world, PLAN, again)).status_code == 303
    assert await times(database, world) == {"check_in": time(10)}


async def test_a_reminder_that_was_turned_off_meanwhile_is_said_beside_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = await opened(api, world)
    theirs = dict(form)
    theirs.pop("remind_check_in")
    await send(api, world, PLAN, theirs, "owner")
    late = await send(api, world, PLAN, form | {"remind_at_check_in": "10:00"})
    assert (late.status_code, "Somebody else turned it off while you wrote." in words(late.text)) == (422, True)
    # One that was left alone goes with what the other one did.
    assert (await send(api, world, PLAN, form | {"note": "Slowly"})).status_code == 303
    assert await times(database, world) == {}


async def test_what_was_written_while_somebody_ended_the_plan_begins_a_new_one(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = await opened(api, world)
    ended = await send(api, world, "/clients/MARIA/plan/end", {"last_day": "2026-03-10"}, "owner", "/clients/MARIA")
    assert ended.status_code == 303
    late = await send(api, world, PLAN, form | {"goal_hab-walk": "25", "note": "Slowly"})
    assert (late.status_code, words(late.text).count("Somebody ended the plan while you wrote.")) == (412, 1)
    assert (value_of(late.text, "note"), value_of(late.text, "goal_hab-walk")) == ("Slowly", "25")
    assert [one.name for one in Page(late.text).forms[-1].controls if one.is_marked] == []
    new = as_sent(late.text) | {"starts_on": "2026-03-11"}
    assert (await send(api, world, PLAN, new)).status_code == 303


@pytest.mark.parametrize("press", [{}, {"act": "save"}])
async def test_what_was_written_while_somebody_else_sent_a_plan_waits_as_a_draft(
    api: AsyncClient, database: Database, world: World, press: dict[str, str]
) -> None:
    """By whichever button: the page that shows both may be left, and by the browser's way back too."""
    form = await opened(api, world)
    await send(api, world, PLAN, form | {"note": "From Olga"}, "owner")
    mine = form | {"note": "From Sam", **press}
    late = await send(api, world, DRAFT if press else PLAN, mine, page=f"{PLAN}?from=current")
    assert late.status_code == (303 if press else 412)
    seen = words((await look(api, world, DRAFT)).text)
    assert "Sent by Olga: From Olga Yours: From Sam" in seen
    # What one sent oneself begins none.
    await send(api, world, PLAN, form | {"note": "From Olga"}, "owner")
    assert await count(database, world.team, "plan_draft") == 1


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_button_pressed_twice_says_that_the_plan_is_so_already(
    api: AsyncClient, database: Database, world: World, is_first: bool
) -> None:
    once = {
        "fix_0": "Raise the chair",
        "fix_due_0": "2026-03-12",
        "fix_again_0": "30",
        "lesson_0": "Pacing",
        "lesson_body_0": "A little, and often.",
        "load_glu-bridge-double": "2,5",
        "unit_glu-bridge-double": "kg",
    }
    item = {f"{name}_glu-bridge-double": value for name, value in {"item": "on", "sets": "2", "reps": "10"}.items()}
    form = {"version": "0", "starts_on": TODAY.isoformat(), "habit_hab-walk": "on", **item, **MORNING, **once}
    if not is_first:
        form = await opened(api, world) | item | once | {"remind_at_check_in": "09:15", "note": "Slowly"}
    before = await count(database, world.team, "plan_version")
    assert (await send(api, world, PLAN, form)).headers["location"].endswith("?done=planned")
    for who in ("therapist", "owner"):
        again = await send(api, world, PLAN, form, who)
        assert again.status_code == 303, words(again.text)
        assert again.headers["location"].endswith("?done=already")
        assert "The plan is like this already." in words((await look(api, world, again.headers["location"])).text)
    assert await count(database, world.team, "plan_version") == before + 1
    assert await count(database, world.team, "plan_draft") == 0
    # A word more, and both are shown.
    assert (await send(api, world, PLAN, form | {"lesson_body_0": "A little, and daily."}, "owner")).status_code == 412


async def test_two_presses_at_the_same_moment_are_one_plan(api: AsyncClient, database: Database, world: World) -> None:
    form = {"version": "0", "starts_on": TODAY.isoformat(), "habit_hab-walk": "on", **MORNING}
    answers = await asyncio.gather(*(send(api, world, PLAN, form) for _ in range(3)))
    said = sorted(one.headers.get("location", "").partition("done=")[2] for one in answers)
    assert said == ["already", "already", "planned"]
    assert await count(database, world.team, "plan_version") == 1
