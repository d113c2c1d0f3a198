"""What plans ask for at many due moments at once, of what the notifier may know: that something was logged on a day,
never what. Each statement reads for a whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, text

from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.plans.asking import asked_and_told
from service.plans.queries import cadence_of
from service.plans.rules import active_version, due_on, is_paused
from service.reminders.moments import Moment
from service.reminders.rechecks import rechecks_waiting
from service.reminders.rules import Asked

_VERSIONS = text(
    "SELECT v.id, v.client_id, v.plan_id, v.number, v.starts_on, p.ended_on FROM plan_version v "
    "JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id "
    "WHERE v.clinic_id = :clinic_id AND v.client_id = ANY(CAST(:client_ids AS uuid[])) AND v.deleted_at IS NULL"
)
_PAUSES = text(
    "SELECT plan_id, from_day, until_day FROM plan_pause WHERE clinic_id = :clinic_id "
    "AND plan_id = ANY(CAST(:plan_ids AS uuid[])) AND deleted_at IS NULL"
)
_ITEMS = text(
    "SELECT plan_version_id, cadence, weekdays, times_per_week, every_days, times_per_day FROM plan_item "
    "WHERE clinic_id = :clinic_id AND plan_version_id = ANY(CAST(:version_ids AS uuid[])) AND deleted_at IS NULL"
)
_HABITS = text(
    "SELECT plan_version_id, habit_key, cadence FROM plan_habit WHERE clinic_id = :clinic_id "
    "AND plan_version_id = ANY(CAST(:version_ids AS uuid[])) AND deleted_at IS NULL ORDER BY position"
)
_MARKS = text(
    "SELECT client_id, habit_key, day FROM habit_mark WHERE clinic_id = :clinic_id "
    "AND client_id = ANY(CAST(:client_ids AS uuid[])) AND day BETWEEN :first AND :last AND deleted_at IS NULL"
)
_DONE_DAYS = text(
    "SELECT DISTINCT client_id, day FROM exercise_session WHERE clinic_id = :clinic_id "
    "AND client_id = ANY(CAST(:client_ids AS uuid[])) AND day BETWEEN :first AND :last AND outcome <> 'skipped' "
    "AND deleted_at IS NULL"
)


class PlanState(Struct, frozen=True):
    """Whether the plan runs on the day and asks for exercise. Without any plan, check-ins still go on.
    `asked_habits`: how many habits are asked that day, None for a plan without any; `waiting`: one-off fixes to be
    looked at again."""

    state: Literal["active", "paused", "ended"] = "active"
    rest_day: bool = True
    asked_habits: int | None = None
    told_habits: int = 0
    waiting: int = 0


NO_PLAN: Final = PlanState()
_ENDED: Final = PlanState("ended")


async def plan_states(session: ClinicSession, moments: Sequence[Moment]) -> dict[UUID, PlanState]:
    """Only of moments of reminders: nothing else asks for the plan."""
    asked = [moment for moment in moments if moment.reminder_id is not None]
    if not asked:
        return {}
    values = {"clinic_id": session.clinic_id, "client_ids": uuids({moment.client_id for moment in asked})}
    versions = _by(await session.execute(_VERSIONS, values), "client_id")
    current = {moment.key: _version_on(versions.get(moment.client_id, ()), moment.day) for moment in asked}
    running = {key: version for key, version in current.items() if version is not None}
    reads = _PlanReads(session, [moment for moment in asked if moment.key in running], running)
    pauses, items, habits, done = await reads.pauses(), await reads.items(), await reads.habits(), await reads.done()
    told, looks = await reads.told(), await reads.looks()
    states = dict[UUID, PlanState]()
    for moment in asked:
        version = running.get(moment.key)
        if version is None:
            begun = active_version(versions.get(moment.client_id, ()), moment.day)
            states[moment.key] = _ENDED if begun else NO_PLAN
            continue
        paused = is_paused(moment.day, pauses.get(version.plan_id, ()))
        logged = done.get(moment.client_id, frozenset())
        due = any(_due(item, version.starts_on, moment.day, logged) for item in items.get(version.id, ()))
        marks = told.get(moment.client_id, frozenset())
        states[moment.key] = PlanState(
            "paused" if paused else "active",
            not due,
            *asked_and_told(habits.get(version.id, ()), marks, moment.day),
            waiting=len(looks.get((moment.client_id, moment.day), ())),
        )
    return states


def _version_on(versions: Iterable[Row[Any]], day: date) -> Row[Any] | None:
    return active_version([v for v in versions if v.ended_on is None or day <= v.ended_on], day)


def _due(item: Row[Any], starts_on: date, day: date, logged: frozenset[date]) -> bool:
    return due_on(cadence_of(item, starts_on), day, starts_on, logged=logged)


@dataclass(frozen=True, slots=True)
class _PlanReads:
    """What the plans that run say; each kind of reminder asks for its own part, and what nobody asks is not read."""

    session: ClinicSession
    moments: Sequence[Moment]
    versions: Mapping[UUID, Row[Any]]

    def _of(self, kind: Asked, column: str) -> list[UUID]:
        return list({getattr(self.versions[m.key], column) for m in self.moments if m.kind == kind})

    async def pauses(self) -> dict[UUID, list[Row[Any]]]:
        plan_ids = list({version.plan_id for version in self.versions.values()})
        return _by(await self._rows(_PAUSES, "plan_ids", plan_ids), "plan_id")

    async def items(self) -> dict[UUID, list[Row[Any]]]:
        return _by(await self._rows(_ITEMS, "version_ids", self._of("plan", "id")), "plan_version_id")

    async def habits(self) -> dict[UUID, list[Row[Any]]]:
        return _by(await self._rows(_HABITS, "version_ids", self._of("habit", "id")), "plan_version_id")

    async def told(self) -> dict[UUID, frozenset[tuple[UUID, date]]]:
        """Which habits were told on which days since the month began, or the week, of the earliest day asked for."""
        asked = [moment for moment in self.moments if moment.kind == "habit"]
        days = [moment.day for moment in asked]
        first = min((min(day.replace(day=1), day - timedelta(days=6)) for day in days), default=date.min)
        client_ids = list({moment.client_id for moment in asked})
        rows = await self._rows(_MARKS, "client_ids", client_ids, first=first, last=max(days, default=date.min))
        return {
            key: frozenset((row.habit_key, row.day) for row in found) for key, found in _by(rows, "client_id").items()
        }

    async def looks(self) -> dict[tuple[UUID, date], list[date]]:
        return await rechecks_waiting(
            self.session, {(moment.client_id, moment.day) for moment in self.moments if moment.kind == "fix"}
        )

    async def done(self) -> dict[UUID, frozenset[date]]:
        """The days of exercise since the Monday of the earliest week that is asked for."""
        asked = [moment for moment in self.moments if moment.kind == "plan"]
        days = [moment.day for moment in asked]
        first = min((day - timedelta(days=day.weekday()) for day in days), default=date.min)
        client_ids = list({moment.client_id for moment in asked})
        rows = await self._rows(_DONE_DAYS, "client_ids", client_ids, first=first, last=max(days, default=date.min))
        return {key: frozenset(row.day for row in found) for key, found in _by(rows, "client_id").items()}

    async def _rows(self, statement: Any, name: str, ids: Sequence[UUID], **values: Any) -> Sequence[Row[Any]]:
        if not ids:
            return ()
        clinic = {"clinic_id": self.session.clinic_id, name: uuids(ids)}
        return (await self.session.execute(statement, clinic | values)).all()


def _by(rows: Iterable[Row[Any]], column: str) -> dict[UUID, list[Row[Any]]]:
    grouped = defaultdict[UUID, list[Row[Any]]](list)
    for row in rows:
        grouped[getattr(row, column)].append(row)
    return grouped
