"""Prescribing: a plan, its versions from a day on, pauses and the end. What was logged under a version stays so."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from service.accounts.actions import next_seq
from service.audit.actions import record
from service.catalogue.queries import entry_of, exercises_by_code, habits_by_code
from service.catalogue.rules import Dose, dose_default, dose_problems
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.errors import Conflict, FieldProblem, NotFound, Refused, Stale
from service.ids import new_id
from service.plans import queries
from service.plans.queries import Content, Item
from service.plans.rules import change_summary
from service.plans.tables import Plan, PlanHabit, PlanItem, PlanPause, PlanVersion


@dataclass(frozen=True, slots=True)
class ItemToPrescribe:
    """`dose_fields` are the fields of Dose the therapist chose; `cadence` is the cadence as columns."""

    exercise: str
    routine: str | None
    dose_fields: Mapping[str, Any]
    cadence: Mapping[str, Any]
    cue: str | None
    item_key: UUID | None


@dataclass(frozen=True, slots=True)
class HabitToPrescribe:
    habit: str
    target: float | None
    habit_key: UUID | None


@dataclass(frozen=True, slots=True)
class Prescription:
    title: str
    starts_on: date
    items: Sequence[ItemToPrescribe]
    habits: Sequence[HabitToPrescribe]
    note: str | None = None


async def prescribe(session: ClinicSession, client_id: UUID, wanted: Prescription, now: datetime) -> Content:
    """Starts a plan. Raises Conflict while another one runs: change that one, or end it first."""
    seq = await next_seq(session, client_id)
    if await queries.running_plan(session, client_id) is not None:
        raise Conflict("a plan is running")
    await _refuse_overlap(session, client_id, wanted.starts_on)
    plan = Plan(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client_id,
        sync_seq=seq,
        title=wanted.title,
        created_by=_staff(session),
        created_at=now,
    )
    session.add(plan)
    await session.flush()
    return await _add_version(session, plan, 1, wanted, None, now)


async def _refuse_overlap(session: ClinicSession, client_id: UUID, starts_on: date) -> None:
    """A day belongs to one plan."""
    last_days = [plan.ended_on for plan in await queries.plans(session, client_id) if plan.ended_on]
    if last_days and starts_on <= max(last_days):
        message = "Start after the last day of the plan before, %(day)s."
        raise Refused.one("/starts_on", "overlap", message % {"day": max(last_days).isoformat()})


async def change(
    session: ClinicSession, client_id: UUID, wanted: Prescription, expected_version: int, now: datetime
) -> Content:
    """Version N+1 from its start day; the one before when nothing differs. Raises Stale when somebody changed it."""
    seq = await next_seq(session, client_id)
    plan = await _locked_plan(session, client_id)
    if plan.latest_version != expected_version:
        raise Stale
    before = [c for c in await queries.contents(session, client_id) if c.plan.id == plan.id][-1]
    if wanted.starts_on < before.version.starts_on:
        raise Refused.one("/starts_on", "too_early", "Start on or after the day the version before starts.")
    content = await _add_version(session, plan, plan.latest_version + 1, wanted, before, now)
    if content is not before:
        plan.latest_version, plan.title, plan.sync_seq = content.version.number, wanted.title, seq
    return content


async def _locked_plan(session: ClinicSession, client_id: UUID) -> Plan:
    plan = await queries.running_plan(session, client_id, lock=True)
    if plan is None:
        raise NotFound
    return plan


async def _add_version(
    session: ClinicSession,
    plan: Plan,
    number: int,
    wanted: Prescription,
    before: Content | None,
    now: datetime,
) -> Content:
    version = PlanVersion(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=plan.client_id,
        sync_seq=await next_seq(session, plan.client_id),
        plan_id=plan.id,
        number=number,
        starts_on=wanted.starts_on,
        note=wanted.note,
        created_by=_staff(session),
        created_at=now,
    )
    items = await _items(session, version, wanted, before, now)
    habits = await _habits(session, version, wanted, before, now)
    if before is not None:
        if before.prescribes(wanted.title, wanted.note, items, habits):
            return before
        version.change_lines = _change_lines(before, items, wanted.starts_on)
    session.add(version)
    await session.flush()
    session.add_all([item.row for item in items])
    session.add_all(habits)
    await _flush_rows(session)
    record(session, now, "prescribe", "plan_version", version.id, client_id=plan.client_id)
    return Content(plan, version, items, habits, [])


async def _flush_rows(session: ClinicSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Refused.one("/items", "twice", "Each item and habit may stand in a plan once.") from None


def _change_lines(before: Content, items: Sequence[Item], starts_on: date) -> list[dict[str, Any]]:
    old = [item.prescribed(before.version.starts_on) for item in before.items]
    return [line.stored() for line in change_summary(old, [item.prescribed(starts_on) for item in items])]


async def _items(
    session: ClinicSession, version: PlanVersion, wanted: Prescription, before: Content | None, now: datetime
) -> list[Item]:
    library = await exercises_by_code(session, [item.exercise for item in wanted.items])
    known = {item.row.item_key for item in before.items} if before else set()
    problems = [
        problem
        for index, item in enumerate(wanted.items)
        for problem in _item_problems(f"/items/{index}", item, library, known)
    ]
    if not wanted.items and not wanted.habits:
        problems.append(FieldProblem("/items", "required", "Choose at least one exercise or habit."))
    if problems:
        raise Refused(problems)
    return [
        Item(_item_row(version, position, item, library[item.exercise], now), library[item.exercise])
        for position, item in enumerate(wanted.items)
    ]


def _item_problems(
    pointer: str, item: ItemToPrescribe, library: Mapping[str, Exercise], known: set[UUID]
) -> list[FieldProblem]:
    if item.exercise not in library:
        return [FieldProblem(f"{pointer}/exercise", "unknown", "Use the code of an exercise in the library.")]
    entry = entry_of(library[item.exercise])
    problems = [
        FieldProblem(f"{pointer}/{field}", "dose", str(sentence))
        for field, sentence in dose_problems(entry, _dose(entry, item))
    ]
    if item.item_key is not None and item.item_key not in known:
        problems.append(FieldProblem(f"{pointer}/item_key", "unknown", "Use the key of an item of this plan."))
    return problems


def _dose(entry: ExerciseEntry, item: ItemToPrescribe) -> Dose:
    """The library's default, with what the therapist chose instead."""
    return replace(dose_default(entry), **item.dose_fields)


