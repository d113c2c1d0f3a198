"""What became of each day, for any number of clients of one clinic in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from service.accounts.tables import Client
from service.database.rows import maybe_numbers, numbers, uuids
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules import DayState, Outcome
from service.plans.queries import cadence_of
from service.plans.rules import Cadence, FixedWeekdays, TimesPerWeek, due_days
from service.progress.rules import (
    WINDOW_DAYS,
    Adherence,
    DayRecord,
    Logged,
    adherence,
    by_day,
    day_state,
    first_median,
    seven_day_means,
    week_mean,
)
from service.progress.rules.pain_days import PainDays, day_of, pain_days

ADHERENCE_DAYS = 28
_UNTOLD = (None, None)
_EVERY_DAY = FixedWeekdays(127)

_VERSIONS = text(
    "SELECT v.client_id, v.id, v.plan_id, v.starts_on, p.ended_on,"
    "  EXISTS (SELECT 1 FROM plan_habit h WHERE h.clinic_id = v.clinic_id AND h.plan_version_id = v.id"
    "    AND h.cadence = 'daily' AND h.deleted_at IS NULL) AS daily_habits "
    "FROM plan_version v JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id "
    "WHERE v.clinic_id = :clinic_id AND v.client_id = ANY(CAST(:ids AS uuid[])) AND v.deleted_at IS NULL "
    "AND (p.ended_on IS NULL OR p.ended_on >= v.starts_on) ORDER BY v.starts_on, v.number"
)
_ITEMS = text(
    "SELECT plan_version_id, cadence, weekdays, times_per_week, every_days, times_per_day FROM plan_item "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL"
)
_PAUSES = text(
    "SELECT plan_id, from_day, until_day FROM plan_pause "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL"
)
# One row a client, not one a day, and one text of numbers: the rows of a caseload cost more to fetch than to read, and
# arrays cost more to make. Only of a day that was partly done does anybody ask how much.
_SESSIONS = text(
    "SELECT s.client_id, string_agg((s.day - DATE '0001-01-01' + 1)::text, ',') AS days,"
    "  string_agg(CASE s.outcome WHEN 'done' THEN '2' WHEN 'partly' THEN '1' ELSE '0' END, ',') AS outcomes,"
    "  string_agg(coalesce((SELECT avg(CASE WHEN r.done THEN 1.0 ELSE 0.0 END)::float8 FROM exercise_result r"
    "    WHERE :shares AND r.clinic_id = s.clinic_id AND r.session_id = s.id AND r.deleted_at IS NULL)::text, 'null'),"
    "    ',') FILTER (WHERE s.outcome = 'partly') AS shares "
    "FROM exercise_session s WHERE s.clinic_id = :clinic_id AND s.client_id = ANY(CAST(:ids AS uuid[])) "
    "AND s.day BETWEEN :first AND :last AND s.deleted_at IS NULL GROUP BY s.client_id"
)
_PAIN = text(
    "SELECT p.client_id, string_agg((p.day - DATE '0001-01-01' + 1)::text || ',' || p.score::text || ',' ||"
    "  (date_part('epoch', p.received_at) * 1000000)::bigint::text, ',') AS told,"
    "  max(p.received_at) FILTER (WHERE p.entered_by <> 'therapist') AS told_at "
    "FROM pain_entry p WHERE p.clinic_id = :clinic_id AND p.client_id = ANY(CAST(:ids AS uuid[])) "
    "AND p.deleted_at IS NULL GROUP BY p.client_id"
)


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

    `pain` is every answered day from the first one on, and `pain_told_at` when they told of one last, whatever staff
    wrote down for them. Of exercise, what was logged from `first` on is known.
    """

    first: date
    today: date
    pain: PainDays
    stretches: tuple[Stretch, ...]
    sessions: Mapping[date, Logged]
    pain_told_at: datetime | None = None

    @cached_property
    def days(self) -> list[DayRecord]:
        """From `first` to today. A day after the plan's end or in a pause asks for nothing."""
        return self._records(self.first, self.today)

    def _records(self, first: date, last: date) -> list[DayRecord]:
        due, began, told = self.due_days(first, last), self._began or date.max, self.sessions.get
        return [_record(day, *told(day, _UNTOLD), day in due, began <= day) for day in _span(first, last)]

    @cached_property
    def _began(self) -> date | None:
        return min((stretch.starts_on for stretch in self.stretches), default=None)

    @cached_property
    def adherence(self) -> Adherence:
        """Of the last four weeks; today counts once something was logged for it."""
        return self.adherence_over(ADHERENCE_DAYS)

    def adherence_over(self, days: int) -> Adherence:
        """While today is still open, of as many days before it: a shorter stretch could leave out a weekday on which
        nothing was told, and whoever stays silent would seem to do better."""
        return self.adherence_since(self._last_closed - timedelta(days=days - 1))

    def adherence_since(self, first: date) -> Adherence:
        last = self._last_closed
        records = [record for record in self.days if first <= record.day <= last]
        if first < self.first:
            records += self._records(first, self.first - timedelta(days=1))
        return adherence(records)

    @property
    def _last_closed(self) -> date:
        is_open = self.days[-1].state is DayState.NO_ENTRY
        return self.today - timedelta(days=1) if is_open else self.today

    @cached_property
    def baseline(self) -> float | None:
        return first_median(self.scores)

    @property
    def scores(self) -> Mapping[date, int]:
        return self.pain.scores

    @property
    def has_plan(self) -> bool:
        return bool(self.stretches)

    def mean_on(self, day: date) -> float | None:
        return week_mean(self.scores, day)

    def pain_days(self, count: int) -> list[tuple[date, int | None, float | None]]:
        """The last `count` days, oldest first: the score, or None, and the 7-day mean, or None."""
        first = self.today - timedelta(days=count - 1)
        days, means = _span(first, self.today), seven_day_means(self.scores, first, self.today)
        return [(day, self.scores.get(day), mean) for day, mean in zip(days, means, strict=True)]

    def planned_days(self, first: date, last: date) -> int:
        """Days on which the plan asked for something: exercise, or habits in a plan without exercises."""
        return len(self.due_days(first, last, habits=True))

    def due_days(self, first: date, last: date, *, habits: bool = False) -> set[date]:
        """Days on which the plan asked for exercise; with `habits`, or for habits in a plan without."""
        if first > last:
            return set()
        return days_asked(self.stretches, first, last, self._done, habits=habits)

    @cached_property
    def _done(self) -> Collection[date]:
        if not any(isinstance(cadence, TimesPerWeek) for stretch in self.stretches for cadence in stretch.cadences):
            return ()  # Nobody asks.
        return {day for day, session in self.sessions.items() if session.outcome is not Outcome.SKIPPED}


