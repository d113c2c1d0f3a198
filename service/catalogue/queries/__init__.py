from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlmodel import col

from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise, Habit, ShippedEntry
from service.database.tenancy import ClinicSession
from service.errors import NotFound


async def exercises(session: ClinicSession, besides: Collection[UUID] = ()) -> Sequence[Exercise]:
    """To choose from; `besides` are there although they are hidden."""
    statement = (
        select(Exercise)
        .where(
            col(Exercise.clinic_id) == session.clinic_id,
            col(Exercise.hidden_at).is_(None) | col(Exercise.id).in_(besides),
        )
        .order_by(col(Exercise.group_name), col(Exercise.created_at), col(Exercise.code))
    )
    return (await session.scalars(statement)).all()


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
    """`besides` are there although they are hidden."""
    statement = select(Exercise).where(
        col(Exercise.clinic_id) == session.clinic_id,
        col(Exercise.code).in_(codes),
        col(Exercise.hidden_at).is_(None) | col(Exercise.id).in_(besides),
    )
    return {exercise.code: exercise for exercise in await session.scalars(statement)}


async def exercises_by_id(session: ClinicSession, ids: Sequence[UUID]) -> dict[UUID, Exercise]:
    statement = select(Exercise).where(col(Exercise.clinic_id) == session.clinic_id, col(Exercise.id).in_(ids))
    return {exercise.id: exercise for exercise in await session.scalars(statement)}


async def habits(session: ClinicSession) -> Sequence[Habit]:
    statement = (
        select(Habit)
        .where(col(Habit.clinic_id) == session.clinic_id, col(Habit.hidden_at).is_(None))
        .order_by(col(Habit.created_at), col(Habit.code))
    )
    return (await session.scalars(statement)).all()


async def habits_by_code(session: ClinicSession, codes: Sequence[str]) -> dict[str, Habit]:
    statement = select(Habit).where(
        col(Habit.clinic_id) == session.clinic_id, col(Habit.code).in_(codes), col(Habit.hidden_at).is_(None)
    )
    return {habit.code: habit for habit in await session.scalars(statement)}


async def shipped_entries(session: ClinicSession, kind: str) -> list[dict[str, Any]]:
    statement = select(ShippedEntry).where(col(ShippedEntry.kind) == kind).order_by(col(ShippedEntry.position))
    return [entry.body for entry in await session.scalars(statement)]


def entry_of(exercise: Exercise) -> ExerciseEntry:
    """The exercise as a value: dose range, cues, working side."""
    return msgspec.convert(exercise.body, ExerciseEntry)
