from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert

from service.audit.actions import record
from service.catalogue.library import Library, shipped
from service.catalogue.queries import exercises_by_code
from service.catalogue.rules import DoseRange, Side, WorkingSide
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id


async def stock_library(session: ClinicSession, now: datetime) -> None:
    """Gives a new clinic its own copy of the shipped exercises and habits, to keep, change or hide."""
    library = shipped()
    # Whole statements, not objects one by one: eighty rows that nobody changes in this transaction.
    await session.execute(insert(Exercise), _exercises(session.clinic_id, library, now))
    await session.execute(insert(Habit), _habits(session.clinic_id, library, now))
    record(session, now, "stock", "library", None)


def _exercises(clinic_id: UUID, library: Library, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "clinic_id": clinic_id,
            "id": new_id(now),
            "code": entry.id,
            "origin": "shipped",
            "name": entry.name,
            "group_name": entry.group,
            "body": _body(entry),
            # A microsecond apart keeps the order of the library.
            "created_at": now + timedelta(microseconds=position),
        }
        for position, entry in enumerate(library.exercises)
    ]


def _habits(clinic_id: UUID, library: Library, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "clinic_id": clinic_id,
            "id": new_id(now),
            "code": entry.id,
            "origin": "shipped",
            "prompt": entry.prompt,
            "kind": entry.kind,
            "cadence": entry.cadence,
            "body": _body(entry),
            "created_at": now + timedelta(microseconds=position),
        }
        for position, entry in enumerate(library.habits)
    ]


def _body(entry: Any) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(entry)
    return body


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
            body=_body(entry),
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
) -> ExerciseEntry:
    """An exercise of a clinic in the shape of the shipped ones; the clinic itself is its source."""
    return ExerciseEntry(
        id=code,
        name=name,
        group=group,  # type: ignore[arg-type]
        stage="functional",
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
