"""The habits of the clinic's library: its list, those of its own, and what is hidden of it."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from service.catalogue.queries import habits_by_code
from service.database.tenancy import Database
from service.plans.actions import HabitToPrescribe
from tests import told
from tests.make import TODAY, Team, make_plan
from tests.service.review.browsing import World, as_sent, look, plan_of, rows, send, shown, value_of, words
from tests.service.review.test_library import OWN as EXERCISE

pytestmark = pytest.mark.anyio

WALK: dict[str, Any] = {
    "kind": "minutes",
    "prompt": "  Minutes you  walked at noon? ",
    "aim": "least",
    "goal": "20",
    "cadence": "daily",
    "why": "A walk breaks up sitting",
}
SEAT: dict[str, Any] = {
    "kind": "choice",
    "prompt": "Which seat did you use most?",
    "answer_0": "Office chair",
    "answer_1": "sofa",
    "good_0": "on",
    "not_sure": "on",
    "cadence": "weekly",
    "why": "",
}


async def _habit_id(database: Database, team: Team, code: str) -> UUID:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await habits_by_code(session, [code]))[code].id


async def test_a_habit_of_our_own_is_added_prescribed_and_changed(
    api: AsyncClient, database: Database, world: World
) -> None:
    made = await send(api, world, "/habits/new", WALK)
    assert made.status_code == 303, words(made.text)
    page = made.headers["location"].partition("?")[0]
    assert page == f"/habits/{await _habit_id(database, world.team, 'own-minutes-you-walked-at-noon')}"
    assert "Minutes you walked at noon? Minutes · At least 20 Our own" in await shown(api, world, "/habits?which=own")
    plan = "/clients/MARIA/plan/new"
    form = as_sent((await look(api, world, plan)).text) | {"habit_own-minutes-you-walked-at-noon": "on"}
    assert (await send(api, world, plan, form, page=plan)).status_code == 303
    changed = {"prompt": "Minutes on foot?", "aim": "most", "goal": "", "why": ""}
    assert (await send(api, world, page, changed)).status_code == 303
    assert "Minutes on foot? Minutes · At most as much as the plan says" in await shown(api, world, "/habits")
    [prescribed] = (await plan_of(database, world.maria))[-1].habits
    # Until the plan is changed it asks as it did.
    assert (prescribed.prompt, prescribed.good) == (
        "Minutes you walked at noon?",
        {"rule": "min", "value": 20.0, "values": []},
    )
    form = as_sent((await look(api, world, plan)).text) | {"note": "Go on"}
    assert (await send(api, world, plan, form, page=plan)).status_code == 303
    [after] = (await plan_of(database, world.maria))[-1].habits
    assert (after.prompt, after.habit_key) == ("Minutes on foot?", prescribed.habit_key)


async def test_the_trail_has_what_was_done_with_what_is_our_own(
    api: AsyncClient, database: Database, world: World
) -> None:
    for new, form in (("/habits/new", WALK), ("/exercises/new", EXERCISE)):
        page = (await send(api, world, new, form)).headers["location"].partition("?")[0]
        assert (await send(api, world, page, form)).status_code == 303
        # The second time nothing is different.
        for hidden in ("yes", "yes", "no"):
            await send(api, world, f"{page}/hidden", {"hidden": hidden}, page=page)
        trail = f"SELECT action FROM audit_entry WHERE record_id = '{page.rpartition('/')[2]}' ORDER BY number"
        done = await rows(database, world, trail)
        assert [action for (action,) in done] == ["create", "change", "hide", "show"], page


async def test_a_choice_of_our_own_comes_back_as_it_was_written(
    api: AsyncClient, database: Database, world: World
) -> None:
    made = await send(api, world, "/habits/new", SEAT)
    html = (await look(api, world, made.headers["location"])).text
    assert [value_of(html, f"answer_{number}") for number in range(3)] == ["Office chair", "Sofa", ""]
    told = words(html)
    assert "Answers Office chair; Sofa; not sure" in told
    assert "What is good Office chair" in told
    assert "How often Once a week" in told


@pytest.mark.parametrize(
    ("base", "change", "told"),
    [
        (WALK, {"prompt": ""}, "Use 1 to 160 characters."),
        (WALK, {"prompt": "x" * 161}, "Use 1 to 160 characters."),
        (WALK, {"goal": "soon"}, "Use a whole number from 0 to 1440."),
        (WALK, {"goal": "1441"}, "Use a whole number from 0 to 1440."),
        (WALK, {"aim": "some"}, "Choose one of the list."),
        (WALK, {"cadence": "hourly"}, "Choose one of the list."),
        (WALK, {"why": "x" * 201}, "Use at most 200 characters."),
        (SEAT, {"answer_1": ""}, "Use 2 to 6 answers."),
        (SEAT, {"answer_1": "x" * 61}, "Use 1 to 60 characters for an answer."),
        (SEAT, {"answer_1": "office chair"}, "Use each answer once."),
        (SEAT, {"good_2": "on"}, "Write the answer that is ticked, or untick it."),
    ],
)
async def test_what_cannot_be_right_is_said_at_its_field_and_nothing_is_lost(
    api: AsyncClient, database: Database, world: World, base: dict[str, str], change: dict[str, str], told: str
) -> None:
    answer = await send(api, world, "/habits/new", {**base, **change})
    assert answer.status_code == 422
    assert told in words(answer.text)
    kept = "why" if "why" not in change else "prompt"
    assert value_of(answer.text, kept).strip() == base[kept].strip()
    assert await rows(database, world, "SELECT 1 FROM habit WHERE origin = 'clinic'") == []


async def test_no_answer_is_good_until_one_is_ticked(api: AsyncClient, world: World) -> None:
    left = {name: value for name, value in SEAT.items() if name != "good_0"}
    answer = await send(api, world, "/habits/new", left)
    assert answer.status_code == 422
    assert "Mark at least one of the answers as good." in words(answer.text)


async def test_how_it_is_answered_is_chosen_first(api: AsyncClient, world: World) -> None:
    choices = (await look(api, world, "/habits/new")).text
    assert 'name="prompt"' not in choices
    assert choices.count('href="/habits/new?kind=') == 5
    assert 'name="unit"' in (await look(api, world, "/habits/new?kind=count")).text
    assert 'name="unit"' not in (await look(api, world, "/habits/new?kind=minutes")).text
    sent = await send(api, world, "/habits/new", {**WALK, "kind": "often"}, page="/habits/new?kind=minutes")
    assert (sent.status_code, sent.headers["location"]) == (303, "/habits/new")


async def test_ours_are_not_rewritten_and_not_those_of_another_clinic(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = {"prompt": "Ours now?", "aim": "yes", "why": ""}
    shipped = f"/habits/{await _habit_id(database, world.team, 'hab-hang-hip')}"
    assert (await send(api, world, shipped, form)).status_code == 404
    theirs = f"/habits/{await _habit_id(database, world.elsewhere, 'hab-hang-hip')}"
    assert (await look(api, world, theirs)).status_code == 404
    for path in (theirs, f"{theirs}/hidden"):
        assert (await send(api, world, path, form, page="/habits/new?kind=yes_no")).status_code == 404
    assert (await look(api, world, "/habits", "front desk")).status_code == 403
    assert (await look(api, world, "/habits", "client")).status_code == 403


async def test_a_hidden_habit_stays_in_the_plans_that_have_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria)
    here = f"/habits/{await _habit_id(database, world.team, 'hab-hang-hip')}"
    assert (await send(api, world, f"{here}/hidden", {"hidden": "yes"}, page=here)).status_code == 303
    assert "1 of 20 habits" in await shown(api, world, "/habits?which=hidden")
    plan = "/clients/MARIA/plan/new"
    form = as_sent((await look(api, world, plan)).text) | {"note": "Go on"}
    assert (await send(api, world, plan, form, page=plan)).status_code == 303
    [first, second] = await plan_of(database, world.maria)
    assert [habit.habit_key for habit in second.habits] == [habit.habit_key for habit in first.habits]
    ritas = f"/clients/{world.clients['Rita'].id}/plan/new"
    assert "habit_hab-hang-hip" not in (await look(api, world, ritas, "owner")).text
    await send(api, world, f"{here}/hidden", {"hidden": "no"}, page=here)
    assert "habit_hab-hang-hip" in (await look(api, world, ritas, "owner")).text


async def test_an_answer_is_judged_as_its_habit_was_when_it_was_given(
    api: AsyncClient, database: Database, world: World
) -> None:
    """The office chair was the good answer; then it is the sofa, and the chair goes by another name."""
    page = (await send(api, world, "/habits/new", SEAT | {"cadence": "daily"})).headers["location"].partition("?")[0]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        habits = [HabitToPrescribe("own-which-seat-did-you-use-most", None, None)]
        [asked] = (await make_plan(session, world.maria, habits=habits)).habits
    await told.habit(database, world.maria, TODAY, asked.id, "Office chair")
    changed = {**SEAT, "answer_0": "Desk chair", "good_1": "on"}
    del changed["good_0"]
    assert (await send(api, world, page, changed)).status_code == 303
    plan = "/clients/MARIA/plan/new"
    form = as_sent((await look(api, world, plan)).text) | {"note": "Go on"}
    assert (await send(api, world, plan, form, page=plan)).status_code == 303
    [after] = (await plan_of(database, world.maria))[-1].habits
    assert (after.options, after.good["values"]) == (["Desk chair", "Sofa", "not_sure"], ["Sofa"])
    timeline = await shown(api, world, "/clients/MARIA")
    assert "met on 1 of 1 answered day" in timeline
    assert "Which seat did you use most? Office chair" in timeline
    assert "met on 1 of 1 answered day" in await shown(api, world, "/clients/MARIA/summary")


async def test_a_number_has_the_comma_of_its_reader(api: AsyncClient, database: Database, world: World) -> None:
    ride = {"kind": "number", "prompt": "¿Cuántos km en bici?", "unit": "km", "aim": "least", "goal": "2,5"}
    await send(api, world, "/habits/new", ride | {"cadence": "daily"})
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        habits = [HabitToPrescribe("own-cuantos-km-en-bici", None, None)]
        [asked] = (await make_plan(session, world.maria, habits=habits)).habits
    await told.habit(database, world.maria, TODAY, asked.id, 3.5)
    assert "A number · At least 2.5" in await shown(api, world, "/habits")
    await rows(database, world, "UPDATE clinic SET locale = 'es' RETURNING 1")
    assert "Al menos 2,5" in await shown(api, world, "/habits")
    assert "¿Cuántos km en bici? 3,5 km" in await shown(api, world, "/clients/MARIA")


async def test_a_habit_that_was_hidden_while_a_plan_was_written_is_left_out_and_that_is_said(
    api: AsyncClient, database: Database, world: World
) -> None:
    here = f"/habits/{await _habit_id(database, world.team, 'hab-hang-hip')}"
    plan = "/clients/MARIA/plan/new"
    form = as_sent((await look(api, world, plan)).text) | {"habit_hab-hang-hip": "on", "habit_hab-car-min": "on"}
    await send(api, world, f"{here}/hidden", {"hidden": "yes"}, page=here)
    refused = await send(api, world, plan, form, page=plan)
    assert refused.status_code == 422
    assert "A ticked habit is not in the lists any more." in words(refused.text)
    again = await send(api, world, plan, as_sent(refused.text), page=plan)
    assert again.status_code == 303, words(again.text)
    [content] = await plan_of(database, world.maria)
    assert [habit.habit_id for habit in content.habits] == [await _habit_id(database, world.team, "hab-car-min")]
