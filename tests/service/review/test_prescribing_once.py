"""What comes round on no day: things to do once, notes to read; and the therapist's own number for a habit."""

import re
from datetime import date, timedelta

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.diary.actions import mark_habit
from service.diary.entries import When
from service.diary.fix_reports import tell_fix
from service.plans.actions import HabitToPrescribe
from service.plans.fixes import FixAnswer
from tests.make import NOW, TODAY, make_plan
from tests.service.review.browsing import World, as_sent, look, plan_of, send, shown, value_of, words
from tests.service.review.prescribing import PLAN

pytestmark = pytest.mark.anyio

FORM = {
    "version": "0",
    "starts_on": "2026-03-10",
    "habit_hab-walk": "on",
    "goal_hab-walk": "25",
    "habit_hab-hang-hip": "on",
    "fix_0": "Put a wedge on your car seat.",
    "fix_due_0": "2026-03-14",
    "fix_again_0": "28",
    "fix_2": "Move the printer",
    "fix_due_2": "2026-03-12",
    "lesson_0": "Some pain is fine",
    "lesson_body_0": "Up to 3.\r\nNot more.",
}


async def test_they_are_prescribed_kept_by_their_keys_and_taken_out(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await send(api, world, PLAN, FORM)
    assert answer.status_code == 303, words(answer.text)
    [first] = await plan_of(database, world.maria)
    told = [(fix.prompt, fix.due_on, fix.recheck_days) for fix in first.fixes]
    assert told == [
        ("Put a wedge on your car seat.", date(2026, 3, 14), 28),
        ("Move the printer", date(2026, 3, 12), None),
    ]
    assert {habit.prompt[:7]: habit.target for habit in first.habits} == {"Minutes": 25.0, "Did you": None}
    assert [(lesson.title, lesson.body) for lesson in first.lessons] == [("Some pain is fine", "Up to 3.\nNot more.")]
    html = (await look(api, world, PLAN)).text
    keys = {f"fix_key_{n}": str(fix.fix_key) for n, fix in enumerate(first.fixes)}
    assert all(f'name="{name}" value="{key}"' in html for name, key in keys.items())
    again = FORM | keys | {"version": "1", "fix_1": "Move the printer", "fix_due_1": "2026-03-12"}
    again |= {"fix_2": "", "fix_due_2": ""}
    key = {"lesson_key_0": str(first.lessons[0].lesson_key)}
    same = await send(api, world, PLAN, again | key)
    assert same.headers["location"].endswith("?done=unchanged")
    await send(api, world, PLAN, again | key | {"fix_1": "", "lesson_0": "", "lesson_body_0": ""})
    second = (await plan_of(database, world.maria))[-1]
    assert ([fix.fix_key for fix in second.fixes], second.lessons) == ([first.fixes[0].fix_key], [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"fix_due_0": ""}, "Choose the day by which it is done."),
        ({"fix_due_0": "2026-03-09"}, "Use the first day of the plan or a later one."),
        ({"fix_again_0": "367"}, "Use 1 to 366 days."),
        ({"fix_again_0": "soon"}, "Use 1 to 366 days."),
        ({"fix_0": "x" * 201}, "Use 1 to 200 characters."),
        ({"lesson_body_0": ""}, "Use 1 to 1500 characters."),
        ({"goal_hab-walk": "1441"}, "Use a whole number from 0 to 1440."),
        ({"goal_hab-car-min": "20"}, "Tick this habit, or empty its goal."),
        ({"remind_at_check_in": "07:15"}, "Tick this reminder, or empty its time."),
        ({"fix_1": "", "fix_due_1": "2026-03-14"}, "Say what is to be done, or empty the line."),
        ({"fix_1": "", "fix_again_1": "7"}, "Say what is to be done, or empty the line."),
    ],
)
async def test_what_cannot_be_right_is_said_beside_it(
    api: AsyncClient, world: World, typed: dict[str, str], said: str
) -> None:
    answer = await send(api, world, PLAN, FORM | typed)
    assert (answer.status_code, said in words(answer.text)) == (422, True)
    # And what was typed is still there, where it can be seen.
    assert {name: value_of(answer.text, name) for name in typed} == typed
    folds = re.findall(r"<details[^>]*>", answer.text.partition('id="habits-title"')[2].partition("</section>")[0])
    assert all(" open" in fold for fold in folds if "goal_hab-car-min" in typed)


async def test_a_habit_that_is_taken_out_takes_its_goal_along(
    api: AsyncClient, database: Database, world: World
) -> None:
    await send(api, world, PLAN, FORM)
    form = as_sent((await look(api, world, PLAN)).text) | {"lesson_body_0": FORM["lesson_body_0"]}
    form.pop("habit_hab-walk")
    assert form["goal_hab-walk"] == "25"
    changed = await send(api, world, PLAN, form | {"goal_hab-walk": "30"})
    assert (changed.status_code, "Tick this habit" in changed.text) == (422, True)
    assert (await send(api, world, PLAN, form)).status_code == 303
    assert [habit.target for habit in (await plan_of(database, world.maria))[-1].habits] == [None]


async def test_the_clients_page_says_how_each_stands_and_what_a_week_did_not_tell(
    api: AsyncClient, database: Database, world: World
) -> None:
    await send(api, world, PLAN, FORM)
    [content] = await plan_of(database, world.maria)
    path = f"/clients/{world.maria.id}"
    assert "Put a wedge on your car seat. not told yet, by Sat, Mar 14" in await shown(api, world, path)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await tell_fix(session, world.maria, content.fixes[0].id, FixAnswer.DONE, When(TODAY), NOW)
    page = await shown(api, world, path)
    assert "Put a wedge on your car seat. done on Tue, Mar 10, asked about again on Tue, Apr 7" in page
    assert "Notes to read Some pain is fine" in page


async def test_a_weekly_habit_is_silent_once_in_a_week_that_is_over(
    api: AsyncClient, database: Database, world: World
) -> None:
    """From Monday the 16th of February on; told on the 25th and today, the 10th of March; not in two weeks."""
    first = date(2026, 2, 16)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        habits = [HabitToPrescribe("hab-cross-same", None, None)]
        content = await make_plan(session, world.maria, starts_on=first, habits=habits, now=NOW - timedelta(days=22))
        for day in (date(2026, 2, 25), TODAY):
            await mark_habit(session, world.maria, content.habits[0].id, "mixed", When(day), NOW)
    assert "met on 0 of 2 answered days, strength 0 of 100, 2 not logged" in await shown(
        api, world, f"/clients/{world.maria.id}"
    )
