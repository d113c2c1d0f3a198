"""Drafts from a programme, a template and an earlier plan; phases; pausing, resuming and ending: over the API."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.queries import staff as find_staff
from service.accounts.tables import Client
from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import NOW, Team, make_client, make_team

pytestmark = pytest.mark.anyio

DAILY = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}


@dataclass
class World:
    team: Team
    maria: Client
    rita: Client
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def sam(self) -> dict[str, str]:
        return self.headers["sam"]

    @property
    def path(self) -> str:
        return f"/v1/clients/{self.maria.id}/plan"


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@pytest.fixture(scope="module")
async def stranger(database: Database) -> dict[str, str]:
    elsewhere = await make_team(database, stocked=False)
    return await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.owner_id)


@pytest.fixture
async def world(database: Database, team: Team, stranger: dict[str, str]) -> World:
    """Maria is Sam's, Rita is Robin's."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        maria = await make_client(session, team.therapist_id)
        rita = await make_client(session, team.other_therapist_id)
    world = World(team, maria, rita, {"stranger": stranger})
    for name, staff_id in (("olga", team.owner_id), ("sam", team.therapist_id), ("robin", team.other_therapist_id)):
        world.headers[name] = await signed_in(database, team.clinic_id, staff_id=staff_id)
    world.headers["maria"] = await signed_in(database, team.clinic_id, client_id=maria.id)
    return world


