from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import TODAY, Team, make_team
from tests.service.plans.conftest import DAILY

pytestmark = pytest.mark.anyio


def _body(**fields: Any) -> dict[str, Any]:
    item = {"exercise": "glu-bridge-double", "cadence": DAILY, "sets": 2, "reps": 10}
    return {"starts_on": "2026-03-10", "items": [item], "habits": [{"habit": "hab-hang-hip"}], **fields}


async def test_what_is_left_out_is_the_gentlest_dose_of_the_library(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    body = _body(items=[{"exercise": "glu-bridge-double", "cadence": DAILY}])
    answer = await api.post(f"/v1/clients/{maria.id}/plan", json=body, headers=sam)
    assert answer.status_code == 201
    dose = answer.json()["items"][0]["dose"]
    # Ranges of the entry: sets 1-3, reps 5-15, hold 0-5 s, rest 60 s; both legs work.
    assert (dose["sets"], dose["reps"], dose["hold_seconds"], dose["rest_seconds"]) == (1, 5, 0, 60)
    assert (dose["side"], dose["working_side"]) == ("both", "both")


async def test_a_dose_outside_the_librarys_range_is_refused_by_field(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    items = [{"exercise": "glu-bridge-double", "cadence": DAILY, "sets": 4, "reps": 16, "side": "left"}]
    answer = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(items=items), headers=sam)
    assert answer.status_code == 422
    assert {e["pointer"]: e["message"] for e in answer.json()["errors"]} == {
        "/items/0/sets": "Use a whole number from 1 to 3.",
        "/items/0/reps": "Use a whole number from 5 to 15.",
        "/items/0/side": "This exercise works both sides at once: choose both.",
    }


async def test_every_field_says_what_would_be_right_in_words_of_its_own(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    bridge = {"exercise": "glu-bridge-double", "cadence": DAILY}
    a_year_off = (TODAY + timedelta(days=367)).isoformat()
    for change, pointer, words in (
        ({"items": [{**bridge, "side": "up"}]}, "/items/0/side", "Use one of these: left, right, both."),
        ({"habits": [{"habit": "hab-walk", "target": -1}]}, "/habits/0/target", "Use a number from 0 to 100000."),
        ({"title": ""}, "/title", "Use 1 to 120 characters."),
        # A slip of the pen: nothing could start before it any more.
        ({"starts_on": a_year_off}, "/starts_on", "Use a day within a year, such as today."),
        ({"starts_on": "2020-01-01"}, "/starts_on", "Use a day within a year, such as today."),
    ):
        answer = await api.post(
            f"/v1/clients/{maria.id}/plan", json=_body(**{"items": [bridge], **change}), headers=sam
        )
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["message"]) for e in answer.json()["errors"]] == [(pointer, words)]


async def test_a_side_is_never_guessed(api: AsyncClient, maria: Client, sam: dict[str, str]) -> None:
    items = [{"exercise": "glu-clam", "cadence": {"times_per_week": 3}}]
    answer = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(items=items), headers=sam)
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/items/0/side"]


@pytest.mark.parametrize("cadence", [{}, {"times_per_week": 3, "every_days": 2}, {"weekdays": []}])
async def test_a_cadence_is_exactly_one_of_three(
    api: AsyncClient, maria: Client, sam: dict[str, str], cadence: dict[str, Any]
) -> None:
    items = [{"exercise": "glu-bridge-double", "cadence": cadence}]
    answer = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(items=items), headers=sam)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items/0/cadence"


async def test_a_change_is_a_new_version_with_its_difference_in_words(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    first = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(), headers=sam)
    key = first.json()["items"][0]["item_key"]
    items = [{"exercise": "glu-bridge-double", "cadence": DAILY, "sets": 3, "reps": 10, "item_key": key}]
    changed = await api.put(
        f"/v1/clients/{maria.id}/plan",
        json=_body(items=items, starts_on="2026-03-12"),
        headers=sam | {"If-Match": first.headers["etag"]},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["version"] == 2
    assert changed.json()["changes"] == ["Double-leg bridge: 2 x 10 to 3 x 10"]
    assert changed.json()["items"][0]["item_key"] == key
    assert changed.json()["items"][0]["id"] != first.json()["items"][0]["id"]
    assert changed.json()["habits"][0]["habit_key"] == first.json()["habits"][0]["habit_key"]
    # Today is before the change: the first version still holds.
    assert (await api.get(f"/v1/clients/{maria.id}/plan", headers=sam)).json()["version"] == 1


async def test_two_therapists_changing_one_plan(api: AsyncClient, maria: Client, sam: dict[str, str]) -> None:
    first = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(), headers=sam)
    read = sam | {"If-Match": first.headers["etag"]}
    assert (await api.put(f"/v1/clients/{maria.id}/plan", json=_body(title="A"), headers=read)).status_code == 200
    late = await api.put(f"/v1/clients/{maria.id}/plan", json=_body(title="B"), headers=read)
    assert late.status_code == 412
    assert (await api.get(f"/v1/clients/{maria.id}/plan", headers=sam)).json()["title"] == "A"
    without = await api.put(f"/v1/clients/{maria.id}/plan", json=_body(title="C"), headers=sam)
    assert without.json()["errors"][0]["pointer"] == "If-Match"


