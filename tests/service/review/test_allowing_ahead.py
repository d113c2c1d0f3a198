"""Leave for a step ahead: asked for beside the dose, kept with who gave it and until when, refused by field."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.catalogue.rules import Side
from service.database.tenancy import Database
from service.errors import Refused
from service.plans.actions.wanted import AheadWanted
from service.plans.rules.ahead import Direction
from tests.make import TODAY, item, make_plan
from tests.service.review.browsing import World, as_sent, look, picked, plan_of, send, value_of, words

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("ahead", "pointer"),
    [
        (AheadWanted({}), "/items/0/ahead"),
        (AheadWanted({Direction.HARDER: ("glu-squeeze", None)}), "/items/0/ahead/harder"),
        (AheadWanted({Direction.EASIER: ("no-such", None)}), "/items/0/ahead/easier"),
        (AheadWanted({Direction.HARDER: ("glu-bridge-offset", None)}), "/items/0/ahead/harder/side"),
        (AheadWanted({Direction.EASIER: ("glu-squeeze", Side.LEFT)}), "/items/0/ahead/easier/side"),
        (AheadWanted({Direction.EASIER: ("glu-squeeze", None)}, TODAY - timedelta(days=1)), "/items/0/ahead/until"),
        (AheadWanted({Direction.EASIER: ("glu-squeeze", None)}, TODAY + timedelta(days=85)), "/items/0/ahead/until"),
    ],
)
async def test_what_cannot_be_allowed_is_said_by_field(
    database: Database, world: World, ahead: AheadWanted, pointer: str
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        with pytest.raises(Refused) as refused:
            await make_plan(session, world.maria, items=[item("glu-bridge-double", ahead=ahead)])
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


async def test_staff_allow_it_and_read_it_and_neither_the_client_nor_a_stranger_sees_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    path = f"/v1/clients/{world.maria.id}/plan"
    ahead = {"harder": {"exercise": "glu-bridge-offset", "side": "left"}, "easier": {"exercise": "glu-squeeze"}}
    bridge = {"exercise": "glu-bridge-double", "cadence": {"times_per_week": 3}, "ahead": ahead}
    body = {"starts_on": "2026-03-10", "items": [bridge]}
    made = await api.post(path, json=body, headers=world.headers["therapist"])
    assert made.status_code == 201, made.text
    kept = made.json()["items"][0]["ahead"]
    assert kept["until"] == "2026-04-07"
    assert (kept["allowed_by"], kept["harder"], kept["easier"]) == (
        str(world.team.therapist_id),
        {"exercise": "glu-bridge-offset", "side": "left"},
        {"exercise": "glu-squeeze", "side": "both"},
    )
    seen = {who: await api.get(path, headers=world.headers[who]) for who in ("owner", "client", "stranger")}
    assert [answer.status_code for answer in seen.values()] == [200, 200, 404]
    assert seen["owner"].json()["items"][0]["ahead"] == kept
    assert "ahead" not in seen["client"].json()["items"][0]
    # Sent again by somebody else: it stays with whoever allowed it, and left out it is allowed no more.
    tag, key = made.headers["etag"], made.json()["items"][0]["item_key"]
    again = bridge | {"item_key": key, "ahead": ahead | {"until": kept["until"]}, "cue": "Slowly"}
    changed = await api.put(path, json=body | {"items": [again]}, headers={**world.headers["owner"], "If-Match": tag})
    assert changed.json()["items"][0]["ahead"] == kept
    bare = {name: value for name, value in again.items() if name != "ahead"}
    last = await api.put(
        path, json=body | {"items": [bare]}, headers={**world.headers["owner"], "If-Match": changed.headers["etag"]}
    )
    assert "ahead" not in last.json()["items"][0]


async def test_in_the_builder_it_is_asked_for_beside_the_dose_and_kept_as_it_was_typed(
    api: AsyncClient, database: Database, world: World
) -> None:
    path = "/clients/MARIA/plan/new"
    form = {
        "version": "0",
        "starts_on": "2026-03-10",
        "item_glu-bridge-double": "on",
        "side_glu-bridge-double": "both",
        "cadence_glu-bridge-double": "times-3",
        "harder_glu-bridge-double": "glu-bridge-offset:right",
        "until_glu-bridge-double": "2026-07-01",
    }
    refused = await send(api, world, path, form)
    assert refused.status_code == 422
    assert picked(refused.text, "harder_glu-bridge-double") == "glu-bridge-offset:right"
    assert value_of(refused.text, "until_glu-bridge-double") == "2026-07-01"
    assert "Use a day from the first day of the plan to 12 weeks after it." in words(refused.text)
    assert (await send(api, world, path, form | {"until_glu-bridge-double": ""})).status_code == 303
    # Opened again it holds what was allowed; sent untouched nothing changes.
    again = await look(api, world, path)
    assert picked(again.text, "harder_glu-bridge-double") == "glu-bridge-offset:right"
    assert value_of(again.text, "until_glu-bridge-double") == "2026-04-07"
    assert (await send(api, world, path, as_sent(again.text))).headers["location"].endswith("unchanged")
    # Taken back: a new version, of which the client is told nothing.
    taken_back = as_sent(again.text) | {"harder_glu-bridge-double": "", "reps_glu-bridge-double": "5"}
    alone = await send(api, world, path, taken_back)
    assert (alone.status_code, "Choose a step too, or empty the last day." in words(alone.text)) == (422, True)
    taken_back["until_glu-bridge-double"] = ""
    assert (await send(api, world, path, taken_back)).headers["location"].endswith("planned")
    first, second = await plan_of(database, world.maria)
    assert [content.items[0].row.ahead is None for content in (first, second)] == [False, True]
    assert (first.version.quiet, second.version.quiet) == (False, True)
