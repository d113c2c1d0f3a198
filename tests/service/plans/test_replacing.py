"""A version that waits gives way to one that starts sooner: it stays as a record, and holds on no day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from hypothesis import given, settings
from hypothesis import strategies as st

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.errors import Refused
from service.plans.actions.replacing import following
from service.plans.queries import Content, content_on, prescribed_on
from service.plans.tables import Plan, PlanVersion
from service.reminders.moments import Moment
from service.reminders.plan_states import plan_states
from tests.make import Team
from tests.service.plans.conftest import DAILY
from tests.service.plans.test_routes import _body

pytestmark = pytest.mark.anyio
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(40)]


def item(exercise: str, **fields: Any) -> dict[str, Any]:
    return {"exercise": exercise, "cadence": DAILY, **fields}


async def put(api: AsyncClient, client: Client, sam: dict[str, str], before: Response, **fields: Any) -> Response:
    headers = sam | {"If-Match": before.headers["etag"]}
    return await api.put(f"/v1/clients/{client.id}/plan", json=_body(**fields), headers=headers)


async def test_a_plan_is_changed_before_the_day_a_version_waits_for(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    """Today is 10 March: version 2 waits for the 20th, and version 3 starts on the 15th."""
    path = f"/v1/clients/{maria.id}/plan"
    first = await api.post(path, json=_body(items=[item("glu-squeeze"), item("glu-bridge-double")]), headers=sam)
    kept, gone = [one["item_key"] for one in first.json()["items"]]
    waits = await put(
        api, maria, sam, first, starts_on="2026-03-20", items=[item("glu-squeeze", reps=10, item_key=kept)]
    )
    assert waits.json()["changes"][-1] == "Removed: Double-leg bridge"
    third = await put(
        api,
        maria,
        sam,
        waits,
        starts_on="2026-03-15",
        items=[item("glu-squeeze", item_key=kept), item("glu-bridge-double", side="both", sets=2)],
    )
    assert third.status_code == 200, third.text
    assert third.json()["version"] == 3
    # What the client does now is compared, not what never came.
    assert third.json()["changes"] == [
        "Takes the place of version 2, which had not started",
        "Double-leg bridge: 1 x 5 to 2 x 5",
    ]
    assert [one["item_key"] for one in third.json()["items"]] == [kept, gone]
    listed = (await api.get(f"{path}/versions", headers=sam)).json()["data"]
    assert [(one["version"], one["starts_on"]) for one in listed] == [(1, "2026-03-10"), (3, "2026-03-15")]

    record = await api.get(f"/clients/{maria.id}/plan/versions", headers=_cookie(sam))
    assert record.text.count("replaced before its first day") == 1
    early = await put(api, maria, sam, third, starts_on="2026-03-09", title="Other")
    assert early.json()["errors"][0]["code"] == "too_early"
    late = await put(api, maria, sam, waits, starts_on="2026-03-16", title="Other")
    assert late.status_code == 412


def _cookie(headers: dict[str, str]) -> dict[str, str]:
    return {"Cookie": f"clamshell_session={headers['Authorization'].removeprefix('Bearer ')}"}


async def test_on_the_day_it_waited_for_what_took_its_place_is_logged_under_and_asked_for(
    api: AsyncClient, database: Database, team: Team, maria: Client, sam: dict[str, str]
) -> None:
    """Saturday the 21st: version 2 would have asked for no exercise, version 3 asks for it every day."""
    first = await api.post(f"/v1/clients/{maria.id}/plan", json=_body(), headers=sam)
    waits = await put(api, maria, sam, first, starts_on="2026-03-20", items=[])
    third = await put(api, maria, sam, waits, starts_on="2026-03-15", items=[item("glu-squeeze")])
    day = date(2026, 3, 21)
    moment = Moment(uuid4(), maria.id, uuid4(), day, datetime(2026, 3, 21, 5, tzinfo=UTC), "plan", uuid4())
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        found = await prescribed_on(session, maria.id, day)
        state = (await plan_states(session, [moment]))[moment.key]
    assert found is not None
    assert (str(found[0]), [str(one) for one in found[1]]) == (
        third.json()["version_id"],
        [third.json()["items"][0]["id"]],
    )
    assert not state.rest_day


async def test_the_same_plan_from_an_earlier_day_is_a_change_and_an_ended_plan_keeps_its_days(
    api: AsyncClient, maria: Client, sam: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria.id}/plan"
    await api.post(path, json=_body(), headers=sam)
    await api.post(f"{path}/end", json={"last_day": "2026-03-12"}, headers=sam)
    waits = await api.post(path, json=_body(starts_on="2026-03-20"), headers=sam)
    overlapping = await put(api, maria, sam, waits, starts_on="2026-03-12")
    assert overlapping.json()["errors"][0]["code"] == "overlap"
    sooner = await put(api, maria, sam, waits, starts_on="2026-03-13")
    assert (sooner.json()["version"], sooner.json()["starts_on"]) == (2, "2026-03-13")


def made(number: int, starts_on: date, plan: Plan) -> Content:
    now = datetime.combine(starts_on, time(), UTC)
    version = PlanVersion(
        clinic_id=plan.clinic_id,
        id=uuid4(),
        client_id=plan.client_id,
        sync_seq=number,
        created_at=now,
        plan_id=plan.id,
        number=number,
        starts_on=starts_on,
        created_by=plan.created_by,
    )
    return Content(plan, version, [], [], [])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 30)), min_size=1, max_size=8))
def test_no_change_touches_a_day_before_it_and_none_that_gave_way_had_ever_held(
    sent: list[tuple[int, int]],
) -> None:
    """Each is sent some days after the one before, to start so many days from then."""
    plan = Plan(
        clinic_id=uuid4(),
        id=uuid4(),
        client_id=uuid4(),
        sync_seq=1,
        title="",
        created_by=uuid4(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    today, versions = FIRST, [made(1, FIRST, plan)]
    for number, (later, ahead) in enumerate(sent, 2):
        today += timedelta(days=later)
        starts_on, now = today + timedelta(days=ahead), datetime.combine(today, time(12), UTC)
        held = {day: content_on(versions, day) for day in DAYS}
        try:
            after = following(versions, starts_on, now)
        except Refused:
            begun = [one for one in versions if one.version.starts_on <= today + timedelta(days=1)]
            assert starts_on < max(one.version.starts_on for one in begun)
            continue
        new = made(number, starts_on, plan)
        left = [one for one in versions if one not in after.replaced]
        versions = sorted([*left, new], key=lambda one: (one.version.starts_on, one.version.number))
        assert {day: content_on(versions, day) for day in DAYS if day < starts_on} == {
            day: content for day, content in held.items() if day < starts_on
        }
        assert all(content_on(versions, day) is new for day in DAYS if day >= starts_on)
        assert all(one.version.starts_on > today for one in after.replaced)
