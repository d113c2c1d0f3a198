"""Rest, tempo, effort and the leg that works stand folded below the line of an exercise, and are prescribed with it."""

import re

import pytest
from httpx import AsyncClient

from service.catalogue.rules import Effort, WorkingSide
from service.database.tenancy import Database
from tests.service.review.browsing import World, look, picked, plan_of, send, shown, value_of, words
from tests.service.review.prescribing import FORM, PLAN

pytestmark = pytest.mark.anyio
BRIDGE = "glu-bridge-double"
FINER = {
    f"rest_s_{BRIDGE}": "60",
    f"tempo_{BRIDGE}": "4 s up, 4 s down",
    f"effort_{BRIDGE}": "hard",
    f"works_{BRIDGE}": "stance",
}


def is_open(html: str, code: str) -> bool:
    found = re.search(rf'id="line-{code}".*?<details class="line-more"( open)?>', html, re.DOTALL)
    assert found
    return found[1] is not None


async def test_they_are_prescribed_told_to_the_client_and_open_again_as_they_are(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await send(api, world, PLAN, {**FORM, **FINER})
    assert answer.status_code == 303, words(answer.text)
    [content] = await plan_of(database, world.maria)
    dose, untouched = content.items[0].dose, content.items[1].dose
    assert (dose.rest_seconds, dose.tempo, dose.effort) == (60, "4 s up, 4 s down", Effort.HARD)
    assert dose.working_side is WorkingSide.STANCE
    assert (untouched.rest_seconds, untouched.effort) == (5, Effort.LIGHT)
    page = (await look(api, world, f"{PLAN}?from=current")).text
    assert [is_open(page, code) for code in (BRIDGE, "ham-strap")] == [True, False]
    assert value_of(page, f"tempo_{BRIDGE}") == "4 s up, 4 s down"
    assert (picked(page, f"effort_{BRIDGE}"), picked(page, f"works_{BRIDGE}")) == ("hard", "stance")
    assert (value_of(page, "tempo_ham-strap"), value_of(page, "rest_s_ham-strap")) == ("", "5")
    seen = await send(
        api, world, PLAN.replace("/new", "/preview"), {**FORM, **FINER, f"cadence_{BRIDGE}": "weekdays-127"}, page=PLAN
    )
    assert "How fast: 4 s up, 4 s down. It should feel hard." in words(seen.text)

    emptied = {f"{name}_{BRIDGE}": "" for name in ("rest_s", "tempo", "effort", "works")}
    changed = await send(api, world, f"{PLAN}?from=current", {**FORM, **emptied, "version": "1"}, page=PLAN)
    assert changed.status_code == 303, words(changed.text)
    history = await shown(api, world, "/clients/MARIA/plan/versions")
    assert "Double-leg bridge: 4 s up, 4 s down to about 3 s up, 3 s down" in history
    assert "Double-leg bridge: hard to light effort" in history
    assert "Double-leg bridge: trains the leg that stands to trains both legs" in history


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (f"rest_s_{BRIDGE}", "a while", "Use a whole number."),
        (f"rest_s_{BRIDGE}", "9000", "Use 60."),
        (f"tempo_{BRIDGE}", "x" * 81, "Use at most 80 characters."),
        (f"effort_{BRIDGE}", "heroic", "Choose an effort of the list."),
        (f"works_{BRIDGE}", "none", "Choose a leg of the list."),
        ("works_ham-strap", "stance", "This exercise trains the leg that moves."),
    ],
)
async def test_what_cannot_be_right_is_said_beside_it_with_the_fold_open(
    api: AsyncClient, database: Database, world: World, field: str, typed: str, sentence: str
) -> None:
    answer = await send(api, world, PLAN, {**FORM, field: typed, f"tempo_{BRIDGE}": "as I say", **{field: typed}})
    assert answer.status_code == 422
    name, _, code = field.rpartition("_")
    assert f'id="{name}-{code}-problem">{sentence}' in answer.text
    assert is_open(answer.text, code)
    if "<select" not in re.sub(rf'.*?(<\w+)[^<]*name="{field}".*', r"\1", answer.text, flags=re.DOTALL):
        assert value_of(answer.text, field) == typed
    assert await plan_of(database, world.maria) == []


async def test_a_rest_outside_the_range_passes_with_a_reason(
    api: AsyncClient, database: Database, world: World
) -> None:
    asked = await send(api, world, PLAN, {**FORM, f"rest_s_{BRIDGE}": "120"})
    assert f'id="rest_s-{BRIDGE}-problem"' in asked.text
    assert is_open(asked.text, BRIDGE)
    name = re.search(rf'name="(why_[^"]*_{BRIDGE})"', asked.text)
    assert name
    answer = await send(api, world, PLAN, {**FORM, f"rest_s_{BRIDGE}": "120", name[1]: "She needs it"})
    assert answer.status_code == 303, words(answer.text)
    [content] = await plan_of(database, world.maria)
    assert content.items[0].row.rest_seconds == 120
