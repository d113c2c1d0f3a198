"""Drafts from an earlier plan and a template over the API, whose they are, and what is said of a change."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.service.plans.conftest import DAILY, World, drafted, in_phase_one, send_plan

pytestmark = pytest.mark.anyio


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
    plan = await send_plan(api, world, {"starts_on": "2026-03-10", "items": items, "note": "Dear Maria"})
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
    own = (await drafted(api, world, plan_version=plan["version_id"]))["prescription"]["items"][0]
    assert (own["side"], own["cue"]) == ("right", "Maria, slowly")


async def test_a_template_is_saved_from_a_plan_renamed_used_and_removed(api: AsyncClient, world: World) -> None:
    items = [
        {"exercise": "glu-clam", "cadence": {"times_per_week": 4}, "side": "right", "sets": 2, "cue": "Maria, slowly"}
    ]
    body = {"starts_on": "2026-03-10", "items": items, "habits": [{"habit": "hab-walk", "target": 30}], "note": "Hi"}
    plan = await send_plan(api, world, body)
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
    plan = await in_phase_one(api, world)
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


async def test_a_change_of_habits_and_words_is_told_in_the_line(api: AsyncClient, world: World) -> None:
    item = {"exercise": "glu-squeeze", "cadence": DAILY}
    body: dict[str, Any] = {"starts_on": "2026-03-10", "items": [item], "habits": [{"habit": "hab-walk", "target": 20}]}
    first = await send_plan(api, world, body)
    kept = item | {"item_key": first["items"][0]["item_key"], "cue": "Softly"}
    changed = await send_plan(
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
    await send_plan(api, world, body)
    await send_plan(api, world, body | {"starts_on": "2026-03-20", "title": "Later"})
    last = body | {"starts_on": "2026-03-20", "title": "Later still"}
    # The plan of today is version 1; whoever changes it must have seen version 2.
    today = await api.get(world.path, headers=world.sam)
    assert today.json()["version"] == 1
    stale = await api.put(world.path, json=last, headers=world.sam | {"If-Match": today.headers["etag"]})
    assert stale.status_code == 412
    newest = (await api.get(f"{world.path}/versions", headers=world.sam)).json()["data"][-1]
    answer = await api.put(world.path, json=last, headers=world.sam | {"If-Match": newest["etag"]})
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
