"""The clinic's library: its list, exercises of its own, and what is hidden of it."""

from typing import Any

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.make import make_plan
from tests.service.catalogue.files import jpeg
from tests.service.review.browsing import World, as_sent, look, plan_of, send, shown, words
from tests.service.review.uploading import exercise_id, upload

pytestmark = pytest.mark.anyio

OWN: dict[str, Any] = {
    "name": "  Wall  sit ",
    "group": "glute",
    "stage": "isometric",
    "position": "back to the wall",
    "equipment": "wall, shoes",
    "sides": "both",
    "working_side": "both",
    "sets_low": "2",
    "sets_high": "4",
    "reps_low": "1",
    "reps_high": "5",
    "hold_seconds_low": "10",
    "hold_seconds_high": "45",
    "cues": "Slide down\r\n\r\n Knees over toes ",
}


async def test_an_exercise_of_our_own_is_added_prescribed_and_changed(
    api: AsyncClient, database: Database, world: World
) -> None:
    for code in ("own-wall-sit", "own-wall-sit-2"):
        made = await send(api, world, "/exercises/new", OWN)
        assert made.status_code == 303, words(made.text)
        page = made.headers["location"].partition("?")[0]
        assert page == f"/exercises/{await exercise_id(database, world.team, code)}"
    html = (await look(api, world, page)).text
    assert 'value="wall, shoes"' in html
    assert "Slide down\nKnees over toes</textarea>" in html
    sent = {**OWN, "hold_seconds_low": "50", "cues": "Slide down slowly"}
    wrong = await send(api, world, page, sent)
    assert wrong.status_code == 422
    assert "Use 0 to 600, the lowest first." in words(wrong.text)
    assert "Slide down slowly</textarea>" in wrong.text
    assert (await send(api, world, page, {**sent, "hold_seconds_high": "60"})).status_code == 303
    draft = "/clients/MARIA/plan/draft"
    form = {"version": "0", "act": "add:own-wall-sit-2", "item_own-wall-sit": "on"}
    assert (await send(api, world, draft, form, page="/clients/MARIA/plan/new")).status_code == 303
    form = as_sent((await look(api, world, draft)).text)
    assert form["hold_s_own-wall-sit-2"] == "50"
    assert form["hold_s_own-wall-sit"] == "10"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "Use 1 to 120 characters."),
        ({"name": "x" * 121}, "Use 1 to 120 characters."),
        ({"sets_low": "0"}, "Use 1 to 20, the lowest first."),
        ({"reps_high": "many"}, "Use a whole number."),
        ({"cues": "\n".join("abcdefghi")}, "Use at most 8 lines"),
        ({"cues": "x" * 201}, "Use at most 200 characters in a line."),
        ({"sides": "left"}, "Nothing was saved yet."),
    ],
)
async def test_what_cannot_be_right_about_it_is_said_at_its_field_and_nothing_is_lost(
    api: AsyncClient, database: Database, world: World, change: dict[str, str], told: str
) -> None:
    answer = await send(api, world, "/exercises/new", {**OWN, **change})
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert 'value="back to the wall"' in answer.text
    with pytest.raises(Exception, match="No row"):
        await exercise_id(database, world.team, "own-wall-sit")


async def test_ours_are_not_rewritten_and_not_those_of_another_clinic(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    assert (await send(api, world, clam, OWN)).status_code == 404
    theirs = f"/exercises/{await exercise_id(database, world.elsewhere)}"
    assert (await look(api, world, theirs)).status_code == 404
    for path in (theirs, f"{theirs}/hidden", f"{theirs}/picture/remove"):
        assert (await send(api, world, path, OWN, page="/exercises/new")).status_code == 404
    assert (await look(api, world, "/exercises", "front desk")).status_code == 403
    assert (await look(api, world, "/exercises", "client")).status_code == 403


async def test_a_hidden_exercise_stays_in_the_plans_that_have_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria)
    squeeze = f"/exercises/{await exercise_id(database, world.team, 'glu-squeeze')}"
    assert (await send(api, world, f"{squeeze}/hidden", {"hidden": "yes"}, page=squeeze)).status_code == 303
    assert "Glute squeeze" in await shown(api, world, "/exercises?which=hidden")
    plan = "/clients/MARIA/plan/new"
    assert (
        await send(api, world, plan, as_sent((await look(api, world, plan)).text) | {"note": "Go on"})
    ).status_code == 303
    [first, second] = await plan_of(database, world.maria)
    assert [i.exercise.code for i in second.items] == [i.exercise.code for i in first.items]
    assert (
        "add:glu-squeeze"
        not in (
            await look(api, world, f"{plan}?from=empty".replace("MARIA", str(world.clients["Rita"].id)), "owner")
        ).text
    )
    await send(api, world, f"{squeeze}/hidden", {"hidden": "no"}, page=squeeze)
    assert "None fits." in await shown(api, world, "/exercises?which=hidden")


async def test_the_list_is_narrowed_by_letters_and_by_kind(api: AsyncClient, world: World, clam: str) -> None:
    everything = await shown(api, world, "/exercises")
    assert "58 of 58 exercises" in everything
    assert "2 of 58 exercises" in await shown(api, world, "/exercises?q=CLAM")
    await upload(api, world, clam, jpeg())
    seen = await shown(api, world, "/exercises?which=media")
    assert ("1 of 58 exercises" in seen, "Own picture" in seen) == (True, True)