@lru_cache(maxsize=4096)
def _record(day: date, outcome: Outcome | None, share: float | None, is_due: bool, is_planned: bool) -> DayRecord:
    """The days of a caseload are the same few, over and over."""
    return DayRecord(day, day_state(is_due, outcome, planned=is_planned), is_due, share)


def days_asked(
    stretches: Iterable[Stretch], first: date, last: date, logged: Collection[date], *, habits: bool
) -> set[date]:
    """`logged`: days on which exercise was done, which "3 times a week" looks at. `habits`: a plan without exercises
    asks for its habits every day."""
    asked: set[date] = set()
    for stretch in stretches:
        for cadence in dict.fromkeys(_asked(stretch, habits)):
            asked.update(due_days(cadence, first, last, stretch.starts_on, stretch.ends_on, stretch.pauses, logged))
    return asked


def _asked(stretch: Stretch, habits: bool) -> Sequence[Cadence]:
    return [_EVERY_DAY] if habits and stretch.daily_habits and not stretch.cadences else stretch.cadences


@lru_cache(maxsize=64)
def _span(first: date, last: date) -> tuple[date, ...]:
    """Asked for the same days by every client of a caseload."""
    return tuple(map(day_of, range(first.toordinal(), last.toordinal() + 1)))


async def progress_of(
    session: ClinicSession,
    clients: Collection[Client],
    now: datetime,
    days: int = ADHERENCE_DAYS,
    *,
    shares: bool = True,
) -> dict[UUID, Progress]:
    """By client id, in a fixed number of statements. Of exercise the last `days` days, at least 28. Without `shares`
    nobody says how much of a day was done: a caseload only counts days, and they cost half of reading its sessions."""
    back = timedelta(days=max(days, ADHERENCE_DAYS) - 1)
    today = {client.id: today_of(client, now) for client in clients}
    ids = uuids(today)
    stretches = await _stretches(session, ids)
    sessions = await _sessions(session, ids, today.values(), back, shares)
    pain = await _pain(session, ids)
    found = {}
    for key, day in today.items():
        scores, told_at = pain.get(key, _NO_PAIN)
        found[key] = Progress(day - back, day, scores, tuple(stretches[key]), sessions[key], told_at)
    return found


async def _rows(session: ClinicSession, statement: Any, ids: str, **values: date | bool) -> Sequence[Any]:
    return (await session.execute(statement, {"clinic_id": session.clinic_id, "ids": ids, **values})).all()


async def stretches_of(session: ClinicSession, ids: Iterable[UUID]) -> dict[UUID, list[Stretch]]:
    return await _stretches(session, uuids(ids))


async def _stretches(session: ClinicSession, ids: str) -> dict[UUID, list[Stretch]]:
    """A version holds until the day before the next one, and not beyond the end of its plan."""
    versions: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _rows(session, _VERSIONS, ids):
        versions[row.client_id].append(row)
    items: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _rows(session, _ITEMS, ids):
        items[row.plan_version_id].append(row)
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
    session: ClinicSession, ids: str, todays: Iterable[date], back: timedelta, shares: bool
) -> dict[UUID, dict[date, Logged]]:
    """From the Monday before the first day on, since "3 times a week" looks at whole weeks."""
    last = max(todays, default=date.min)
    first = last - back - timedelta(days=WINDOW_DAYS) if last > date.min else last
    rows = await _rows(session, _SESSIONS, ids, first=first, last=last, shares=shares)
    return defaultdict(dict, {row.client_id: _logged(row) for row in rows})


def _logged(row: Any) -> dict[date, Logged]:
    days, outcomes = map(day_of, numbers(row.days)), numbers(row.outcomes)
    shares = iter(maybe_numbers(row.shares))
    told = [Logged(Outcome.PARTLY, next(shares)) if outcome == _PARTLY else _WHOLE[outcome] for outcome in outcomes]
    return by_day(zip(days, told, strict=True))


_PARTLY = 1
_WHOLE = {0: Logged(Outcome.SKIPPED, None), 2: Logged(Outcome.DONE, None)}


async def _pain(session: ClinicSession, ids: str) -> dict[UUID, tuple[PainDays, datetime | None]]:
    found = {}
    for row in await _rows(session, _PAIN, ids):
        told = numbers(row.told)
        found[row.client_id] = pain_days(told[::3], told[1::3], told[2::3]), row.told_at
    return found


_NO_PAIN: Final = (PainDays(), None)
