"""What became of each day, for any number of clients of one clinic in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules import DayState, Outcome
from service.plans.queries import cadence_of
from service.plans.rules import Cadence, FixedWeekdays, due_days
from service.plans.tables import PlanItem
from service.progress.rules import (
    WINDOW_DAYS,
    Adherence,
    DayRecord,
    adherence,
    baseline,
    day_state,
    seven_day_mean,
    worst_by_day,
)

ADHERENCE_DAYS = 28
_EVERY_DAY = FixedWeekdays(127)
_A_WEEK = timedelta(days=WINDOW_DAYS - 1)

_VERSIONS = text(
    "SELECT v.client_id, v.id, v.plan_id, v.starts_on, p.ended_on,"
    "  EXISTS (SELECT 1 FROM plan_habit h WHERE h.clinic_id = v.clinic_id AND h.plan_version_id = v.id"
    "    AND h.cadence = 'daily' AND h.deleted_at IS NULL) AS daily_habits "
    "FROM plan_version v JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id "
    "WHERE v.clinic_id = :clinic_id AND v.client_id = ANY(:ids) AND v.deleted_at IS NULL "
    "AND (p.ended_on IS NULL OR p.ended_on >= v.starts_on) ORDER BY v.starts_on, v.number"
)
_ITEMS = text(
    "SELECT plan_version_id, cadence, weekdays, times_per_week, every_days, times_per_day FROM plan_item "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND deleted_at IS NULL"
)
_PAUSES = text(
    "SELECT plan_id, from_day, until_day FROM plan_pause "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND deleted_at IS NULL"
)
_SESSIONS = text(
    "SELECT s.client_id, s.day, s.outcome, count(r.id) AS items, count(r.id) FILTER (WHERE r.done) AS done "
    "FROM exercise_session s LEFT JOIN exercise_result r ON r.clinic_id = s.clinic_id AND r.session_id = s.id"
    "  AND r.deleted_at IS NULL "
    "WHERE s.clinic_id = :clinic_id AND s.client_id = ANY(:ids) AND s.day BETWEEN :first AND :last "
    "AND s.deleted_at IS NULL GROUP BY s.clinic_id, s.id"
)
# Among equal scores of a day the first one told.
_PAIN = text(
    "SELECT DISTINCT ON (client_id, day) client_id, day, score, received_at AS at FROM pain_entry "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND deleted_at IS NULL "
    "ORDER BY client_id, day, score DESC, received_at"
)


@dataclass(frozen=True, slots=True)
class DayPain:
    """The worst score given for a day, and when we were told."""

    day: date
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Session:
    """`share` is the completed part, 0 to 1; None when it was not told item by item."""

    outcome: Outcome
    share: float | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One version of a plan and its days, both included."""

    starts_on: date
    ends_on: date | None
    cadences: Sequence[Cadence]
    pauses: Sequence[Any]
    daily_habits: bool


@dataclass(frozen=True)
class Progress:
    """One client up to `today`, the client's local day.

    `pain` is every answered day from the first one on; of exercise, what was logged from `first` on is known.
    """

    first: date
    today: date
    pain: tuple[DayPain, ...]
    stretches: tuple[Stretch, ...]
    sessions: Mapping[date, _Session]

    @cached_property
    def days(self) -> list[DayRecord]:
        """From `first` to today. A day after the plan's end or in a pause asks for nothing."""
        due = self._due(self.first, self.today)
        return [self._record(day, day in due) for day in _span(self.first, self.today)]

    def _record(self, day: date, due: bool) -> DayRecord:
        session = self.sessions.get(day)
        planned = any(stretch.starts_on <= day for stretch in self.stretches)
        state = day_state(due, session.outcome if session else None, planned=planned)
        return DayRecord(day, state, due, session.share if session else None)

    @cached_property
    def adherence(self) -> Adherence:
        """Of the last four weeks; today counts once something was logged for it."""
        return self.adherence_over(ADHERENCE_DAYS)

    def adherence_over(self, days: int) -> Adherence:
        since = self.today - timedelta(days=days - 1)
        return adherence(d for d in self.days if d.day >= since and not self._still_open(d))

    def _still_open(self, record: DayRecord) -> bool:
        return record.day == self.today and record.state is DayState.NO_ENTRY

    @cached_property
    def baseline(self) -> float | None:
        return baseline(self.pain)

    @cached_property
    def scores(self) -> dict[date, int]:
        return worst_by_day(self.pain)

    @property
    def has_plan(self) -> bool:
        return bool(self.stretches)

    def mean_on(self, day: date) -> float | None:
        return seven_day_mean([p for p in self.pain if day - _A_WEEK <= p.day <= day], day)

    def pain_days(self, count: int) -> list[tuple[date, int | None, float | None]]:
        """The last `count` days, oldest first: the score, or None, and the 7-day mean, or None."""
        recent = [p for p in self.pain if p.day > self.today - timedelta(days=count + WINDOW_DAYS)]
        days = _span(self.today - timedelta(days=count - 1), self.today)
        return [(day, self.scores.get(day), seven_day_mean(recent, day)) for day in days]

    def planned_days(self, first: date, last: date) -> int:
        """Days on which the plan asked for something: exercise, or habits in a plan without exercises."""
        return len(self._due(first, last, habits=True))

    def _due(self, first: date, last: date, *, habits: bool = False) -> set[date]:
        logged = {day for day, session in self.sessions.items() if session.outcome is not Outcome.SKIPPED}
        return days_asked(self.stretches, first, last, logged, habits=habits)


