from collections.abc import Collection, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlmodel import col

from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.rules.habits import Habit as HabitEntry
from service.catalogue.tables import Exercise, Habit, ShippedEntry
from service.database.reading import Reading, Rows
from service.database.rows import texts, uuids
from service.database.tenancy import ClinicSession
from service.errors import NotFound

_OR_KEPT = "WHERE t.clinic_id = %(clinic_id)s AND (t.hidden_at IS NULL OR t.id = ANY(CAST(%(besides)s AS uuid[])))"
_HELD = text("SELECT 1 FROM clinic WHERE clinic_id = :clinic_id FOR NO KEY UPDATE")
_WITH_CODES = "AND t.code IN (SELECT json_array_elements_text(CAST(%(codes)s AS json)))"
_EXERCISES = Reading(Rows(Exercise, f"{_OR_KEPT} ORDER BY t.group_name, t.created_at, t.code"))
_EXERCISES_BY_CODE = Reading(Rows(Exercise, f"{_OR_KEPT} {_WITH_CODES}"))
_HABITS = Reading(Rows(Habit, f"{_OR_KEPT} ORDER BY t.created_at, t.code"))
_HABITS_BY_CODE = Reading(Rows(Habit, f"{_OR_KEPT} {_WITH_CODES}"))


async def exercises(session: ClinicSession, besides: Collection[UUID] = ()) -> Sequence[Exercise]:
    """To choose from, and to be read only; `besides` are there although they are hidden."""
    return (await _EXERCISES(session, besides=uuids(besides))).of(Exercise)


async def all_exercises(session: ClinicSession) -> Sequence[Exercise]:
    """Hidden ones too."""
    statement = (
        select(Exercise)
        .where(col(Exercise.clinic_id) == session.clinic_id)
        .order_by(col(Exercise.group_name), col(Exercise.created_at), col(Exercise.code))
    )
    return (await session.scalars(statement)).all()


async def exercise(session: ClinicSession, exercise_id: UUID, *, lock: bool = False) -> Exercise:
    """Hidden ones too. Raises NotFound."""
    return await _one(session, Exercise, exercise_id, lock)


async def exercises_by_code(
    session: ClinicSession, codes: Sequence[str], besides: Collection[UUID] = ()
) -> dict[str, Exercise]:
    """To be read only; `besides` are there although they are hidden."""
    found = await _EXERCISES_BY_CODE(session, codes=texts(codes), besides=uuids(besides))
    return {exercise.code: exercise for exercise in found.of(Exercise)}


async def exercises_by_id(session: ClinicSession, ids: Collection[UUID]) -> dict[UUID, Exercise]:
    return await _by_id(session, Exercise, ids)


async def habits(session: ClinicSession, besides: Collection[UUID] = ()) -> Sequence[Habit]:
    """To choose from, and to be read only; `besides` are there although they are hidden."""
    return (await _HABITS(session, besides=uuids(besides))).of(Habit)


async def all_habits(session: ClinicSession) -> Sequence[Habit]:
    """Hidden ones too."""
    statement = (
        select(Habit).where(col(Habit.clinic_id) == session.clinic_id).order_by(col(Habit.created_at), col(Habit.code))
    )
    return (await session.scalars(statement)).all()


async def habit(session: ClinicSession, habit_id: UUID, *, lock: bool = False) -> Habit:
    """Hidden ones too. Raises NotFound."""
    return await _one(session, Habit, habit_id, lock)


async def habits_by_code(
    session: ClinicSession, codes: Sequence[str], besides: Collection[UUID] = ()
) -> dict[str, Habit]:
    """To be read only; `besides` are there although they are hidden."""
    found = await _HABITS_BY_CODE(session, codes=texts(codes), besides=uuids(besides))
    return {habit.code: habit for habit in found.of(Habit)}


async def habits_by_id(session: ClinicSession, ids: Collection[UUID]) -> dict[UUID, Habit]:
    return await _by_id(session, Habit, ids)


async def codes_taken(session: ClinicSession, kind: type[Exercise] | type[Habit]) -> Sequence[str]:
    """Hidden ones too, for whoever adds one: all others who add to this library wait until it is there."""
    await session.execute(_HELD, {"clinic_id": session.clinic_id})
    return (await session.scalars(select(col(kind.code)).where(col(kind.clinic_id) == session.clinic_id))).all()


_Entry = TypeVar("_Entry", Exercise, Habit)


async def _one(session: ClinicSession, kind: type[_Entry], entry_id: UUID, lock: bool) -> _Entry:
    statement = select(kind).where(col(kind.clinic_id) == session.clinic_id, col(kind.id) == entry_id)
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    return found


async def _by_id(session: ClinicSession, kind: type[_Entry], ids: Collection[UUID]) -> dict[UUID, _Entry]:
    statement = select(kind).where(col(kind.clinic_id) == session.clinic_id, col(kind.id).in_(ids))
    return {entry.id: entry for entry in await session.scalars(statement)}


async def shipped_entries(session: ClinicSession, kind: str) -> list[dict[str, Any]]:
    statement = select(ShippedEntry).where(col(ShippedEntry.kind) == kind).order_by(col(ShippedEntry.position))
    return [entry.body for entry in await session.scalars(statement)]


def habit_entry(habit: Habit) -> HabitEntry:
    """The habit as a value: its kind, its answers and which of them are good."""
    return msgspec.convert(habit.body, HabitEntry)


def entry_of(exercise: Exercise) -> ExerciseEntry:
    """The exercise as a value: dose range, cues, working side."""
    return msgspec.convert(exercise.body, ExerciseEntry)