async def test_one_plan_runs_at_a_time(api: AsyncClient, maria: Client, sam: dict[str, str]) -> None:
    path = f"/v1/clients/{maria.id}/plan"
    assert (await api.post(path, json=_body(), headers=sam)).status_code == 201
    second = await api.post(path, json=_body(), headers=sam)
    assert (second.status_code, second.json()["type"]) == (409, "urn:clamshell:problem:plan-runs")
    assert second.json()["title"] == "A plan runs already. Change it, or end it first."
    assert (await api.post(f"{path}/end", json={"last_day": "2026-03-10"}, headers=sam)).status_code == 204
    assert (await api.post(path, json=_body(starts_on="2026-03-11"), headers=sam)).status_code == 201


async def test_an_ended_plan_holds_to_the_last_local_day(
    api: AsyncClient, database: Database, team: Team, maria: Client, sam: dict[str, str], clock: Clock
) -> None:
    path = f"/v1/clients/{maria.id}/plan"
    await api.post(path, json=_body(), headers=sam)
    await api.post(f"{path}/end", json={"last_day": "2026-03-10"}, headers=sam)
    mine = await signed_in(database, team.clinic_id, client_id=maria.id)
    # 03:30 UTC on March 11 is 23:30 on March 10 in New York, where Maria lives.
    clock.now = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)
    assert (await api.get(path, headers=mine)).status_code == 200
    clock.now = datetime(2026, 3, 11, 4, 30, tzinfo=UTC)
    assert (await api.get(path, headers=mine)).status_code == 404


async def test_a_pause_ends_after_it_starts(api: AsyncClient, maria: Client, sam: dict[str, str]) -> None:
    await api.post(f"/v1/clients/{maria.id}/plan", json=_body(), headers=sam)
    pause = {"from_day": "2026-03-12", "until_day": "2026-03-11"}
    answer = await api.post(f"/v1/clients/{maria.id}/plan/pauses", json=pause, headers=sam)
    assert answer.json()["errors"][0]["pointer"] == "/until_day"
    pause = {"from_day": "2026-03-12", "until_day": "2026-03-19"}
    assert (await api.post(f"/v1/clients/{maria.id}/plan/pauses", json=pause, headers=sam)).status_code == 204
    plan = (await api.get(f"/v1/clients/{maria.id}/plan", headers=sam)).json()
    assert plan["pauses"] == [pause]


async def test_who_may_read_and_prescribe(
    api: AsyncClient, database: Database, team: Team, maria: Client, sam: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria.id}/plan"
    elsewhere = await make_team(database)
    mine = await signed_in(database, team.clinic_id, client_id=maria.id)
    robin = await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id)
    stranger = await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.owner_id)
    prescribed = [
        (await api.post(path, json=_body(), headers=who)).status_code for who in (mine, robin, stranger, {}, sam)
    ]
    assert prescribed == [403, 404, 404, 401, 201]
    read = [(await api.get(path, headers=who)).status_code for who in (mine, robin, stranger, {}, sam)]
    assert read == [200, 404, 404, 401, 200]


async def test_a_day_belongs_to_one_plan(api: AsyncClient, maria: Client, sam: dict[str, str]) -> None:
    path = f"/v1/clients/{maria.id}/plan"
    await api.post(path, json=_body(), headers=sam)
    await api.post(f"{path}/end", json={"last_day": "2026-03-12"}, headers=sam)
    overlapping = await api.post(path, json=_body(starts_on="2026-03-12"), headers=sam)
    assert overlapping.json()["errors"] == [
        {
            "pointer": "/starts_on",
            "code": "overlap",
            "message": "Start after the last day of the plan before, 2026-03-12.",
        }
    ]
    assert (await api.post(path, json=_body(starts_on="2026-03-13"), headers=sam)).status_code == 201