def days_asked(
    stretches: Iterable[Stretch], first: date, last: date, logged: Collection[date], *, habits: bool
) -> set[date]:
    """`logged`: days on which exercise was done, which "3 times a week" looks at. `habits`: a plan without exercises
    asks for its habits every day."""
    return {
        day
        for stretch in stretches
        for cadence in _asked(stretch, habits)
        for day in due_days(cadence, first, last, stretch.starts_on, stretch.ends_on, stretch.pauses, logged)
    }


def _asked(stretch: Stretch, habits: bool) -> Sequence[Cadence]:
    return [_EVERY_DAY] if habits and stretch.daily_habits and not stretch.cadences else stretch.cadences


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


async def progress_of(
    session: ClinicSession, clients: Collection[Client], now: datetime, days: int = ADHERENCE_DAYS
) -> dict[UUID, Progress]:
    """By client id, in a fixed number of statements. Of exercise the last `days` days, at least 28."""
    ids = [client.id for client in clients]
    back = timedelta(days=max(days, ADHERENCE_DAYS) - 1)
    today = {client.id: today_of(client, now) for client in clients}
    stretches = await stretches_of(session, ids)
    sessions = await _sessions(session, ids, today.values(), back)
    pain = await _pain(session, ids)
    return {
        key: Progress(day - back, day, tuple(pain[key]), tuple(stretches[key]), sessions[key])
        for key, day in today.items()
    }


async def _rows(session: ClinicSession, statement: Any, ids: list[UUID], **values: date) -> Sequence[Any]:
    return (await session.execute(statement, {"clinic_id": session.clinic_id, "ids": ids, **values})).all()


async def stretches_of(session: ClinicSession, ids: list[UUID]) -> dict[UUID, list[Stretch]]:
    """A version holds until the day before the next one, and not beyond the end of its plan."""
    versions: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _rows(session, _VERSIONS, ids):
        versions[row.client_id].append(row)
    items: dict[UUID, list[PlanItem]] = defaultdict(list)
    for row in await _rows(session, _ITEMS, ids):
        items[row.plan_version_id].append(PlanItem(**row._mapping))
    pauses: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _rows(session, _PAUSES, ids):
        pauses[row.plan_id].append(row)
    return defaultdict(
        list,
        {
            client_id: [
                Stretch(
                    starts_on=row.starts_on,
                    ends_on=_last_day(row, following),
                    cadences=[cadence_of(item, row.starts_on) for item in items[row.id]],
                    pauses=pauses[row.plan_id],
                    daily_habits=row.daily_habits,
                )
                for row, following in pairwise([*listed, None])
                if row is not None
            ]
            for client_id, listed in versions.items()
        },
    )


def _last_day(row: Any, following: Any) -> date | None:
    ends = [row.ended_on, following.starts_on - timedelta(days=1) if following else None]
    return min((day for day in ends if day is not None), default=None)


async def _sessions(
    session: ClinicSession, ids: list[UUID], todays: Iterable[date], back: timedelta
) -> dict[UUID, dict[date, _Session]]:
    """From the Monday before the first day on, since "3 times a week" looks at whole weeks."""
    last = max(todays, default=date.min)
    first = last - back - timedelta(days=WINDOW_DAYS) if ids else last
    found: dict[UUID, dict[date, _Session]] = defaultdict(dict)
    for row in await _rows(session, _SESSIONS, ids, first=first, last=last):
        told = _Session(Outcome(row.outcome), row.done / row.items if row.items else None)
        known = found[row.client_id].get(row.day)
        if known is None or _BEST.index(told.outcome) < _BEST.index(known.outcome):
            found[row.client_id][row.day] = told
    return found


_BEST = (Outcome.DONE, Outcome.PARTLY, Outcome.SKIPPED)


async def _pain(session: ClinicSession, ids: list[UUID]) -> dict[UUID, list[DayPain]]:
    found: dict[UUID, list[DayPain]] = defaultdict(list)
    for row in await _rows(session, _PAIN, ids):
        found[row.client_id].append(DayPain(row.day, row.score, row.at))
    return found
