"""The rows of a version: what of it cannot be right is said by field."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from service.catalogue.queries import entry_of, habits_by_code
from service.catalogue.rules import dose_problems
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id
from service.plans.actions.allowing import ahead_problems
from service.plans.actions.guarding import dose_wanted
from service.plans.actions.wanted import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.queries import Content, Item
from service.plans.rules.guard import may_pass
from service.plans.tables import PlanHabit, PlanItem, PlanVersion


def item_problems(wanted: Prescription, library: Mapping[str, Exercise], before: Content | None) -> list[FieldProblem]:
    """What no reason can pass."""
    known = {item.row.item_key for item in before.items} if before else set()
    problems = [
        problem
        for index, item in enumerate(wanted.items)
        for problem in _item_problems(f"/items/{index}", item, library, known)
    ]
    problems += ahead_problems(wanted, library, before)
    if not wanted.items and not wanted.habits:
        problems.append(FieldProblem("/items", "required", "Choose at least one exercise or habit."))
    return problems


def _item_problems(
    pointer: str, item: ItemToPrescribe, library: Mapping[str, Exercise], known: set[UUID]
) -> list[FieldProblem]:
    if item.exercise not in library:
        return [FieldProblem(f"{pointer}/exercise", "unknown", "Use the code of an exercise in the library.")]
    entry = entry_of(library[item.exercise])
    dose = dose_wanted(entry, item)
    problems = [
        FieldProblem(f"{pointer}/{field}", "dose", str(sentence))
        for field, sentence in dose_problems(entry, dose)
        if not may_pass(field, dose)
    ]
    if item.item_key is not None and item.item_key not in known:
        problems.append(FieldProblem(f"{pointer}/item_key", "unknown", "Use the key of an item of this plan."))
    return problems


def items_of(version: PlanVersion, wanted: Prescription, library: Mapping[str, Exercise], now: datetime) -> list[Item]:
    return [
        Item(_item_row(version, position, item, library[item.exercise], now), library[item.exercise])
        for position, item in enumerate(wanted.items)
    ]


def _item_row(
    version: PlanVersion, position: int, item: ItemToPrescribe, exercise: Exercise, now: datetime
) -> PlanItem:
    dose = dose_wanted(entry_of(exercise), item)
    return PlanItem(
        clinic_id=version.clinic_id,
        id=new_id(now),
        client_id=version.client_id,
        sync_seq=version.sync_seq,
        created_at=now,
        plan_version_id=version.id,
        item_key=item.item_key or new_id(now),
        position=position,
        routine=item.routine or exercise.group_name,
        exercise_id=exercise.id,
        cue=item.cue,
        **asdict(dose),
        **item.cadence,
    )


async def habits_of(
    session: ClinicSession, version: PlanVersion, wanted: Prescription, before: Content | None, now: datetime
) -> list[PlanHabit]:
    kept = {habit.habit_id: habit.habit_key for habit in before.habits} if before else {}
    library = await habits_by_code(session, [habit.habit for habit in wanted.habits], kept)
    problems = [
        FieldProblem(f"/habits/{index}/habit", "unknown", "Use the code of a habit in the library.")
        for index, habit in enumerate(wanted.habits)
        if habit.habit not in library
    ]
    if problems:
        raise Refused(problems)
    return [
        _habit_row(version, position, habit, library[habit.habit], kept, now)
        for position, habit in enumerate(wanted.habits)
    ]


def _habit_row(
    version: PlanVersion,
    position: int,
    wanted: HabitToPrescribe,
    habit: Habit,
    kept: Mapping[UUID, UUID],
    now: datetime,
) -> PlanHabit:
    return PlanHabit(
        clinic_id=version.clinic_id,
        id=new_id(now),
        client_id=version.client_id,
        sync_seq=version.sync_seq,
        created_at=now,
        plan_version_id=version.id,
        habit_key=kept.get(habit.id) or wanted.habit_key or new_id(now),
        position=position,
        habit_id=habit.id,
        prompt=habit.prompt,
        kind=habit.kind,
        cadence=habit.cadence,
        options=habit.body.get("options", []),
        unit=habit.body.get("unit"),
        good=habit.body.get("good", {}),
        target=wanted.target,
    )
