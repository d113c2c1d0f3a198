"""What the 24-hour rule proposes to the therapist, from what the client told; it changes nothing by itself."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.diary.rules import SkipReason
from service.plans.actions import HabitToPrescribe
from tests import told
from tests.make import TODAY, item, make_plan
from tests.service.review.browsing import World

pytestmark = pytest.mark.anyio


async def proposals(api: AsyncClient, world: World) -> dict[str, Any]:
    path = f"/v1/clients/{world.maria.id}/timeline"
    answer = await api.get(path, headers=world.headers["therapist"])
    return {p["exercise"]["code"]: p for p in answer.json()["proposals"]}


@pytest.fixture
async def maria(database: Database, world: World) -> Client:
    """With a bridge and a squeeze every day for two weeks, and pain of 3 told each day."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=TODAY - timedelta(days=15))
    for back in range(14):
        await told.pain(database, world.maria, TODAY - timedelta(days=back), 3)
    return world.maria


async def test_sessions_that_went_well_propose_the_harder_exercise_as_a_draft_only(
    api: AsyncClient, database: Database, world: World, maria: Client
) -> None:
    for back in range(6, 0, -1):
        await told.well(database, maria, back)
    bridge = (await proposals(api, world))["glu-bridge-double"]
    # "glu-squeeze", the easier one, is in the plan already; the harder one that comes first is one-leg-biased.
    assert (bridge["verdict"], bridge["harder"]["code"], bridge.get("easier")) == ("advance", "glu-bridge-offset", None)
    assert bridge["words"] == (
        f"Advance to {bridge['harder']['name']}: the last 3 sessions went well, and so did the mornings after."
    )
    headers = world.headers["therapist"]
    page = (await api.get(f"/clients/{maria.id}", headers=headers)).text
    assert bridge["words"] in page
    assert bridge["draft_url"].replace("&", "&amp;") in page
    draft = (await api.get(bridge["draft_url"], headers=headers)).text
    ticked = [code for code in ("glu-bridge-double", "glu-bridge-offset", "glu-squeeze") if _ticked(draft, code)]
    assert ticked == ["glu-bridge-offset", "glu-squeeze"]
    assert set(await proposals(api, world)) == {"glu-bridge-double", "glu-squeeze"}


def _ticked(html: str, code: str) -> bool:
    return f'name="item_{code}"' in html


async def test_pain_of_5_on_two_of_three_holds(
    api: AsyncClient, database: Database, world: World, maria: Client
) -> None:
    for back, during in ((3, 5), (2, 2), (1, 5)):
        await told.well(database, maria, back, during)
    bridge = (await proposals(api, world))["glu-bridge-double"]
    assert bridge["words"] == "Hold: pain during up to 5 on 2 of the last 3 sessions."
    # The squeeze beside it is judged by the same sessions: the page says it once for both.
    page = (await api.get(f"/clients/{maria.id}", headers=world.headers["therapist"])).text
    assert page.count(bridge["words"]) == 1
    # To hold is to open the plan where it holds, and to change nothing of it.
    assert bridge["draft_url"].endswith("/plan/new?from=current#line-glu-bridge-double")
    draft = (await api.get(bridge["draft_url"], headers=world.headers["therapist"])).text
    assert [_ticked(draft, code) for code in ("glu-bridge-double", "glu-squeeze")] == [True, True]


async def test_a_day_skipped_because_it_hurts_is_no_good_session(
    api: AsyncClient, database: Database, world: World, maria: Client
) -> None:
    for back in range(6, 1, -1):
        await told.well(database, maria, back)
    await told.did(database, maria, TODAY - timedelta(days=1), "skipped", reason=SkipReason.HURTS)
    bridge = (await proposals(api, world))["glu-bridge-double"]
    told_for = "Hold: pain during and the morning after were told for 2 of the last 3 sessions."
    assert (bridge["verdict"], bridge["words"]) == ("hold", told_for)


async def test_two_bad_sessions_running_step_back_to_the_easier_one_that_is_in_the_plan(
    api: AsyncClient, database: Database, world: World, maria: Client
) -> None:
    for back in (2, 1):
        await told.well(database, maria, back, 2, "worse")
    found = await proposals(api, world)
    page = (await api.get(f"/clients/{maria.id}", headers=world.headers["therapist"])).text
    assert "The morning after: worse, pain 2" in page
    # The bridge's only easier exercise is the squeeze, in the plan already: it goes on alone, and is no second step.
    why = "pain had not settled on the mornings after 2 of the last sessions"
    assert {code: (p["verdict"], p["words"]) for code, p in found.items()} == {
        "glu-bridge-double": (
            "step_back",
            f"Step back: leave this one out, and go on with Glute squeeze, which is in the plan: {why}.",
        ),
        "glu-squeeze": ("hold", f"Hold: {why}; the harder one beside it goes first."),
    }
    draft = (await api.get(found["glu-bridge-double"]["draft_url"], headers=world.headers["therapist"])).text
    assert [_ticked(draft, code) for code in ("glu-bridge-double", "glu-squeeze")] == [False, True]


async def test_nothing_easier_at_all_stops_and_rising_nights_step_back(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        fields: dict[str, Any] = {"items": [item("glu-squeeze")], "habits": [HabitToPrescribe("hab-woke", None, None)]}
        plan = await make_plan(session, world.maria, starts_on=TODAY - timedelta(days=15), **fields)
    # One quiet week, then three broken nights.
    for back in range(14):
        times = 2 if back in (0, 2, 5) else 0
        await told.habit(database, world.maria, TODAY - timedelta(days=back), plan.habits[0].id, times)
    await told.well(database, world.maria, 3)
    nights = "pain broke 3 of the last 7 nights, more than the week before"
    assert (await proposals(api, world))["glu-squeeze"]["words"] == f"Hold: {nights}."
    for back in (2, 1):
        await told.well(database, world.maria, back, 2, "worse")
    squeeze = (await proposals(api, world))["glu-squeeze"]
    assert squeeze["verdict"] == "stop_and_tell"
    draft = (await api.get(squeeze["draft_url"], headers=world.headers["therapist"])).text
    assert not _ticked(draft, "glu-squeeze")


async def test_only_staff_of_the_clinic_see_a_proposal(api: AsyncClient, world: World, maria: Client) -> None:
    path = f"/v1/clients/{maria.id}/timeline"
    codes = {who: (await api.get(path, headers=world.headers[who])).status_code for who in world.headers}
    assert codes == {"therapist": 200, "owner": 200, "front desk": 403, "client": 403, "stranger": 404}
