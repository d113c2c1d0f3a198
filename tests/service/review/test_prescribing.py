"""The form that prescribes: what it offers, what it keeps, and what it refuses."""

import re
from datetime import time

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.reminders.queries import reminders
from tests.service.review.browsing import (
    World,
    as_sent,
    count,
    look,
    picked,
    plan_of,
    send,
    shown,
    ticked,
    value_of,
    words,
)
from tests.service.review.prescribing import FORM, PLAN

pytestmark = pytest.mark.anyio


async def test_a_plan_is_prescribed_with_doses_habits_and_reminders(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await send(api, world, PLAN, FORM)
    assert answer.status_code == 303, words(answer.text)
    [content] = await plan_of(database, world.maria)
    rows = [item.row for item in content.items]
    assert [item.exercise.code for item in content.items] == ["glu-bridge-double", "ham-strap"]
    assert [(r.routine, r.sets, r.reps, r.hold_seconds, r.side) for r in rows] == [
        ("Glute strength", 2, 10, 3, "both"),
        ("Hamstring stretch", 1, 3, 30, "right"),
    ]
    assert [(r.cadence, r.weekdays, r.times_per_week) for r in rows] == [
        ("weekdays", 0b10101, None),
        ("times_per_week", 0, 5),
    ]
    assert content.version.note == "Slowly at first"
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [reminder] = await reminders(session, world.maria.id)
    assert (reminder.kind, reminder.local_times, reminder.channels) == ("check_in", [time(8, 30)], ["sms"])
    page = await shown(api, world, answer.headers["location"])
    assert "The plan is on its way." in page
    assert "Double-leg bridge 2 × 10, hold 3 s Mon, Wed, Fri" in page
    assert "1 × 3, hold 30 s, right side 5 times a week" in page


async def test_what_cannot_be_right_is_said_beside_it_and_all_that_was_typed_is_kept(
    api: AsyncClient, database: Database, world: World
) -> None:
    wrong = FORM | {
        "sets_glu-bridge-double": "99",
        "reps_glu-bridge-double": "12",
        "side_ham-strap": "",
        "starts_on": "2026-03-11",
        "habit_hab-side-sleep": "on",
        "remind_at_check_in": "07:15",
    }
    answer = await send(api, world, PLAN, wrong)
    assert answer.status_code == 422
    html = answer.text
    beside = re.findall(r'id="sets-glu-bridge-double-problem">(.*?)</p>', html)
    assert beside == ["Use a whole number from 1 to 3."]
    assert "Choose left or right." in words(html)
    assert "Nothing was sent yet." in words(html)
    for name in ("sets_glu-bridge-double", "reps_glu-bridge-double", "hold_s_ham-strap", "starts_on", "note"):
        assert value_of(html, name) == wrong[name]
    assert picked(html, "cadence_glu-bridge-double") == "weekdays-21"
    assert picked(html, "cadence_ham-strap") == "times-5"
    assert ticked(html) == {
        "item_glu-bridge-double",
        "item_ham-strap",
        "habit_hab-hang-hip",
        "habit_hab-side-sleep",
        "remind_check_in",
    }
    assert value_of(html, "remind_at_check_in") == "07:15"
    assert await count(database, world.team, "plan") == 0
    assert await count(database, world.team, "reminder") == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reps_ham-strap": "three"}, "Use a whole number."),
        ({"cadence_ham-strap": "days-99"}, "Choose how often."),
        ({"starts_on": "soon"}, "Use a day within a year"),
        ({"starts_on": "2036-03-10"}, "Use a day within a year"),
        ({"remind_at_check_in": "25:00"}, "Use a local time such as 08:00."),
        ({"remind_by_check_in": "pigeon"}, "Use sms, email or both"),
        ({"item_glu-nonsense": "on"}, "Use the code of an exercise in the library."),
        ({"habit_hab-nonsense": "on"}, "A ticked habit is not in the lists any more."),
        ({"note": "x" * 501}, "Use at most 500 characters."),
        ({"version": "3"}, "Somebody ended the plan while you wrote."),
        ({"version": "x"}, "Somebody ended the plan while you wrote."),
    ],
)
async def test_a_form_that_cannot_be_meant(
    api: AsyncClient, database: Database, world: World, change: dict[str, str], sentence: str
) -> None:
    answer = await send(api, world, PLAN, FORM | change)
    assert answer.status_code == (412 if "version" in change else 422)
    assert sentence in words(answer.text)
    assert await count(database, world.team, "plan") == 0


async def test_an_empty_form_asks_for_something(api: AsyncClient, world: World) -> None:
    answer = await send(api, world, PLAN, {"version": "0", "starts_on": "2026-03-10"})
    assert answer.status_code == 422
    assert "Choose at least one exercise or habit." in words(answer.text)


