"""An exercise may be asked for on any set of weekdays, with a choice of the list or by ticking them."""

import re

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.review.guards import Typed
from service.review.views.how_often import with_days
from tests.service.review.browsing import World, look, picked, plan_of, send, words
from tests.service.review.prescribing import FORM, PLAN

pytestmark = pytest.mark.anyio
BRIDGE = "glu-bridge-double"


def test_ticked_days_are_a_choice_like_any_other_and_count_only_when_they_are_chosen() -> None:
    days = [(f"on_{BRIDGE}", "1"), (f"on_{BRIDGE}", "4"), (f"on_{BRIDGE}", "99"), ("on_other", "0")]
    assert with_days(Typed([(f"cadence_{BRIDGE}", "pick"), *days])).pairs == [(f"cadence_{BRIDGE}", "weekdays-18")]
    assert with_days(Typed([(f"cadence_{BRIDGE}", "times-3"), *days])).pairs == [(f"cadence_{BRIDGE}", "times-3")]
    assert with_days(Typed([(f"cadence_{BRIDGE}", "pick")])).pairs == [(f"cadence_{BRIDGE}", "pick")]


async def test_any_weekdays_are_prescribed_and_stand_ticked_when_the_plan_is_opened_again(
    api: AsyncClient, database: Database, world: World
) -> None:
    reason = {"why_item_glu-bridge-double_days_per_week": "Tuesdays and Fridays suit her"}
    ticks = {f"cadence_{BRIDGE}": "pick", f"on_{BRIDGE}": ["1", "4", "6"]}
    answer = await send(api, world, PLAN, {**FORM, **ticks, **reason})
    assert answer.status_code == 303, words(answer.text)
    [content] = await plan_of(database, world.maria)
    assert (content.items[0].row.cadence, content.items[0].row.weekdays) == ("weekdays", 0b1010010)
    page = (await look(api, world, f"{PLAN}?from=current")).text
    assert re.findall(rf'name="on_{BRIDGE}" value="(\d)" checked', page) == ["1", "4", "6"]
    assert picked(page, f"cadence_{BRIDGE}") == "weekdays-82"
    assert ">Tue, Fri, Sun</option>" in page


async def test_no_day_at_all_is_said_beside_the_choice_and_sends_nothing(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await send(api, world, PLAN, {**FORM, f"cadence_{BRIDGE}": "pick"})
    assert answer.status_code == 422
    assert f'id="cadence-{BRIDGE}-problem">Tick at least one weekday.' in answer.text
    assert picked(answer.text, f"cadence_{BRIDGE}") == "pick"
    assert await plan_of(database, world.maria) == []
