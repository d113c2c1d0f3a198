"""From a prescription to a step back, as a therapist reads it: `docs/worked-example.md` holds each sentence."""

from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from service.catalogue.rules import Side
from service.database.tenancy import Database
from service.diary.entries import When
from service.diary.mornings import NewMorning, record_morning
from service.diary.rules import Response
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from tests import told
from tests.conftest import Clock
from tests.make import item, make_plan
from tests.service.review.browsing import World, ago

pytestmark = pytest.mark.anyio

TOLD_IN = Path(__file__).parents[3] / "docs" / "worked-example.md"


async def _day(database: Database, world: World, back: int, during: int = 2, morning: str = "same") -> None:
    """A session so many days ago with its pain, that day's score, and the morning after."""
    await told.pain(database, world.maria, ago(back), 3, 20)
    await told.did(database, world.maria, ago(back), pain={"before": 2, "during": during, "after": during})
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        now = told.moment(world.maria, ago(back - 1), 8)
        score = 4 if morning == "worse" else 2
        await record_morning(session, world.maria, NewMorning(Response(morning), score), When(ago(back - 1)), now)


async def _read(api: AsyncClient, world: World, clock: Clock, back: int) -> dict[str, Any]:
    """The client's page at noon of a day."""
    clock.now = told.moment(world.maria, ago(back), 12)
    answer = await api.get(f"/v1/clients/{world.maria.id}/timeline", headers=world.headers["therapist"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _proposed(page: dict[str, Any], code: str) -> str:
    [words] = [proposal["words"] for proposal in page["proposals"] if proposal["exercise"]["code"] == code]
    return str(words)


async def test_from_a_prescription_to_a_step_back(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    read: list[str] = []
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        plan = await make_plan(session, world.maria, now=told.moment(world.maria, ago(19)), starts_on=ago(19))
    page = await _read(api, world, clock, 19)
    read += [page["reason"], page["summary"], _proposed(page, "glu-bridge-double")]

    for back in range(19, 8, -1):
        await _day(database, world, back)
        if back == 17:
            read.append(_proposed(await _read(api, world, clock, 16), "glu-bridge-double"))
    page = await _read(api, world, clock, 8)
    read += [page["summary"], _proposed(page, "glu-bridge-double")]

    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        squeeze, habit = plan.items[1].row.item_key, plan.habits[0].habit_key
        items = [item("glu-bridge-offset", dose_fields={"side": Side.RIGHT}), item("glu-squeeze", item_key=squeeze)]
        habits = [HabitToPrescribe("hab-hang-hip", None, habit)]
        wanted = Prescription("Home exercise plan", ago(8), items, habits)
        await plans.change(session, world.maria.id, wanted, 1, clock.now)
    page = await _read(api, world, clock, 8)
    read.append(page["plan"]["change"])

    for back, morning in ((8, "same"), (7, "same"), (6, "worse")):
        await _day(database, world, back, 4, morning)
    read.append(_proposed(await _read(api, world, clock, 5), "glu-bridge-offset"))
    await _day(database, world, 5, 4, "worse")
    page = await _read(api, world, clock, 4)
    read += [page["summary"], _proposed(page, "glu-bridge-offset")]
    assert _proposed(page, "glu-bridge-offset").startswith("Step back")
    # Nothing has changed by it: the plan that runs is the one that was sent.
    assert page["plan"]["number"] == 2

    quoted = TOLD_IN.read_text().splitlines()
    missing = [words for words in read if f"> {words}" not in quoted]
    assert not missing, "\n".join(read)
