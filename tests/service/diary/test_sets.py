"""The sets of a session as somebody counted them, and what pain is like: kept, corrected, refused by field."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.catalogue.rules import LoadUnit
from service.database.tenancy import Database
from service.diary.actions import NewSession, NewSet, record_session, take_back
from service.diary.entries import When
from service.diary.queries import Session, sessions
from service.diary.rules import Outcome
from service.plans.queries import Content
from tests.make import NOW, TODAY, Team, item, make_client, make_plan
from tests.told import as_client

pytestmark = pytest.mark.anyio

EVERY_OTHER_DAY = {"cadence": "every_days", "every_days": 2}
LOADED = {"side": "both", "load": 4.0, "load_unit": LoadUnit.KG}


@pytest.fixture
async def maria(database: Database, team: Team) -> tuple[Client, Content]:
    """Bridges with 4 kg, and a squeeze without a load."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        items = [item("glu-bridge-double", dose_fields=LOADED, cadence=EVERY_OTHER_DAY), item("glu-squeeze")]
        return client, await make_plan(session, client, items=items)


def counted(answer: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {result["plan_item_id"]: result.get("sets", []) for result in answer["results"]}


async def test_sets_are_kept_in_the_order_done_and_a_correction_keeps_those_before(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    bridge, squeeze = (str(one.row.id) for one in plan.items)
    entry = uuid4()
    path = f"/v1/clients/{client.id}/sessions/{entry}"
    first_sets = [
        {"plan_item_id": bridge, "reps": 12, "load": 4.5, "side": "left"},
        {"plan_item_id": squeeze, "reps": 5, "seconds": 8},
        {"plan_item_id": bridge, "reps": 7},
    ]
    body = {"outcome": "partly", "sets": first_sets, "effort": "hard"}
    first, again = [(await api.put(path, json=body, headers=mine)).json() for _ in range(2)]
    assert (first, first["revision"], first["effort"]) == (again, 1, "hard")
    assert counted(first) == {
        bridge: [{"number": 1, "reps": 12, "load": 4.5, "side": "left"}, {"number": 2, "reps": 7}],
        squeeze: [{"number": 1, "reps": 5, "seconds": 8}],
    }
    fewer = {"outcome": "partly", "sets": [{"plan_item_id": bridge, "reps": 12}]}
    corrected = (await api.put(path, json=fewer, headers=mine)).json()
    assert (corrected["revision"], counted(corrected)) == (2, {bridge: [{"number": 1, "reps": 12}], squeeze: []})
    assert {r["plan_item_id"]: r["done"] for r in corrected["results"]} == {bridge: True, squeeze: False}
    history = await api.get(f"/v1/clients/{client.id}/diary/exercise_session/{entry}/revisions", headers=mine)
    before = history.json()["data"][0]["body"]["sets"]
    assert [told for told in before if told[0] == bridge] == [
        [bridge, 1, 12, None, 4.5, "left"],
        [bridge, 2, 7, None, None, None],
    ]
    assert [told for told in before if told[0] != bridge] == [[squeeze, 1, 5, 8, None, None]]


async def test_sets_that_cannot_be_meant_are_refused_by_field_and_nothing_is_kept(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    bridge, squeeze = (str(one.row.id) for one in plan.items)
    ten = {"plan_item_id": bridge, "reps": 10}
    table: list[tuple[dict[str, Any], str]] = [
        ({"outcome": "done", "sets": [{"plan_item_id": bridge}]}, "/sets/0"),
        ({"outcome": "done", "sets": [ten, ten | {"reps": 1001}]}, "/sets/1/reps"),
        ({"outcome": "done", "sets": [ten | {"reps": 9.5}]}, "/sets/0/reps"),
        ({"outcome": "done", "sets": [ten | {"seconds": -1}]}, "/sets/0/seconds"),
        ({"outcome": "done", "sets": [ten | {"load": 501}]}, "/sets/0/load"),
        ({"outcome": "done", "sets": [ten, {"plan_item_id": squeeze, "reps": 5, "load": 2}]}, "/sets/1/load"),
        ({"outcome": "done", "sets": [ten | {"side": "middle"}]}, "/sets/0/side"),
        ({"outcome": "partly", "done_items": [squeeze], "sets": [ten]}, "/sets/0/plan_item_id"),
        ({"outcome": "done", "sets": [ten | {"plan_item_id": str(uuid4())}]}, "/sets/0/plan_item_id"),
        ({"outcome": "done", "sets": [ten] * 51}, "/sets/50"),
        ({"outcome": "skipped", "sets": [ten]}, "/sets"),
        ({"outcome": "skipped", "effort": "light"}, "/effort"),
        ({"outcome": "done", "effort": "7"}, "/effort"),
    ]
    wrong = []
    for body, pointer in table:
        answer = await api.put(f"/v1/clients/{client.id}/sessions/{uuid4()}", json=body, headers=mine)
        found = [problem["pointer"] for problem in answer.json().get("errors", [])]
        if (answer.status_code, found) != (422, [pointer]):
            wrong.append((body, answer.status_code, found))
    assert wrong == []
    assert (await api.get(f"/v1/clients/{client.id}/diary", headers=mine)).json()["sessions"] == []


async def kept(database: Database, client: Client) -> tuple[str, list[int | None], str | None, int | None]:
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        [found] = await sessions(session, client.id, TODAY, TODAY)
        return found.row.outcome, [one.reps for one in found.sets], found.row.effort, found.row.pain_before


async def tell(database: Database, client: Client, new: NewSession) -> None:
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        await record_session(session, client, new, When(TODAY), NOW)


async def test_a_bare_done_or_some_of_it_leaves_what_was_told_in_more_words(
    database: Database, maria: tuple[Client, Content]
) -> None:
    client, plan = maria
    bridge = plan.items[0].row.id
    told = NewSession(Outcome.PARTLY, [bridge], pain={"before": 2}, effort="light", sets=[NewSet(bridge, 9)])
    await tell(database, client, told)
    await tell(database, client, NewSession(Outcome.PARTLY))
    assert await kept(database, client) == ("partly", [9], "light", 2)
    await tell(database, client, NewSession(Outcome.DONE))
    assert await kept(database, client) == ("done", [9], "light", 2)
    await tell(database, client, NewSession(Outcome.DONE, sets=[]))
    assert await kept(database, client) == ("done", [], "light", 2)
    await tell(database, client, NewSession(Outcome.SKIPPED))
    assert await kept(database, client) == ("skipped", [], None, None)


async def test_what_is_taken_back_gives_way_to_the_sets_before_it(
    database: Database, maria: tuple[Client, Content]
) -> None:
    client, plan = maria
    bridge, squeeze = (one.row.id for one in plan.items)
    counted_twice = [NewSet(bridge, 12, load=4.0), NewSet(bridge, 8, load=4.0)]
    await tell(database, client, NewSession(Outcome.PARTLY, [bridge], sets=counted_twice))
    await tell(database, client, NewSession(Outcome.PARTLY, [squeeze], sets=[NewSet(squeeze, 5)]))
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        [now_told] = await sessions(session, client.id, TODAY, TODAY)
        await take_back(session, client, now_told.row, NOW)
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        [again] = await sessions(session, client.id, TODAY, TODAY)
    assert told_of(again) == [(bridge, 1, 12, 4.0), (bridge, 2, 8, 4.0)]
    assert [result.plan_item_id for result in again.results if result.done] == [bridge]


def told_of(found: Session) -> list[tuple[Any, ...]]:
    items = {result.id: result.plan_item_id for result in found.results}
    return [(items[one.result_id], one.number, one.reps, one.load) for one in found.sets]


async def test_what_pain_is_like_is_kept_in_codes_and_a_time_among_the_reasons_is_a_time(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}"
    body = {
        "score": 6,
        "kind": "worst_24h",
        "sites": [{"site": "low_back"}, {"site": "lateral_hip", "side": "left"}],
        "qualities": ["sharp", "ache", "ache"],
        "radiates": "to_knee",
        "timing": ["evening"],
        "aggravators": ["on_waking", "sitting"],
    }
    answer = (await api.put(path, json=body, headers=mine)).json()
    assert [answer[name] for name in ("kind", "sites", "qualities", "radiates", "timing", "aggravators")] == [
        "worst_24h",
        [{"site": "low_back"}, {"site": "lateral_hip", "side": "left"}],
        ["ache", "sharp"],
        "to_knee",
        ["evening", "on_waking"],
        ["sitting"],
    ]
    for field, value, pointer in (
        ("qualities", ["ache", "tuba"], "/qualities/1"),
        ("timing", ["sitting"], "/timing/0"),
        ("radiates", "to_moon", "/radiates"),
        ("note", "x" * 2001, "/note"),
        ("score", 11, "/score"),
        ("kind", "yesterday", "/kind"),
    ):
        refused = await api.put(path, json=body | {field: value}, headers=mine)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await api.put(path, json=body, headers=mine)).json() == answer
