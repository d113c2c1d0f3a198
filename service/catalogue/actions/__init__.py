from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from service.audit.actions import record
from service.catalogue.library import shipped
from service.catalogue.queries import codes_taken, exercise, habit
from service.catalogue.rules import habits
from service.catalogue.rules.habits import OwnHabit
from service.catalogue.rules.own import OwnExercise, code_of, entry_of, problems
from service.catalogue.tables import Exercise, Habit
from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, NotFound, Refused
from service.ids import new_id

# A microsecond apart keeps the order of the library. What the shipped entries and the ids that they are given do not
# share, which is two versions at once, has no id or no code, and is refused.
_SHIPPED: Final = (
    "e.body, CAST(:now AS timestamptz) + e.position * interval '1 microsecond' "
    "FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS given(id, number) "
    "FULL JOIN (SELECT code, position, body FROM shipped_entry WHERE kind = :kind) e ON e.position = given.number - 1"
)
_EXERCISES: Final = text(
    "INSERT INTO exercise (clinic_id, id, code, origin, name, group_name, body, created_at) "
    f"SELECT :clinic_id, given.id, e.code, 'shipped', e.body->>'name', e.body->>'group', {_SHIPPED}"
)
_HABITS: Final = text(
    "INSERT INTO habit (clinic_id, id, code, origin, prompt, kind, cadence, body, created_at) "
    "SELECT :clinic_id, given.id, e.code, 'shipped', e.body->>'prompt', e.body->>'kind', e.body->>'cadence', "
    f"{_SHIPPED}"
)


async def stock_library(session: ClinicSession, now: datetime) -> None:
    """Gives a new clinic its own copy of the shipped exercises and habits, to keep, change or hide."""
    library = shipped()
    for statement, kind, entries in ((_EXERCISES, "exercise", library.exercises), (_HABITS, "habit", library.habits)):
        ids = uuids(new_id(now) for _ in entries)
        await session.execute(statement, {"clinic_id": session.clinic_id, "kind": kind, "ids": ids, "now": now})
    record(session, now, "stock", "library", None)


async def add_exercise(session: ClinicSession, own: OwnExercise, code: str | None, now: datetime) -> UUID:
    """Adds the clinic's own exercise; its code must be free, also of what is hidden. Without one it is given one."""
    _refuse(problems(own))
    entry = entry_of(own, await _free_code(session, Exercise, code, own.name))
    exercise_id = new_id(now)
    session.add(
        Exercise(
            clinic_id=session.clinic_id,
            id=exercise_id,
            code=entry.id,
            origin="clinic",
            name=entry.name,
            group_name=entry.group,
            body=msgspec.to_builtins(entry),
            created_by=session.actor.id,
            created_at=now,
        )
    )
    await session.flush()
    record(session, now, "create", "exercise", exercise_id)
    return exercise_id


async def change_exercise(session: ClinicSession, exercise_id: UUID, own: OwnExercise, now: datetime) -> None:
    """Only the clinic's own: ours stay as their sources have them. Doses that were prescribed stay as they are."""
    _refuse(problems(own))
    row = await exercise(session, exercise_id, lock=True)
    if row.origin != "clinic":
        raise NotFound
    entry = entry_of(own, row.code)
    row.name, row.group_name, row.body = entry.name, entry.group, msgspec.to_builtins(entry)
    record(session, now, "change", "exercise", exercise_id)


async def hide_exercise(session: ClinicSession, exercise_id: UUID, hidden: bool, now: datetime) -> None:
    _hide(session, "exercise", await exercise(session, exercise_id, lock=True), hidden, now)


async def add_habit(session: ClinicSession, own: OwnHabit, code: str | None, now: datetime) -> UUID:
    """Adds the clinic's own habit; its code must be free, also of what is hidden. Without one it is given one."""
    own = habits.tidied(own)
    _refuse(habits.problems(own))
    entry = habits.entry_of(own, await _free_code(session, Habit, code, own.prompt))
    habit_id = new_id(now)
    session.add(
        Habit(
            clinic_id=session.clinic_id,
            id=habit_id,
            code=entry.id,
            origin="clinic",
            prompt=entry.prompt,
            kind=entry.kind,
            cadence=entry.cadence,
            body=msgspec.to_builtins(entry),
            created_by=session.actor.id,
            created_at=now,
        )
    )
    await session.flush()
    record(session, now, "create", "habit", habit_id)
    return habit_id


async def change_habit(session: ClinicSession, habit_id: UUID, own: OwnHabit, now: datetime) -> None:
    """Only the clinic's own. Plans that have it keep their words and their goal; the next version takes the new ones.

    How it is answered and how often stay as they were: a plan that goes on compares its answers over its versions.
    """
    row = await habit(session, habit_id, lock=True)
    if row.origin != "clinic":
        raise NotFound
    if (own.kind, own.cadence) != (row.kind, row.cadence):
        raise Refused.one("/kind", "fixed", "How it is answered and how often stay. Add another habit for that.")
    own = habits.tidied(own)
    _refuse(habits.problems(own))
    entry = habits.entry_of(own, row.code)
    row.prompt, row.body = entry.prompt, msgspec.to_builtins(entry)
    record(session, now, "change", "habit", habit_id)


async def hide_habit(session: ClinicSession, habit_id: UUID, hidden: bool, now: datetime) -> None:
    _hide(session, "habit", await habit(session, habit_id, lock=True), hidden, now)


def _hide(session: ClinicSession, kind: str, row: Exercise | Habit, hidden: bool, now: datetime) -> None:
    """Out of the lists to prescribe from; plans that have it keep it."""
    if (row.hidden_at is not None) != hidden:
        row.hidden_at = now if hidden else None
        record(session, now, "hide" if hidden else "show", kind, row.id)


async def _free_code(session: ClinicSession, kind: type[Exercise] | type[Habit], code: str | None, name: str) -> str:
    taken = await codes_taken(session, kind)
    if code in taken:
        message = "Another habit has this code." if kind is Habit else "Another exercise has this code."
        raise Refused.one("/code", "taken", message)
    return code or code_of(name, taken)


def _refuse(found: list[FieldProblem]) -> None:
    if found:
        raise Refused(found)
