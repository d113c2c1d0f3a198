from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlmodel import col

from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise, Habit, ShippedEntry
from service.database.reading import Reading, Rows
from service.database.rows import texts, uuids
from service.database.tenancy import ClinicSession
from service.errors import NotFound

_SHOWN = "WHERE t.clinic_id = %(clinic_id)s AND t.hidden_at IS NULL"
_OR_KEPT = "WHERE t.clinic_id = %(clinic_id)s AND (t.hidden_at IS NULL OR t.id = ANY(CAST(%(besides)s AS uuid[])))"
_WITH_CODES = "AND t.code IN (SELECT json_array_elements_text(CAST(%(codes)s AS json)))"
_EXERCISES = Reading(Rows(Exercise, f"{_OR_KEPT} ORDER BY t.group_name, t.created_at, t.code"))
_EXERCISES_BY_CODE = Reading(Rows(Exercise, f"{_OR_KEPT} {_WITH_CODES}"))
_HABITS = Reading(Rows(Habit, f"{_SHOWN} ORDER BY t.created_at, t.code"))
_HABITS_BY_CODE = Reading(Rows(Habit, f"{_SHOWN} {_WITH_CODES}"))


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


async def exercise_codes(session: ClinicSession) -> Sequence[str]:
    """All that are taken, hidden ones too."""
    return (await session.scalars(select(col(Exercise.code)).where(col(Exercise.clinic_id) == session.clinic_id))).all()


async def exercise(session: ClinicSession, exercise_id: UUID, *, lock: bool = False) -> Exercise:
    """Hidden ones too. Raises NotFound."""
    statement = select(Exercise).where(col(Exercise.clinic_id) == session.clinic_id, col(Exercise.id) == exercise_id)
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    return found


async def exercises_by_code(
    session: ClinicSession, codes: Sequence[str], besides: Collection[UUID] = ()
) -> dict[str, Exercise]:
    """To be read only; `besides` are there although they are hidden."""
    found = await _EXERCISES_BY_CODE(session, codes=texts(codes), besides=uuids(besides))
    return {exercise.code: exercise for exercise in found.of(Exercise)}


async def exercises_by_id(session: ClinicSession, ids: Sequence[UUID]) -> dict[UUID, Exercise]:
    statement = select(Exercise).where(col(Exercise.clinic_id) == session.clinic_id, col(Exercise.id).in_(ids))
    return {exercise.id: exercise for exercise in await session.scalars(statement)}


async def habits(session: ClinicSession) -> Sequence[Habit]:
    """To be read only."""
    return (await _HABITS(session)).of(Habit)


async def habits_by_code(session: ClinicSession, codes: Sequence[str]) -> dict[str, Habit]:
    """To be read only."""
    found = await _HABITS_BY_CODE(session, codes=texts(codes))
    return {habit.code: habit for habit in found.of(Habit)}


async def shipped_entries(session: ClinicSession, kind: str) -> list[dict[str, Any]]:
    statement = select(ShippedEntry).where(col(ShippedEntry.kind) == kind).order_by(col(ShippedEntry.position))
    return [entry.body for entry in await session.scalars(statement)]


def entry_of(exercise: Exercise) -> ExerciseEntry:
    """The exercise as a value: dose range, cues, working side."""
    return msgspec.convert(exercise.body, ExerciseEntry)
