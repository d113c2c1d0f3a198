"""Takes a step that was allowed ahead: version N+1 of the plan, with one exercise in the place of another."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from service.catalogue.queries import entry_of, exercises_by_code, habits
from service.catalogue.rules import Dose
from service.catalogue.tables import Exercise
from service.database.tenancy import ClinicSession
from service.plans.actions import change
from service.plans.actions.wanted import AheadWanted, HabitToPrescribe, ItemToPrescribe, Prescription, Taken
from service.plans.fix_rows import FixToPrescribe, LessonToPrescribe, OnceToPrescribe
from service.plans.queries import Content, Item, columns_of
from service.plans.rules.ahead import Target, cadence_after, legs
from service.plans.rules.guard import SorePlace

_CADENCE = ("cadence", "weekdays", "times_per_week", "every_days", "times_per_day")


async def take_step(
    session: ClinicSession,
    content: Content,
    old: str,
    to: Target,
    step: Taken,
    starts_on: date,
    now: datetime,
    sore: Sequence[SorePlace],
) -> Content:
    """`old` is the exercise that goes, from every leg. Raises ReasonNeeded for a warning that nobody answered when the
    plan was sent, Refused for what cannot be prescribed, Stale when somebody changed the plan."""
    client_id, number = content.version.client_id, content.version.number
    wanted = await _prescription(session, content, old, to, step, starts_on)
    return await change(session, client_id, wanted, number, now, sore)


async def _prescription(
    session: ClinicSession, content: Content, old: str, to: Target, step: Taken, starts_on: date
) -> Prescription:
    allowed = [code.exercise for item in content.items if item.ahead for code in item.ahead.steps.values()]
    library = await exercises_by_code(session, [to.exercise, *allowed])
    first = next(item for item in content.items if item.exercise.code == old)
    items: list[ItemToPrescribe] = []
    for item in content.items:
        if item is first:
            items += _stepped(content, item, to, library[to.exercise])
        elif item.exercise.code != old:
            items.append(_kept(item, to, library))
    return Prescription(
        title=content.plan.title,
        starts_on=starts_on,
        items=items,
        habits=await _habits(session, content),
        note=content.version.note,
        once=_once(content),
        step=step,
    )


def _stepped(content: Content, item: Item, to: Target, exercise: Exercise) -> list[ItemToPrescribe]:
    """With the library's gentlest dose, as the draft of the same step has it, on the days of the one before."""
    entry = entry_of(exercise)
    columns = columns_of(cadence_after(content.cadence(item), entry))
    return [
        ItemToPrescribe(to.exercise, item.row.routine, {"side": side}, columns, None, None) for side in legs(to, entry)
    ]


def _kept(item: Item, to: Target, library: Mapping[str, Exercise]) -> ItemToPrescribe:
    """As it is; what was allowed on it goes on where it can still be done."""
    steps = {
        way: (one.exercise, one.side)
        for way, one in (item.ahead.steps.items() if item.ahead else ())
        if one.exercise in library and one.exercise != to.exercise
    }
    columns = {name: getattr(item.row, name) for name in _CADENCE}
    ahead = AheadWanted(steps, item.ahead.until) if steps and item.ahead else None
    return ItemToPrescribe(
        item.exercise.code, item.row.routine, _dose(item), columns, item.row.cue, item.row.item_key, ahead
    )


def _dose(item: Item) -> dict[str, Any]:
    return {field.name: getattr(item.dose, field.name) for field in fields(Dose)}


async def _habits(session: ClinicSession, content: Content) -> list[HabitToPrescribe]:
    codes = {habit.id: habit.code for habit in await habits(session, [h.habit_id for h in content.habits])}
    return [HabitToPrescribe(codes[habit.habit_id], habit.target, habit.habit_key) for habit in content.habits]


def _once(content: Content) -> OnceToPrescribe:
    return OnceToPrescribe(
        [FixToPrescribe(fix.prompt, fix.due_on, fix.recheck_days, fix.fix_key) for fix in content.fixes],
        [LessonToPrescribe(one.title, one.body, one.lesson_key) for one in content.lessons],
    )
