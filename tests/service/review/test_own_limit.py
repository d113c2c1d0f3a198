"""A limit of pain for one person: stricter than the clinic's, part of the plan, and what they are told to stop at."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests import told
from tests.make import TODAY, item, make_plan
from tests.service.review.browsing import World, as_sent, look, picked, plan_of, send, words
from tests.service.review.prescribing import PLAN

pytestmark = pytest.mark.anyio


async def test_a_therapist_sets_it_with_the_plan_and_the_rule_and_the_client_go_by_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=TODAY - timedelta(days=15), items=[item()], habits=[])
    for back in (2, 1):
        await told.well(database, world.maria, back, during=4)
    timeline = f"/v1/clients/{world.maria.id}/timeline"
    headers = world.headers["therapist"]
    [before] = (await api.get(timeline, headers=headers)).json()["proposals"]
    assert before["verdict"] == "hold"
    form = as_sent((await look(api, world, PLAN)).text)
    assert form["load_pain"] == ""
    refused = await send(api, world, PLAN, form | {"load_pain": "2"})
    assert (refused.status_code, "Use 3, 4 or 5." in words(refused.text)) == (422, True)
    assert (await send(api, world, PLAN, form | {"load_pain": "3"})).status_code == 303
    # Pain of 4 twice running was acceptable, and is over the limit now.
    [after] = (await api.get(timeline, headers=headers)).json()["proposals"]
    assert (after["verdict"], after["words"][:9]) == ("step_back", "Step back")
    today = words((await api.get("/today", headers=world.headers["client"])).text)
    assert "Stop if pain gets above 3 or does not settle by the next day." in today
    # It is the person's: it stays whatever the exercises start from, and in what a program sends without it.
    assert picked((await look(api, world, f"{PLAN}?from=prog-oa")).text, "load_pain") == "3"
    _, second = await plan_of(database, world.maria)
    assert [line["params"].get("score") for line in second.version.change_lines] == [3]
    path = f"/v1/clients/{world.maria.id}/plan"
    read = (await api.get(f"{path}/versions", headers=headers)).json()["data"][-1]
    body = {
        "starts_on": TODAY.isoformat(),
        "items": [{"exercise": "ham-strap", "side": "left", "cadence": {"every_days": 2}}],
    }
    kept = await api.put(path, json=body, headers=headers | {"If-Match": read["etag"]})
    gone = await api.put(path, json=body | {"load_pain": None}, headers=headers | {"If-Match": kept.headers["etag"]})
    assert (kept.json()["load_pain"], gone.json().get("load_pain")) == (3, None)
    for wrong in (2, 6, "3"):
        answer = await api.put(
            path, json=body | {"load_pain": wrong}, headers=headers | {"If-Match": gone.headers["etag"]}
        )
        assert [(e["pointer"], e["message"]) for e in answer.json()["errors"]] == [("/load_pain", "Use 3, 4 or 5.")]


async def test_it_is_never_looser_than_the_clinics(api: AsyncClient, database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        content = await make_plan(session, world.maria)
    for own, clinic, limit in ((None, 5, 5), (3, 5, 3), (5, 3, 3), (4, 4, 4)):
        content.version.load_pain = own
        assert content.pain_limit(clinic) == limit
