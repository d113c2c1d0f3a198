"""Programmes over the API: which phase is due, what stays in it, and a plan that is paused, resumed or ended."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.queries import staff as find_staff
from service.catalogue.actions import hide_exercise
from service.catalogue.queries import all_exercises
from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import NOW
from tests.service.plans.conftest import DAILY, World, drafted, in_phase_one, send_plan

pytestmark = pytest.mark.anyio


async def _later(database: Database, world: World, clock: Clock, days: int) -> None:
    """Sam signs in again: nobody stays signed in for days. Since the first ones, also by a passkey."""
    clock.now = NOW + timedelta(days=days)
    team = world.team
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        (await find_staff(session, team.therapist_id)).factor_due_at = None
    world.headers["sam"] = await signed_in(database, team.clinic_id, staff_id=team.therapist_id, now=clock.now)


async def test_a_programme_is_a_draft_of_its_first_phase_and_the_plan_remembers_it(
    api: AsyncClient, world: World
) -> None:
    draft = await drafted(api, world, programme="prog-oa")
    wanted = draft["prescription"]
    assert [(i["exercise"], i["cadence"]) for i in wanted["items"]] == [
        (code, {"times_per_week": 3}) for code in ("glu-sit-stand", "glu-bridge-double", "glu-stand-abd", "ham-doorway")
    ]
    assert [h["habit"] for h in wanted["habits"]] == ["hab-low-chair", "hab-walk"]
    assert wanted["programme"] == {"code": "prog-oa", "began_on": "2026-03-10"}
    # One leg at a time: which one is asked, never guessed.
    assert draft["to_choose"] == ["/items/2/side", "/items/3/side"]
    # A draft prescribes nothing.
    assert (await api.get(world.path, headers=world.sam)).status_code == 404
    refused = await api.post(world.path, json=wanted, headers=world.sam)
    assert [e["pointer"] for e in refused.json()["errors"]] == draft["to_choose"]
    plan = await in_phase_one(api, world)
    assert plan["programme"] == {"code": "prog-oa", "phase": 1, "began_on": "2026-03-10"}
    now = (await api.get(f"{world.path}/programme", headers=world.sam)).json()
    assert (now["phase"], now["week"], [p["name"] for p in now["phases"]]) == (1, 1, ["Start", "Build", "Progress"])
    assert "due" not in now


async def test_a_phase_that_is_due_is_proposed_and_nothing_changes_until_somebody_sends_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    first = await in_phase_one(api, world)
    await _later(database, world, clock, 13)
    assert "due" not in (await api.get(f"{world.path}/programme", headers=world.sam)).json()
    await _later(database, world, clock, 14)
    due = (await api.get(f"{world.path}/programme", headers=world.sam)).json()["due"]
    assert due["words"] == "Phase 2 of 3 can start: week 3 reached."
    assert (await api.get(world.path, headers=world.sam)).json()["version"] == 1
    draft = (await api.get(due["draft"], headers=world.sam)).json()
    wanted = draft["prescription"]
    assert wanted["programme"] == {"code": "prog-oa", "phase": 2, "began_on": "2026-03-10"}
    assert wanted["starts_on"] == "2026-03-24"
    for item in wanted["items"]:
        item.setdefault("side", "right")
    second = await send_plan(api, world, wanted)
    assert second["programme"]["phase"] == 2
    # All four of phase 1 are gone, and four are new: too many for a line each.
    assert second["changes"] == ["Phase 2 of 3", "new exercises: 4, taken out: 4"]
    assert second["habits"][0]["habit_key"] == first["habits"][0]["habit_key"]
    assert "due" not in (await api.get(f"{world.path}/programme", headers=world.sam)).json()


async def test_a_change_stays_in_its_phase_and_null_leaves_the_programme(api: AsyncClient, world: World) -> None:
    plan = await in_phase_one(api, world)
    items = [{"exercise": "glu-bridge-double", "cadence": DAILY, "item_key": plan["items"][1]["item_key"]}]
    body: dict[str, Any] = {"starts_on": "2026-03-10", "items": items}
    assert (await send_plan(api, world, body))["programme"]["phase"] == 1
    left = await send_plan(api, world, body | {"programme": None})
    assert (left["version"], left["changes"]) == (3, ["No longer in phases"])
    assert "programme" not in left
    assert (await api.get(f"{world.path}/programme", headers=world.sam)).status_code == 404


async def test_an_item_that_goes_on_keeps_its_key_and_its_dose(api: AsyncClient, world: World) -> None:
    items = [
        {"exercise": "glu-step-up", "cadence": DAILY, "side": "left", "sets": 2, "reps": 9, "cue": "Slowly"},
        {"exercise": "glu-squeeze", "cadence": DAILY, "side": "both"},
    ]
    plan = await send_plan(
        api, world, {"starts_on": "2026-03-10", "items": items, "habits": [{"habit": "hab-hang-hip"}]}
    )
    draft = (await drafted(api, world, programme="prog-oa", phase="2"))["prescription"]
    step = next(item for item in draft["items"] if item["exercise"] == "glu-step-up")
    assert (step["item_key"], step["side"], step["sets"], step["reps"], step["cue"]) == (
        plan["items"][0]["item_key"],
        "left",
        2,
        9,
        "Slowly",
    )
    assert step["cadence"] == {"times_per_week": 3}
    # Phase 2 is week 3: two weeks lie before the day it starts.
    assert draft["programme"] == {"code": "prog-oa", "phase": 2, "began_on": "2026-02-24"}
    assert [h["habit"] for h in draft["habits"]] == ["hab-hang-hip", "hab-low-chair", "hab-walk"]


async def test_an_exercise_hidden_meanwhile_goes_on_in_the_next_phase_of_the_plan_that_has_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    step = {"exercise": "glu-step-up", "cadence": DAILY, "side": "left"}
    await send_plan(api, world, {"starts_on": "2026-03-10", "items": [step]})
    phases = []
    for hidden in (True, False):
        async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
            [row] = [one for one in await all_exercises(session) if one.code == "glu-step-up"]
            await hide_exercise(session, row.id, hidden, NOW)
        phases.append(await drafted(api, world, programme="prog-oa", phase="2"))
    hidden_one, shown_one = ([item["exercise"] for item in draft["prescription"]["items"]] for draft in phases)
    assert "glu-step-up" in hidden_one
    assert hidden_one == shown_one


async def test_a_paused_plan_goes_on_when_it_is_resumed_and_its_weeks_with_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await in_phase_one(api, world)

    async def post(what: str, **body: str) -> Any:
        answer = await api.post(f"{world.path}/{what}", json=body, headers=world.sam)
        return answer.status_code if answer.status_code < 300 else answer.json()["errors"][0]["code"]

    assert await post("resume", from_day="2026-03-10") == "not_paused"
    assert await post("pauses", from_day="2026-03-11", until_day="2026-03-30") == 204
    assert await post("pauses", from_day="2026-03-30") == "overlap"
    assert await post("pauses", from_day="2026-03-01") == "day"
    assert await post("pauses", from_day="2026-04-10", until_day="2026-04-12") == 204
    await _later(database, world, clock, 8)  # March 18
    assert await post("resume", from_day="2026-03-17") == "past"
    assert await post("resume", from_day="2026-03-18") == 204
    plan = (await api.get(world.path, headers=world.sam)).json()
    assert plan["pauses"] == [{"from_day": "2026-03-11", "until_day": "2026-03-17"}]
    # Fourteen days since the start, and seven of them paused.
    await _later(database, world, clock, 20)
    assert "due" not in (await api.get(f"{world.path}/programme", headers=world.sam)).json()
    await _later(database, world, clock, 21)
    assert "due" in (await api.get(f"{world.path}/programme", headers=world.sam)).json()


async def test_a_plan_ends_on_a_day_that_can_be_meant(api: AsyncClient, world: World) -> None:
    await in_phase_one(api, world)
    for day, code in (("2026-03-02", "day"), ("2036-03-02", "day"), ("2026-03-03", None)):
        answer = await api.post(f"{world.path}/end", json={"last_day": day}, headers=world.sam)
        assert (answer.status_code, code) == (204, None) or answer.json()["errors"][0]["code"] == code
