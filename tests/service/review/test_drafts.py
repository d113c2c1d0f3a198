"""A plan that is half done: it waits for its writer alone, and is gone once it was sent, thrown away or too old."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient, Response

from service.catalogue.library import shipped
from service.catalogue.rules.finding import gear_of, goals_of, position_of
from service.database.tenancy import Database
from service.review.views.plan_items import LINE
from tests import told
from tests.conftest import Clock, signed_in
from tests.make import NOW, item, make_plan
from tests.service.review.browsing import (
    World,
    ago,
    as_sent,
    cookie,
    count,
    look,
    plan_of,
    send,
    shown,
    value_of,
    words,
)
from tests.service.review.prescribing import PLAN

pytestmark = pytest.mark.anyio

DRAFT = "/clients/MARIA/plan/draft"


async def running(database: Database, world: World) -> None:
    items = [item("glu-bridge-double", dose_fields={"sets": 2, "reps": 10}), item("glu-squeeze"), item("ham-wall")]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(5), items=items, now=NOW - timedelta(days=5))


async def press(api: AsyncClient, world: World, act: str, who: str = "therapist", **typed: str) -> Response:
    """A button of the page as it is, with what was typed before."""
    html = await _builder(api, world, who)
    return await send(
        api, world, DRAFT, as_sent(html) | {"note": value_of(html, "note"), **typed, "act": act}, who, PLAN_OPEN
    )


PLAN_OPEN = "/clients/MARIA/plan/new?from=current"


async def _builder(api: AsyncClient, world: World, who: str = "therapist") -> str:
    """As the link on the client's page opens it."""
    answer = await look(api, world, PLAN, who)
    return (await look(api, world, answer.headers["location"], who)).text if answer.is_redirect else answer.text


async def test_what_was_left_half_done_is_there_the_next_day_and_only_for_who_wrote_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await running(database, world)
    kept = await press(
        api, world, "save", reps_glu_bridge="", **{"reps_glu-bridge-double": "none", "note": "ببطء\n" * 40}
    )
    assert (kept.status_code, kept.headers["location"][-5:]) == (303, "draft")
    for who, status in (("stranger", 404), ("client", 403)):
        assert (await look(api, world, DRAFT, who)).status_code == status, who
        assert (
            await api.post(DRAFT.replace("MARIA", str(world.maria.id)), headers=world.headers[who])
        ).status_code >= 403
    clock.now += timedelta(days=1)
    team = world.team
    for who, staff_id in (("therapist", team.therapist_id), ("owner", team.owner_id)):
        world.headers[who] = cookie(await signed_in(database, team.clinic_id, staff_id=staff_id, now=clock.now))
    html = await _builder(api, world)
    assert value_of(html, "reps_glu-bridge-double") == "none"
    assert value_of(html, "note").count("ببطء") == 40
    assert "Only you see it, and it waits 30 days." in words(html)
    # The owner may write for Maria too, and sees the plan as it is.
    assert value_of(await _builder(api, world, "owner"), "reps_glu-bridge-double") == "10"
    assert (await look(api, world, DRAFT, "owner")).headers["location"].endswith("/plan/new")
    assert [c.version.number for c in await plan_of(database, world.maria)] == [1]


async def test_buttons_put_in_move_and_take_out_without_losing_what_was_typed(
    api: AsyncClient, database: Database, world: World
) -> None:
    await running(database, world)

    async def lines() -> list[str]:
        return re.findall(r'id="line-([^"]+)"', await _builder(api, world))

    typed = {"reps_glu-bridge-double": "9"}
    assert (await press(api, world, "add:glu-clam", **typed)).headers["location"].endswith("#line-glu-clam")
    assert await lines() == ["glu-bridge-double", "glu-squeeze", "glu-clam", "ham-wall"]
    await press(api, world, "up:glu-clam")
    await press(api, world, "down:ham-wall")
    await press(api, world, "up:glu-clam")
    await press(api, world, "up:glu-clam")
    assert await lines() == ["glu-clam", "glu-bridge-double", "glu-squeeze", "ham-wall"]
    await press(api, world, "remove:glu-squeeze")
    html = await _builder(api, world)
    assert await lines() == ["glu-clam", "glu-bridge-double", "ham-wall"]
    assert value_of(html, "reps_glu-bridge-double") == "9"
    sent = await send(api, world, PLAN, as_sent(html) | {"side_glu-clam": "left"}, page=PLAN_OPEN)
    assert sent.status_code == 303, words(sent.text)
    content = (await plan_of(database, world.maria))[-1]
    assert [(i.exercise.code, i.row.reps) for i in content.items][:2] == [("glu-clam", 8), ("glu-bridge-double", 9)]
    assert await count(database, world.team, "plan_draft") == 0


async def test_the_search_is_kept_with_the_draft_and_leaves_out_what_does_not_fit(
    api: AsyncClient, world: World
) -> None:
    found = await press(api, world, "find", find="BRÍDGE heels", find_goal="strength", find_position="lying")
    html = (await look(api, world, found.headers["location"])).text
    rows = re.findall(r'<li class="result"[^>]*?( hidden)?>.*?value="add:([^"]+)"', html, re.DOTALL)
    assert [code for is_out, code in rows if not is_out] == ["ham-slide"]
    assert len(rows) == 58
    assert "1 exercise" in words(html)
    assert value_of(html, "find") == "BRÍDGE heels"


