from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from service.audit.actions import record
from service.catalogue.library import shipped
from service.catalogue.queries import exercises_by_code
from service.catalogue.rules import DoseRange, Side, WorkingSide
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.rules import Habit as HabitEntry
from service.catalogue.tables import Exercise
from service.database.rows import as_rows
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id

_EXERCISES: Final = text(
    "INSERT INTO exercise (clinic_id, id, code, origin, name, group_name, body, created_at) "
    "SELECT :clinic_id, e.id, e.body->>'id', 'shipped', e.body->>'name', e.body->>'group', e.body, e.created_at "
    "FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS e(id uuid, created_at timestamptz, body jsonb)"
)
_HABITS: Final = text(
    "INSERT INTO habit (clinic_id, id, code, origin, prompt, kind, cadence, body, created_at) "
    "SELECT :clinic_id, e.id, e.body->>'id', 'shipped', e.body->>'prompt', e.body->>'kind', e.body->>'cadence',"
    "  e.body, e.created_at "
    "FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS e(id uuid, created_at timestamptz, body jsonb)"
)


async def stock_library(session: ClinicSession, now: datetime) -> None:
    """Gives a new clinic its own copy of the shipped exercises and habits, to keep, change or hide."""
    library = shipped()
    for statement, entries in ((_EXERCISES, library.exercises), (_HABITS, library.habits)):
        await session.execute(statement, {"clinic_id": session.clinic_id, "entries": _rows(entries, now)})
    record(session, now, "stock", "library", None)


def _rows(entries: Sequence[ExerciseEntry | HabitEntry], now: datetime) -> str:
    # A microsecond apart keeps the order of the library.
    return as_rows(
        {"id": new_id(now), "created_at": now + timedelta(microseconds=position), "body": entry}
        for position, entry in enumerate(entries)
    )


async def add_exercise(session: ClinicSession, entry: ExerciseEntry, now: datetime) -> UUID:
    """Adds the clinic's own exercise; its code must be free."""
    if await exercises_by_code(session, [entry.id]):
        raise Refused.one("/code", "taken", "Another exercise has this code.")
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


def own_entry(
    code: str,
    name: str,
    group: str,
    dose: DoseRange,
    sides: tuple[Side, ...],
    working_side: WorkingSide,
    cues: tuple[str, ...],
    stage: str = "functional",
) -> ExerciseEntry:
    """An exercise of a clinic in the shape of the shipped ones; the clinic itself is its source."""
    return ExerciseEntry(
        id=code,
        name=name,
        group=group,  # type: ignore[arg-type]
        stage=stage,  # type: ignore[arg-type]
        level=1,
        position="",
        equipment=(),
        targets={},
        sides=sides,
        working_side=working_side,
        dose=dose,
        emg=None,
        easier=(),
        harder=(),
        fits=(),
        caution={},
        avoid={},
        cues=cues,
        mistakes=(),
        stop=(),
        source={},
    )
