"""Two who sent one plan at once: what each sent is shown beside the other's, and one is picked, row by row."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.catalogue.rules import Sentence
from service.database.tenancy import Database
from service.plans.actions import HabitToPrescribe
from service.plans.fix_rows import FixToPrescribe, LessonToPrescribe, OnceToPrescribe
from tests.make import NOW, TODAY, item, make_plan
from tests.service.review.browsing import (
    World,
    ago,
    as_sent,
    look,
    plan_of,
    send,
    shown,
    value_of,
    words,
)
from tests.service.review.prescribing import PLAN

pytestmark = pytest.mark.anyio

PICKED = "/clients/MARIA/plan/picked"


async def test_two_therapists_at_once_are_both_shown_and_picked_row_by_row(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        items = [item("glu-bridge-double", dose_fields={"sets": 2, "reps": 10}), item("glu-squeeze")]
        await make_plan(session, world.maria, starts_on=ago(5), items=items, now=NOW - timedelta(days=5))
    form = as_sent((await look(api, world, PLAN)).text)
    theirs = form | {"reps_glu-bridge-double": "12", "note": "From Olga", "habit_hab-walk": "on"}
    assert (await send(api, world, PLAN, theirs, "owner")).status_code == 303
    mine = form | {"reps_glu-bridge-double": "8", "item_glu-clam": "on", "side_glu-clam": "left"}
    late = await send(api, world, PLAN, mine)
    assert late.status_code == 412
    seen = words(late.text)
    assert "Olga sent version 2" in seen
    assert "Double-leg bridge Sent by Olga: 2 × 12, both sides, every day Yours: 2 × 8, both sides, every day" in seen
    assert "Clamshell Sent by Olga: not in the plan Yours:" in seen
    # One row only one of them touched is theirs or mine by itself; the one that both touched is asked.
    html = late.text
    assert 'name="pick_item_glu-bridge-double" value="saved" required' in html
    assert 'name="pick_item_glu-clam" value="mine" checked' in html
    assert 'name="pick_habit_hab-walk" value="saved" checked' in html
    assert 'name="pick_note" value="saved" checked' in html
    assert "pick_item_glu-squeeze" not in html
    assert len(await plan_of(database, world.maria)) == 2
    picks = {
        "number": value_of(html, "number"),
        "pick_item_glu-bridge-double": "mine",
        "pick_item_glu-clam": "mine",
        "pick_habit_hab-walk": "saved",
        "pick_note": "saved",
    }
    whole = await send(api, world, "/clients/MARIA/plan/picked", {**mine, **picks}, page=PLAN)
    assert whole.status_code == 200, words(whole.text)
    assert len(await plan_of(database, world.maria)) == 2
    again = as_sent(whole.text)
    assert (again["version"], value_of(whole.text, "note")) == ("2", "From Olga")
    sent = await send(api, world, PLAN, again | {"note": "From Olga"})
    assert sent.status_code == 303, words(sent.text)
    third = (await plan_of(database, world.maria))[-1]
    assert [i.exercise.code for i in third.items] == ["glu-bridge-double", "glu-squeeze", "glu-clam"]
    assert (third.items[0].row.reps, len(third.habits), third.version.note) == (8, 2, "From Olga")
    # A third change in between asks again.
    stale = await send(api, world, "/clients/MARIA/plan/picked", {**mine, **picks}, page=PLAN)
    assert stale.status_code == 412


async def test_things_to_do_once_and_goals_of_two_therapists_are_picked_too(
    api: AsyncClient, database: Database, world: World
) -> None:
    shoes, seat = FixToPrescribe("New shoes", TODAY), FixToPrescribe("Raise the car seat", TODAY)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        habits, once = [HabitToPrescribe("hab-walk", 20, None)], OnceToPrescribe([shoes, seat])
        await make_plan(session, world.maria, habits=habits, once=once)
    form = as_sent((await look(api, world, PLAN)).text) | {"fix_0": "New shoes", "fix_1": "Raise the car seat"}
    pillow = {"fix_2": "A pillow", "fix_due_2": "2026-03-12"}
    theirs = form | pillow | {"fix_due_0": "2026-03-20", "goal_hab-walk": "30"}
    assert (await send(api, world, PLAN, theirs, "owner")).status_code == 303
    change = (await plan_of(database, world.maria))[-1].version.change_lines
    assert [Sentence.from_stored(one).msgid for one in change] == [
        "%(habit)s %(before)s to %(after)s",
        "To do once, changed: %(fix)s",
        "To do once: %(fix)s",
    ]
    assert "To do once: A pillow" in await shown(api, world, "/clients/MARIA")
    mat = {"fix_2": "A mat", "fix_due_2": "2026-03-14", "fix_again_2": "7"}
    mine = form | mat | {"fix_due_0": "2026-03-30", "fix_1": "", "goal_hab-walk": "15"}
    late = await send(api, world, PLAN, mine)
    seen = words(late.text)
    assert (late.status_code, "Sent by Olga: in the plan, goal 30 Yours: in the plan, goal 15" in seen) == (412, True)
    assert "Sent by Olga: New shoes, by Fri, Mar 20 Yours: New shoes, by Mon, Mar 30" in seen
    assert "Raise the car seat Sent by Olga: Raise the car seat, by Tue, Mar 10 Yours: not in the plan" in seen
    assert "Yours: A mat, by Sat, Mar 14, asked about again after 7 days" in seen
    keys = re.findall(r'name="pick_fix_([^"]+)" value="saved"', late.text)
    assert len(keys) == 4
    picked = {f"pick_fix_{key}": "mine" if key in (keys[0], "new2") else "saved" for key in keys}
    number = value_of(late.text, "number")
    path = "/clients/MARIA/plan/picked"
    whole = await send(api, world, path, {**mine, **picked, "pick_habit_hab-walk": "mine", "number": number}, page=PLAN)
    assert whole.status_code == 200, words(whole.text)
    typed = {f"fix_{n}": value_of(whole.text, f"fix_{n}") for n in range(4)}
    assert (await send(api, world, PLAN, as_sent(whole.text) | typed)).status_code == 303
    last = (await plan_of(database, world.maria))[-1]
    # The shoes and the mat are mine, the seat and the pillow theirs.
    told = [(fix.prompt, fix.due_on.day, fix.recheck_days) for fix in last.fixes]
    assert told == [("New shoes", 30, None), ("Raise the car seat", 10, None), ("A pillow", 12, None), ("A mat", 14, 7)]
    assert [habit.target for habit in last.habits] == [15]


async def test_notes_to_read_of_two_therapists_are_picked_too(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        once = OnceToPrescribe(
            [], [LessonToPrescribe("Pain", "Some is fine."), LessonToPrescribe("Sleep", "On a side.")]
        )
        await make_plan(session, world.maria, once=once)
    page = (await look(api, world, PLAN)).text
    form = as_sent(page) | {f"lesson_body_{n}": value_of(page, f"lesson_body_{n}") for n in (0, 1)}
    theirs = form | {"lesson_body_0": "Up to 3.", "lesson_2": "Shoes", "lesson_body_2": "Flat ones."}
    assert (await send(api, world, PLAN, theirs, "owner")).status_code == 303
    mine = form | {"lesson_body_0": "Up to 5.", "lesson_1": "", "lesson_body_1": ""}
    late = await send(api, world, PLAN, mine)
    seen = words(late.text)
    assert (late.status_code, "Sent by Olga: Pain: Up to 3. Yours: Pain: Up to 5." in seen) == (412, True)
    assert "Sent by Olga: Sleep: On a side. Yours: not in the plan" in seen
    assert "Sent by Olga: Shoes: Flat ones. Yours: not in the plan" in seen
    keys = re.findall(r'name="pick_lesson_([^"]+)" value="saved"', late.text)
    picked = dict(zip([f"pick_lesson_{key}" for key in keys], ("mine", "mine", "saved"), strict=True))
    number = {"number": value_of(late.text, "number")}
    whole = await send(api, world, PICKED, {**mine, **picked, **number}, page=PLAN)
    assert whole.status_code == 200, words(whole.text)
    bodies = {f"lesson_body_{n}": value_of(whole.text, f"lesson_body_{n}") for n in (0, 1)}
    assert (await send(api, world, PLAN, as_sent(whole.text) | bodies)).status_code == 303
    last = (await plan_of(database, world.maria))[-1]
    assert [(one.title, one.body) for one in last.lessons] == [("Pain", "Up to 5."), ("Shoes", "Flat ones.")]