def test_every_exercise_of_the_library_has_a_goal_a_position_and_what_it_needs() -> None:
    told_of = {one.id: (goals_of(one), position_of(one), gear_of(one)) for one in shipped().exercises}
    assert told_of["glu-hitch-hold"] == (["strength", "balance"], "standing", ["none"])
    assert told_of["ham-strap"] == (["range"], "lying", ["strap"])
    assert told_of["glu-sit-stand"] == (["strength"], "sitting", ["chair"])
    assert told_of["glu-bird-dog"] == (["strength"], "kneeling", ["none"])
    assert told_of["glu-lat-step-up"] == (["strength", "balance"], "standing", ["step"])
    assert all(place for _, place, _ in told_of.values())


async def test_a_draft_is_thrown_away_and_one_of_an_older_plan_is_shown_beside_the_new_one(
    api: AsyncClient, database: Database, world: World
) -> None:
    await running(database, world)
    await press(api, world, "save", **{"reps_glu-bridge-double": "8"})
    gone = await press(api, world, "discard")
    assert "Your draft was thrown away." in await shown(api, world, gone.headers["location"].partition("#")[0])
    assert value_of(await _builder(api, world), "reps_glu-bridge-double") == "10"

    await press(api, world, "save", **{"reps_glu-bridge-double": "8"})
    form = as_sent(await _builder(api, world, "owner"))
    assert (await send(api, world, PLAN, form | {"reps_glu-bridge-double": "12"}, "owner")).status_code == 303
    both = await look(api, world, DRAFT)
    assert both.status_code == 200
    assert "Olga sent version 2" in words(both.text)
    assert 'name="pick_item_glu-bridge-double" value="mine"' in both.text
    # A page that was open while its plan was sent begins no draft of the old one.
    late = await send(api, world, DRAFT, form | {"act": "save"}, "owner", PLAN_OPEN)
    assert (late.status_code, await count(database, world.team, "plan_draft")) == (412, 1)


async def test_the_plan_is_seen_as_the_client_will_see_it_and_nothing_is_written(
    api: AsyncClient, database: Database, world: World
) -> None:
    await running(database, world)
    html = await _builder(api, world)
    form = as_sent(html) | {"note": "Slowly", "reps_glu-bridge-double": "11", "remind_plan": "on"}
    path = "/clients/MARIA/plan/preview"
    seen = await send(api, world, path, form, page=PLAN)
    assert seen.status_code == 200
    told_there = words(seen.text)
    for sentence in ("It was not sent.", "2 sets of 11", "Slowly", "I did all of it"):
        assert sentence in told_there, sentence
    assert "form-action 'none'" in seen.headers["content-security-policy"]
    assert len(await plan_of(database, world.maria)) == 1
    assert await count(database, world.team, "plan_draft") == 0
    wrong = await send(api, world, path, form | {"reps_glu-bridge-double": "none"}, page=PLAN)
    assert wrong.status_code == 422
    assert value_of(wrong.text, "reps_glu-bridge-double") == "none"
    assert (await look(api, world, PLAN, "stranger")).status_code == 404


async def test_any_two_versions_are_told_apart_and_old_logs_stay_under_the_old_one(
    api: AsyncClient, database: Database, world: World
) -> None:
    await running(database, world)
    await told.did(database, world.maria, ago(2))
    for reps in ("11", "12"):
        html = await _builder(api, world)
        assert (await send(api, world, PLAN, as_sent(html) | {"reps_glu-bridge-double": reps})).status_code == 303
    first, _, third = await plan_of(database, world.maria)
    page = "/clients/MARIA/plan/versions"
    assert "From version 2 to version 3 Double-leg bridge: 2 x 11 to 2 x 12" in await shown(api, world, page)
    # Picked the wrong way round they are put in order.
    seen = await shown(api, world, f"{page}?old={third.version.id}&new={first.version.id}")
    assert "From version 1 to version 3 Double-leg bridge: 2 x 10 to 2 x 12" in seen
    assert "Version 1 · Mar 5 – Mar 9 First version By Sam" in seen
    assert seen.count("1 day logged under it") == 1
    assert (await look(api, world, page, "stranger")).status_code == 404


async def test_a_plan_of_far_too_many_exercises_is_kept_and_told_of_once_it_is_sent(
    api: AsyncClient, database: Database, world: World
) -> None:
    await running(database, world)
    codes = [one.id for one in shipped().exercises][:40]
    lines = {f"{name}{code}": "1" for code in codes for name in LINE if name.startswith(("item_", "sets_", "reps_"))}
    lines |= {f"{name}{code}": "" for code in codes for name in LINE if f"{name}{code}" not in lines}
    form = as_sent((await look(api, world, PLAN_OPEN)).text) | lines
    assert len(form) > 600
    kept = await send(api, world, DRAFT, form | {"act": "save"}, page=PLAN_OPEN)
    assert kept.status_code == 303
    number = len({*codes, "glu-bridge-double", "glu-squeeze", "ham-wall"})
    assert f"{number} exercises" in await shown(api, world, DRAFT)
    sent = await send(api, world, PLAN, form, page=PLAN_OPEN)
    assert (sent.status_code, "Use at most 12 exercises and 10 habits." in words(sent.text)) == (422, True)
