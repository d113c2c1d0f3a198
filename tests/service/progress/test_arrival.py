"""A phone that was offline hands its days over in any order, some of them twice: the same progress comes of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.conftest import signed_in
from tests.make import TODAY, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio


async def test_the_same_diary_in_any_order_is_the_same_progress(api: AsyncClient, database: Database) -> None:
    team = await make_team(database)
    shown = []
    for order in (slice(None), slice(None, None, -1)):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            client = await make_client(session, team.therapist_id)
            plan = await make_plan(session, client, starts_on=TODAY - timedelta(days=6))
        mine = await signed_in(database, team.clinic_id, client_id=client.id)
        first, second = (str(one.row.id) for one in plan.items)
        told: list[tuple[str, dict[str, Any]]] = [
            ("sessions", day(5) | {"outcome": "done"}),
            # Two of one day, of which the second says more: half of it counts, not nothing and not both.
            ("sessions", day(4) | {"outcome": "skipped", "reason": "no_time"}),
            ("sessions", day(4) | {"outcome": "partly", "sets": [{"plan_item_id": first, "reps": 5}]}),
            ("sessions", day(3) | {"outcome": "partly", "done_items": [first, second]}),
            ("sessions", day(3) | {"outcome": "partly", "done_items": [second]}),
            *(
                ("pain-entries", day(back) | {"score": score})
                for back, score in ((5, 3), (4, 6), (4, 2), (3, 4), (2, 5))
            ),
        ]
        for kind, body in [*told, told[2]][order]:
            answer = await api.put(f"/v1/clients/{client.id}/{kind}/{body['id']}", json=without_id(body), headers=mine)
            assert answer.status_code == 200, answer.text
        found = (await api.get(f"/v1/clients/{client.id}/progress", headers=mine)).json()
        shown.append({name: value for name, value in found.items() if name != "client_id"})
    assert shown[0] == shown[1]
    # Six days were due before today: one all of it, one half, one all in parts, three without a word.
    adherence = shown[0]["adherence"]
    assert (adherence["due"], adherence["done"], adherence["partly"], adherence["not_logged"]) == (6, 1, 2, 3)
    assert adherence["percent"] == pytest.approx((1 + 0.5 + 1) / 6 * 100)
    assert shown[0]["pain"][-6:-1] == [
        {"day": (TODAY - timedelta(days=5)).isoformat(), "worst": 3},
        {"day": (TODAY - timedelta(days=4)).isoformat(), "worst": 6},
        {"day": (TODAY - timedelta(days=3)).isoformat(), "worst": 4},
        {"day": (TODAY - timedelta(days=2)).isoformat(), "worst": 5, "mean": 4.5},
        {"day": (TODAY - timedelta(days=1)).isoformat(), "mean": 4.5},
    ]


def day(back: int) -> dict[str, Any]:
    return {"id": str(uuid4()), "day": (TODAY - timedelta(days=back)).isoformat()}


def without_id(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "id"}