async def _draft(api: AsyncClient, world: World, who: str = "sam", **start: str) -> dict[str, Any]:
    answer = await api.get(f"{world.path}/draft", params=start, headers=world.headers[who])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _send(api: AsyncClient, world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Prescribes, or changes what runs."""
    now = await api.get(f"{world.path}/versions", headers=world.sam)
    if not now.json()["data"]:
        answer = await api.post(world.path, json=body, headers=world.sam)
    else:
        read = await api.get(world.path, headers=world.sam)
        answer = await api.put(world.path, json=body, headers=world.sam | {"If-Match": read.headers["etag"]})
    assert answer.status_code in (200, 201), answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def _later(database: Database, world: World, clock: Clock, days: int) -> None:
    """Sam signs in again: nobody stays signed in for days. Since the first ones, also by a passkey."""
    clock.now = NOW + timedelta(days=days)
    team = world.team
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        (await find_staff(session, team.therapist_id)).factor_due_at = None
    world.headers["sam"] = await signed_in(database, team.clinic_id, staff_id=team.therapist_id, now=clock.now)


async def _in_phase_one(api: AsyncClient, world: World) -> dict[str, Any]:
    draft = await _draft(api, world, programme="prog-oa")
    for pointer in draft["to_choose"]:
        draft["prescription"]["items"][int(pointer.split("/")[2])]["side"] = "right"
    return await _send(api, world, draft["prescription"])


async def test_a_programme_is_a_draft_of_its_first_phase_and_the_plan_remembers_it(
    api: AsyncClient, world: World
) -> None:
    draft = await _draft(api, world, programme="prog-oa")
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
    plan = await _in_phase_one(api, world)
    assert plan["programme"] == {"code": "prog-oa", "phase": 1, "began_on": "2026-03-10"}
    now = (await api.get(f"{world.path}/programme", headers=world.sam)).json()
    assert (now["phase"], now["week"], [p["name"] for p in now["phases"]]) == (1, 1, ["Start", "Build", "Progress"])
    assert "due" not in now


async def test_a_phase_that_is_due_is_proposed_and_nothing_changes_until_somebody_sends_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    first = await _in_phase_one(api, world)
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
    second = await _send(api, world, wanted)
    assert second["programme"]["phase"] == 2
    # All four of phase 1 are gone, and four are new: too many for a line each.
    assert second["changes"] == ["Phase 2 of 3", "new exercises: 4, taken out: 4"]
    assert second["habits"][0]["habit_key"] == first["habits"][0]["habit_key"]
    assert "due" not in (await api.get(f"{world.path}/programme", headers=world.sam)).json()


async def test_a_change_stays_in_its_phase_and_null_leaves_the_programme(api: AsyncClient, world: World) -> None:
    plan = await _in_phase_one(api, world)
    items = [{"exercise": "glu-bridge-double", "cadence": DAILY, "item_key": plan["items"][1]["item_key"]}]
    body: dict[str, Any] = {"starts_on": "2026-03-10", "items": items}
    assert (await _send(api, world, body))["programme"]["phase"] == 1
    left = await _send(api, world, body | {"programme": None})
    assert (left["version"], left["changes"]) == (3, ["No longer in phases"])
    assert "programme" not in left
    assert (await api.get(f"{world.path}/programme", headers=world.sam)).status_code == 404


async def test_an_item_that_goes_on_keeps_its_key_and_its_dose(api: AsyncClient, world: World) -> None:
    items = [
        {"exercise": "glu-step-up", "cadence": DAILY, "side": "left", "sets": 2, "reps": 9, "cue": "Slowly"},
        {"exercise": "glu-squeeze", "cadence": DAILY, "side": "both"},
    ]
    plan = await _send(api, world, {"starts_on": "2026-03-10", "items": items, "habits": [{"habit": "hab-hang-hip"}]})
    draft = (await _draft(api, world, programme="prog-oa", phase="2"))["prescription"]
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


async def test_what_another_client_has_comes_without_legs_and_without_words(api: AsyncClient, world: World) -> None:
    items = [
        {
            "exercise": "glu-clam",
            "cadence": {"weekdays": ["mon", "wed", "fri"]},
            "side": "right",
            "load": 2,
            "load_unit": "kg",
            "cue": "Maria, slowly",
        },
        {"exercise": "glu-step-up", "cadence": DAILY, "side": "left"},
        {"exercise": "glu-step-up", "cadence": DAILY, "side": "right"},
    ]
    plan = await _send(api, world, {"starts_on": "2026-03-10", "items": items, "note": "Dear Maria"})
    answer = await api.get(
        f"/v1/clients/{world.rita.id}/plan/draft",
        params={"plan_version": plan["version_id"]},
        headers=world.headers["olga"],
    )
    draft = answer.json()
    assert "Maria" not in answer.text
    clam, *steps = draft["prescription"]["items"]
    assert (clam["load"], clam.get("side"), clam.get("item_key")) == (2, None, None)
    assert [step["side"] for step in steps] == ["left", "right"]
    assert draft["to_choose"] == ["/items/0/side"]
    # Of the client's own plan all comes back, the leg and the tip too.
    own = (await _draft(api, world, plan_version=plan["version_id"]))["prescription"]["items"][0]
    assert (own["side"], own["cue"]) == ("right", "Maria, slowly")


async def test_a_template_is_saved_from_a_plan_renamed_used_and_removed(api: AsyncClient, world: World) -> None:
    items = [
        {"exercise": "glu-clam", "cadence": {"times_per_week": 4}, "side": "right", "sets": 2, "cue": "Maria, slowly"}
    ]
    body = {"starts_on": "2026-03-10", "items": items, "habits": [{"habit": "hab-walk", "target": 30}], "note": "Hi"}
    plan = await _send(api, world, body)
    new = {"name": "  Side   lying ", "plan_version": plan["version_id"]}
    saved = await api.post("/v1/plan-templates", json=new, headers=world.sam)
    assert (saved.status_code, saved.json()["name"]) == (201, "Side lying")
    again = await api.post("/v1/plan-templates", json=new | {"name": "Side lying"}, headers=world.sam)
    assert again.json()["errors"] == [
        {"pointer": "/name", "code": "taken", "message": "Another template has this name."}
    ]
    path = f"/v1/plan-templates/{saved.json()['id']}"
    assert (await api.patch(path, json={"name": "Clam"}, headers=world.headers["robin"])).json()["name"] == "Clam"
    # Another therapist of the clinic uses it for a client of theirs.
    answer = await api.get(
        f"/v1/clients/{world.rita.id}/plan/draft",
        params={"template": saved.json()["id"]},
        headers=world.headers["robin"],
    )
    draft = answer.json()
    assert "Maria" not in answer.text
    assert draft["prescription"]["items"][0]["sets"] == 2
    assert draft["prescription"]["items"][0]["cadence"] == {"times_per_week": 4}
    assert draft["prescription"]["habits"] == [{"habit": "hab-walk", "target": 30.0}]
    assert draft["to_choose"] == ["/items/0/side"]
    assert (await api.delete(path, headers=world.sam)).status_code == 204
    assert (await api.delete(path, headers=world.sam)).status_code == 404
    listed = (await api.get("/v1/plan-templates", headers=world.sam)).json()["data"]
    assert saved.json()["id"] not in [t["id"] for t in listed]
    assert (await api.post("/v1/plan-templates", json=new | {"name": "Clam"}, headers=world.sam)).status_code == 201


async def test_who_may_draft_and_whose_plans_and_templates(api: AsyncClient, world: World) -> None:
    plan = await _in_phase_one(api, world)
    new = {"name": f"Template {uuid4()}", "plan_version": plan["version_id"]}
    who = ("sam", "olga", "robin", "maria", "stranger")

    async def codes(method: str, path: str, **sent: Any) -> list[int]:
        return [(await api.request(method, path, headers=world.headers[name], **sent)).status_code for name in who]

    assert await codes("GET", f"{world.path}/draft?programme=prog-oa") == [200, 200, 404, 403, 404]
    assert await codes("GET", f"{world.path}/programme") == [200, 200, 404, 403, 404]
    saved = await api.post("/v1/plan-templates", json=new, headers=world.sam)
    assert await codes("POST", "/v1/plan-templates", json=new | {"name": "x"}) == [201, 422, 404, 403, 404]
    # Robin may take over no plan of a client who is Sam's; the stranger none of this clinic's.
    draft = f"/v1/clients/{world.rita.id}/plan/draft?plan_version={plan['version_id']}"
    assert await codes("GET", draft) == [404, 200, 404, 403, 404]
    path = f"/v1/plan-templates/{saved.json()['id']}"
    assert await codes("PATCH", path, json={"name": new["name"]}) == [200, 200, 200, 403, 404]
    assert (await api.get("/v1/plan-templates", headers=world.headers["stranger"])).json() == {"data": []}


async def test_what_cannot_be_meant_is_named(api: AsyncClient, world: World) -> None:
    for query, pointer in (
        ("", "/programme"),
        ("?programme=prog-oa&template=" + str(uuid4()), "/programme"),
        ("?programme=prog-nonsense", "/programme"),
        ("?programme=prog-oa&phase=4", "/phase"),
        ("?programme=prog-oa&phase=0", "/phase"),
        ("?plan_version=" + str(uuid4()) + "&phase=1", "/phase"),
    ):
        answer = await api.get(f"{world.path}/draft{query}", headers=world.sam)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), query
    for query in (f"?template={uuid4()}", f"?plan_version={uuid4()}"):
        assert (await api.get(f"{world.path}/draft{query}", headers=world.sam)).status_code == 404
    items = [{"exercise": "glu-squeeze", "cadence": DAILY}]
    for programme, pointer in (
        ({"code": "prog-nonsense"}, "/programme/code"),
        ({"code": "prog-oa", "phase": 4}, "/programme/phase"),
        ({"code": "prog-oa", "phase": 0}, "/programme/phase"),
        ({"code": "prog-oa", "began_on": "2026-03-11"}, "/programme/began_on"),
        ({"code": "prog-oa", "began_on": "1026-03-11"}, "/programme/began_on"),
    ):
        body = {"starts_on": "2026-03-10", "items": items, "programme": programme}
        answer = await api.post(world.path, json=body, headers=world.sam)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), programme
    assert (await api.get(f"{world.path}/versions", headers=world.sam)).json()["data"] == []


async def test_a_paused_plan_goes_on_when_it_is_resumed_and_its_weeks_with_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await _in_phase_one(api, world)

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
    await _in_phase_one(api, world)
    for day, code in (("2026-03-02", "day"), ("2036-03-02", "day"), ("2026-03-03", None)):
        answer = await api.post(f"{world.path}/end", json={"last_day": day}, headers=world.sam)
        assert (answer.status_code, code) == (204, None) or answer.json()["errors"][0]["code"] == code


async def test_a_change_of_habits_and_words_is_told_in_the_line(api: AsyncClient, world: World) -> None:
    item = {"exercise": "glu-squeeze", "cadence": DAILY}
    body: dict[str, Any] = {"starts_on": "2026-03-10", "items": [item], "habits": [{"habit": "hab-walk", "target": 20}]}
    first = await _send(api, world, body)
    kept = item | {"item_key": first["items"][0]["item_key"], "cue": "Softly"}
    changed = await _send(
        api, world, body | {"items": [kept], "habits": [{"habit": "hab-walk", "target": 30}], "note": "Well done"}
    )
    walk = first["habits"][0]["prompt"]
    assert changed["changes"] == [
        f"{walk} target 20 to target 30",
        f"{first['items'][0]['name']}: a new tip",
        "A new note",
    ]


async def test_a_version_to_come_is_changed_with_its_own_etag(api: AsyncClient, world: World) -> None:
    item = {"exercise": "glu-squeeze", "cadence": DAILY}
    body: dict[str, Any] = {"starts_on": "2026-03-10", "items": [item]}
    await _send(api, world, body)
    await _send(api, world, body | {"starts_on": "2026-03-20", "title": "Later"})
    last = body | {"starts_on": "2026-03-20", "title": "Later still"}
    # The plan of today is version 1; whoever changes it must have seen version 2.
    today = await api.get(world.path, headers=world.sam)
    assert today.json()["version"] == 1
    stale = await api.put(world.path, json=last, headers=world.sam | {"If-Match": today.headers["etag"]})
    assert stale.status_code == 412
    newest = (await api.get(f"{world.path}/versions", headers=world.sam)).json()["data"][-1]
    answer = await api.put(world.path, json=last, headers=world.sam | {"If-Match": newest["etag"]})
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