def _item_row(
    version: PlanVersion, position: int, item: ItemToPrescribe, exercise: Exercise, now: datetime
) -> PlanItem:
    dose = _dose(entry_of(exercise), item)
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


async def _habits(
    session: ClinicSession, version: PlanVersion, wanted: Prescription, before: Content | None, now: datetime
) -> list[PlanHabit]:
    library = await habits_by_code(session, [habit.habit for habit in wanted.habits])
    kept = {habit.habit_id: habit.habit_key for habit in before.habits} if before else {}
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


async def pause(
    session: ClinicSession,
    client_id: UUID,
    from_day: date,
    until_day: date | None,
    reason: str | None,
    now: datetime,
) -> None:
    seq = await next_seq(session, client_id)
    plan = await _locked_plan(session, client_id)
    if until_day is not None and until_day < from_day:
        raise Refused.one("/until_day", "order", "End the pause on or after its first day.")
    pause_id = new_id(now)
    session.add(
        PlanPause(
            clinic_id=session.clinic_id,
            id=pause_id,
            client_id=client_id,
            sync_seq=seq,
            created_at=now,
            plan_id=plan.id,
            from_day=from_day,
            until_day=until_day,
            reason=reason,
        )
    )
    record(session, now, "pause", "plan", plan.id, client_id=client_id)


async def end(session: ClinicSession, client_id: UUID, last_day: date, now: datetime) -> None:
    seq = await next_seq(session, client_id)
    plan = await _locked_plan(session, client_id)
    plan.ended_on = last_day
    plan.sync_seq = seq
    record(session, now, "end", "plan", plan.id, client_id=client_id)


def _staff(session: ClinicSession) -> UUID:
    if session.actor.id is None:
        raise Refused.one("", "staff", "Only a member of staff prescribes.")
    return session.actor.id
