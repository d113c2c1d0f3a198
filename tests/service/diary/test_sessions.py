"""Sessions told over the API: what of a day's plan was done, of which version, and told again otherwise."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.plans import actions as plans
from service.plans.actions import Prescription
from service.plans.queries import Content
from tests.make import NOW, TODAY, Team, item

pytestmark = pytest.mark.anyio


async def test_done_means_every_item_of_that_days_version(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    answer = await api.put(f"/v1/clients/{client.id}/sessions/{uuid4()}", json={"outcome": "done"}, headers=mine)
    assert answer.status_code == 200
    assert answer.json()["plan_version_id"] == str(plan.version.id)
    assert {r["plan_item_id"]: r["done"] for r in answer.json()["results"]} == {
        str(item.row.id): True for item in plan.items
    }


async def test_some_of_it_names_what_was_done(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    first, second = (str(item.row.id) for item in plan.items)
    body = {"outcome": "partly", "done_items": [first]}
    answer = await api.put(f"/v1/clients/{client.id}/sessions/{uuid4()}", json=body, headers=mine)
    assert {r["plan_item_id"]: r["done"] for r in answer.json()["results"]} == {first: True, second: False}


async def test_a_reason_belongs_to_a_skipped_day(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria[0].id}/sessions/{uuid4()}"
    wrong = await api.put(path, json={"outcome": "done", "reason": "away"}, headers=mine)
    assert wrong.json()["errors"][0]["pointer"] == "/reason"
    right = await api.put(path, json={"outcome": "skipped", "reason": "away"}, headers=mine)
    assert (right.status_code, right.json()["reason"]) == (200, "away")


async def test_a_day_before_the_plan_has_nothing_to_log_against(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria[0].id}/sessions/{uuid4()}"
    answer = await api.put(path, json={"outcome": "done", "day": "2026-03-09"}, headers=mine)
    assert answer.json()["errors"] == [
        {"pointer": "/day", "code": "no_plan", "message": "There is no exercise plan for this day."}
    ]


async def test_a_session_told_otherwise_keeps_what_was_done_before(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    entry = uuid4()
    path = f"/v1/clients/{client.id}/sessions/{entry}"
    first, second = (str(item.row.id) for item in plan.items)
    await api.put(path, json={"outcome": "partly", "done_items": [first]}, headers=mine)
    again = await api.put(path, json={"outcome": "partly", "done_items": [second]}, headers=mine)
    assert {r["plan_item_id"]: r["done"] for r in again.json()["results"]} == {first: False, second: True}
    history = await api.get(f"/v1/clients/{client.id}/diary/exercise_session/{entry}/revisions", headers=mine)
    assert [r["body"]["done_items"] for r in history.json()["data"]] == [[first]]


async def test_a_plan_changed_during_the_day_leaves_only_the_new_items_in_its_session(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, _ = maria
    path = f"/v1/clients/{client.id}/sessions/{uuid4()}"
    await api.put(path, json={"outcome": "done"}, headers=mine)
    wanted = Prescription("Home exercise plan", TODAY, [item("glu-squeeze"), item("glu-bridge-double")], [])
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        changed = await plans.change(session, client.id, wanted, 1, NOW)
    first, second = [(await api.put(path, json={"outcome": "done"}, headers=mine)).json() for _ in range(2)]
    assert {r["plan_item_id"]: r["done"] for r in first["results"]} == {str(i.row.id): True for i in changed.items}
    assert first["revision"] == 2
    assert second == first


async def test_done_that_became_some_of_it_and_done_again_counts_each_change_once(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    path = f"/v1/clients/{client.id}/sessions/{uuid4()}"
    told = [
        (await api.put(path, json={"outcome": outcome}, headers=mine)).json()
        for outcome in ("done", "partly", "partly", "done", "done")
    ]
    assert [answer["revision"] for answer in told] == [1, 2, 2, 3, 3]
    assert told[1]["results"] == []
    assert {r["plan_item_id"]: r["done"] for r in told[4]["results"]} == {str(i.row.id): True for i in plan.items}