async def test_both_sides_of_a_one_legged_exercise_are_two_items_beside_each_other(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = FORM | {"reps_glu-clam": "12", "side_glu-clam": "both", "side_ham-strap": "both"}
    form = {"item_glu-bridge-double": "on", "item_glu-clam": "on"} | form
    answer = await send(api, world, PLAN, form)
    assert answer.status_code == 303, words(answer.text)
    items = (await plan_of(database, world.maria))[0].items
    assert [(i.exercise.code, i.row.side, i.row.reps) for i in items] == [
        ("glu-bridge-double", "both", 10),
        ("glu-clam", "left", 12),
        ("glu-clam", "right", 12),
        ("ham-strap", "left", 3),
        ("ham-strap", "right", 3),
    ]
    html = (await look(api, world, PLAN)).text
    assert (picked(html, "side_glu-clam"), picked(html, "side_glu-bridge-double")) == ("both", "both")
    again = as_sent(html) | {"note": value_of(html, "note")}
    assert (await send(api, world, PLAN, again)).headers["location"].endswith("?done=unchanged")
    assert (await send(api, world, PLAN, again | {"side_glu-clam": "right"})).status_code == 303
    now = (await plan_of(database, world.maria))[-1].items
    assert [i.row.item_key for i in now] == [items[place].row.item_key for place in (0, 2, 3, 4)]


async def test_the_library_stands_beside_the_plan_and_other_habits_are_folded(api: AsyncClient, world: World) -> None:
    await send(api, world, PLAN, FORM)
    html = (await look(api, world, PLAN)).text
    assert re.findall(r'id="line-([^"]+)"', html) == ["glu-bridge-double", "ham-strap"]
    plus = dict(re.findall(r'value="add:([^"]+)" aria-label="[^"]*"( disabled)?', html))
    assert len(plus) == 58
    assert {code for code, is_in in plus.items() if is_in} == {"glu-bridge-double", "ham-strap"}
    folded = "".join(re.findall(r'<details class="routine-fold">.*?</details>', html, re.DOTALL))
    assert ticked(folded) == set()
    assert "habit_hab-side-sleep" in folded


async def test_a_programme_is_named_in_plain_words(api: AsyncClient, world: World) -> None:
    seen = await shown(api, world, "/clients/MARIA/plan/start")
    assert "Outer-hip tendon programme" in seen
    assert "shaped" not in seen


async def test_a_load_and_a_tip_are_prescribed_and_what_is_wrong_with_them_is_said_there(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = FORM | {"load_glu-bridge-double": "2,5", "unit_glu-bridge-double": "", "cue_glu-bridge-double": "x" * 201}
    refused = await send(api, world, PLAN, form)
    assert re.findall(r'id="cue-glu-bridge-double-problem">(.*?)</p>', refused.text) == ["Use at most 200 characters."]
    refused = await send(api, world, PLAN, form | {"cue_glu-bridge-double": "Press the heels down"})
    assert re.findall(r'id="load-glu-bridge-double-problem">(.*?)</p>', refused.text) == ["Choose kg, lb or band."]
    assert value_of(refused.text, "load_glu-bridge-double") == "2,5"
    right = form | {"unit_glu-bridge-double": "kg", "cue_glu-bridge-double": "Press the heels down"}
    assert (await send(api, world, PLAN, right | {"load_glu-bridge-double": "much"})).status_code == 422
    assert (await send(api, world, PLAN, right)).status_code == 303
    [content] = await plan_of(database, world.maria)
    row = content.items[0].row
    assert (row.load, row.load_unit, row.cue) == (2.5, "kg", "Press the heels down")
    again = as_sent((await look(api, world, PLAN)).text)
    assert again["load_glu-bridge-double"] == "2.5"
    assert (
        (await send(api, world, PLAN, again | {"note": FORM["note"]})).headers["location"].endswith("?done=unchanged")
    )


async def test_a_programme_fills_the_form_with_its_first_phase(api: AsyncClient, world: World) -> None:
    html = (await look(api, world, f"{PLAN}?from=prog-gt-leap")).text
    assert {name for name in ticked(html) if name.startswith("item_")} == {
        "item_glu-iso-abd-stand",
        "item_glu-bridge-double",
        "item_glu-squat-double",
        "item_glu-sidestep",
    }
    assert "habit_hab-hang-hip" in ticked(html)
    # Seven days a week, and this one twice a day.
    assert picked(html, "cadence_glu-iso-abd-stand") == "weekdays-127-2"
    assert picked(html, "cadence_glu-bridge-double") == "weekdays-127"
    assert {name for name in ticked(html) if name.startswith("remind")} == {"remind_check_in", "remind_plan"}
