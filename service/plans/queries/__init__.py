from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.catalogue.rules import Dose, Effort, LoadUnit, Side, WorkingSide
from service.catalogue.tables import Exercise
from service.database.reading import Found, Reading, Rows
from service.database.tenancy import ClinicSession
from service.errors import NotFound
from service.plans.queries.guard import contexts as contexts
from service.plans.queries.guard import contexts_to_change as contexts_to_change
from service.plans.queries.guard import warnings as warnings
from service.plans.rules import Cadence, EveryDays, FixedWeekdays, Prescribed, TimesPerWeek, active_version, due_on
from service.plans.rules.ahead import Ahead
from service.plans.rules.programmes import Place
from service.plans.tables import (
    Plan,
    PlanFix,
    PlanHabit,
    PlanItem,
    PlanLesson,
    PlanPause,
    PlanVersion,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A prescribed exercise together with the library's entry it comes from."""

    row: PlanItem
    exercise: Exercise

    @property
    def dose(self) -> Dose:
        return dose_of(self.row)

    @property
    def ahead(self) -> Ahead | None:
        return Ahead.from_stored(self.row.ahead) if self.row.ahead else None

    def prescribed(self, starts_on: date) -> Prescribed:
        return Prescribed(str(self.row.item_key), self.exercise.name, self.dose, cadence_of(self.row, starts_on))


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a plan with everything in it."""

    plan: Plan
    version: PlanVersion
    items: list[Item]
    habits: list[PlanHabit]
    pauses: list[PlanPause]
    fixes: Sequence[PlanFix] = field(default_factory=list)
    lessons: Sequence[PlanLesson] = field(default_factory=list)

    @property
    def place(self) -> Place | None:
        version = self.version
        if version.programme is None or version.phase is None or version.programme_began_on is None:
            return None
        return Place(version.programme, version.phase, version.programme_began_on)

    def pain_limit(self, clinic_limit: int) -> int:
        """While exercising: the stricter one, the clinic's or the person's own."""
        own = self.version.load_pain
        return clinic_limit if own is None else min(own, clinic_limit)

    def cadence(self, item: Item) -> Cadence:
        return cadence_of(item.row, self.version.starts_on)

    def due_items(self, day: date, logged: Collection[date]) -> list[Item]:
        """Of a day on which this version holds; `logged` are the days on which something was done."""
        starts_on, ends_on = self.version.starts_on, self.plan.ended_on
        return [item for item in self.items if due_on(self.cadence(item), day, starts_on, ends_on, self.pauses, logged)]

    def prescribes(
        self,
        title: str,
        note: str | None,
        items: Sequence[Item],
        habits: Sequence[PlanHabit],
        once: "Once",
        aside: Collection[str] = (),
    ) -> bool:
        """Whether these rows, made for another version, say the very same; from which day on is not compared, nor the
        columns `aside` of the items."""
        return (
            (title, note) == (self.plan.title, self.version.note)
            and [_told(item.row, aside) for item in items] == [_told(item.row, aside) for item in self.items]
            and [_told(habit) for habit in habits] == [_told(habit) for habit in self.habits]
            and [_told(fix) for fix in once.fixes] == [_told(fix) for fix in self.fixes]
            and [_told(lesson) for lesson in once.lessons] == [_told(lesson) for lesson in self.lessons]
        )


@dataclass(frozen=True, slots=True)
class Once:
    """What a version holds that comes round on no day: things to do once, and notes to read."""

    fixes: Sequence[PlanFix]
    lessons: Sequence[PlanLesson]


def _told(row: PlanItem | PlanHabit | PlanFix | PlanLesson, aside: Collection[str] = ()) -> dict[str, Any]:
    return row.model_dump(exclude={"id", "plan_version_id", "sync_seq", "created_at", *aside})


def dose_of(row: PlanItem) -> Dose:
    return Dose(
        sets=row.sets,
        reps=row.reps,
        hold_seconds=row.hold_seconds,
        rest_seconds=row.rest_seconds,
        tempo=row.tempo,
        load=row.load,
        load_unit=LoadUnit(row.load_unit) if row.load_unit else None,
        effort=Effort(row.effort) if row.effort else None,
        side=Side(row.side),
        working_side=WorkingSide(row.working_side),
    )


class CadenceColumns(Protocol):
    """A row of plan_item, or as much of one."""

    @property
    def cadence(self) -> str: ...
    @property
    def weekdays(self) -> int: ...
    @property
    def times_per_week(self) -> int | None: ...
    @property
    def every_days(self) -> int | None: ...
    @property
    def times_per_day(self) -> int: ...


def cadence_of(row: CadenceColumns, starts_on: date) -> Cadence:
    if row.cadence == "times_per_week" and row.times_per_week:
        return TimesPerWeek(row.times_per_week, row.times_per_day)
    if row.cadence == "every_days" and row.every_days:
        return EveryDays(row.every_days, starts_on, row.times_per_day)
    return FixedWeekdays(row.weekdays, row.times_per_day)


def columns_of(cadence: Cadence) -> dict[str, Any]:
    match cadence:
        case FixedWeekdays(mask=mask):
            columns: dict[str, Any] = {"cadence": "weekdays", "weekdays": mask}
        case TimesPerWeek(n=n):
            columns = {"cadence": "times_per_week", "times_per_week": n}
        case _:
            columns = {"cadence": "every_days", "every_days": cadence.n}
    return columns | {"times_per_day": cadence.times_per_day}


async def running_plan(session: ClinicSession, client_id: UUID) -> Plan | None:
    """Locked: who asks for it alone is about to change it."""
    statement = select(Plan).where(
        col(Plan.clinic_id) == session.clinic_id,
        col(Plan.client_id) == client_id,
        col(Plan.ended_on).is_(None),
    )
    return await session.scalar(statement.with_for_update())


async def plans(session: ClinicSession, client_id: UUID) -> Sequence[Plan]:
    statement = (
        select(Plan)
        .where(col(Plan.clinic_id) == session.clinic_id, col(Plan.client_id) == client_id)
        .order_by(col(Plan.created_at))
    )
    return (await session.scalars(statement)).all()


_OF_CLIENT = "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s"
PRESCRIBED_EVER = (
    Rows(Plan, f"{_OF_CLIENT} ORDER BY t.created_at"),
    Rows(PlanVersion, f"{_OF_CLIENT} ORDER BY t.starts_on, t.created_at, t.number"),
    Rows(PlanItem, f"{_OF_CLIENT} ORDER BY t.position"),
    Rows(
        Exercise,
        "WHERE t.clinic_id = %(clinic_id)s AND t.id IN (SELECT exercise_id FROM plan_item"
        " WHERE clinic_id = %(clinic_id)s AND client_id = %(client_id)s)",
    ),
    Rows(PlanHabit, f"{_OF_CLIENT} ORDER BY t.position"),
    Rows(PlanFix, f"{_OF_CLIENT} ORDER BY t.position"),
    Rows(PlanLesson, f"{_OF_CLIENT} ORDER BY t.position"),
    Rows(PlanPause, f"{_OF_CLIENT} AND t.deleted_at IS NULL"),
)


_PRESCRIBED_EVER = Reading(*PRESCRIBED_EVER)


async def contents(session: ClinicSession, client_id: UUID, *, with_replaced: bool = False) -> list[Content]:
    """Everything ever prescribed to a client, oldest version first, in one statement; to be read only."""
    return contents_in(await _PRESCRIBED_EVER(session, client_id=client_id), with_replaced=with_replaced)


def contents_in(found: Found, *, with_replaced: bool = False) -> list[Content]:
    """Of what was read by `PRESCRIBED_EVER`; `with_replaced`, also what gave way before its first day."""
    exercises = {exercise.id: exercise for exercise in found.of(Exercise)}
    plans_by_id = {plan.id: plan for plan in found.of(Plan)}
    items, habits = found.of(PlanItem), found.of(PlanHabit)
    fixes, lessons, pauses = found.of(PlanFix), found.of(PlanLesson), found.of(PlanPause)
    return [
        Content(
            plan=plans_by_id[version.plan_id],
            version=version,
            items=[Item(row, exercises[row.exercise_id]) for row in items if row.plan_version_id == version.id],
            habits=[habit for habit in habits if habit.plan_version_id == version.id],
            pauses=[pause for pause in pauses if pause.plan_id == version.plan_id],
            fixes=[fix for fix in fixes if fix.plan_version_id == version.id],
            lessons=[lesson for lesson in lessons if lesson.plan_version_id == version.id],
        )
        for version in found.of(PlanVersion)
        if with_replaced or version.deleted_at is None
    ]


def content_on(listed: Sequence[Content], day: date) -> Content | None:
    """The version that holds on a day; None before the first and after the plan ended."""
    holding = {content.version.id: content for content in listed if _holds(content.plan.ended_on, day)}
    version = active_version([content.version for content in holding.values()], day)
    return holding[version.id] if version else None


def content_after(listed: Sequence[Content], day: date) -> Content | None:
    """The version that starts next after a day."""
    to_come = [c for c in listed if c.version.starts_on > day and _holds(c.plan.ended_on, c.version.starts_on)]
    return content_on(to_come, min(c.version.starts_on for c in to_come)) if to_come else None


def _holds(ended_on: date | None, day: date) -> bool:
    return ended_on is None or day <= ended_on


_HOLDING = (
    "JOIN plan p ON p.clinic_id = {0}.clinic_id AND p.id = {0}.plan_id "
    "WHERE {0}.clinic_id = %(clinic_id)s AND {0}.client_id = %(client_id)s AND {0}.starts_on <= %(day)s "
    "AND {0}.deleted_at IS NULL "
    "AND (p.ended_on IS NULL OR p.ended_on >= %(day)s) ORDER BY {0}.starts_on DESC, {0}.number DESC LIMIT 1"
)
_HELD = f"(SELECT v.id FROM plan_version v {_HOLDING.format('v')})"  # noqa: S608
PRESCRIBED = (
    Rows(PlanVersion, _HOLDING.format("t"), columns=["id"]),
    Rows(PlanItem, f"WHERE t.clinic_id = %(clinic_id)s AND t.plan_version_id = {_HELD}", columns=["id"]),
)
_PRESCRIBED = Reading(*PRESCRIBED)


async def prescribed_on(session: ClinicSession, client_id: UUID, day: date) -> tuple[UUID, list[UUID]] | None:
    """The version that holds on a day and the ids of its items, in one statement."""
    return prescribed_in(await _PRESCRIBED(session, client_id=client_id, day=day))


def prescribed_in(found: Found) -> tuple[UUID, list[UUID]] | None:
    """Of what was read by `PRESCRIBED`."""
    version = found.first(PlanVersion)
    return (version.id, [item.id for item in found.of(PlanItem)]) if version else None


async def current(session: ClinicSession, client_id: UUID, day: date) -> Content:
    """Raises NotFound when nothing is prescribed for that day."""
    found = content_on(await contents(session, client_id), day)
    if found is None:
        raise NotFound
    return found


async def running_content(session: ClinicSession, client_id: UUID) -> list[Content]:
    """The versions of the running plan, oldest first; those that have not begun too. Empty when none runs."""
    return [content for content in await contents(session, client_id) if content.plan.ended_on is None]
