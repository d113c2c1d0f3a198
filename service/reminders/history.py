"""What a client's rhythm is decided from, for a batch of clients of one clinic in a fixed number of statements.

The notifier reads here: that something was logged on a day, never what.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database.tenancy import ClinicSession
from service.plans.rules import DAYS_A_WEEK
from service.progress.queries import Stretch, days_asked, stretches_of
from service.reminders.rechecks import rechecks_waiting
from service.reminders.rhythm import LOOK_BACK, Asking, Extra, Past, asking
from service.reminders.rules import DAY, local_day

LOG_TIMES_WITHIN = 6 * DAYS_A_WEEK * DAY

_CLINICS = text("SELECT clinic_id FROM reminder_rhythm WHERE next_at <= :now GROUP BY clinic_id ORDER BY min(next_at)")
_AWAKE = text(
    "SELECT r.client_id, r.morning_on, r.evening_on, r.texts_a_week, r.stepped_on, r.wants_daily, r.rung, r.rung_on,"
    "  r.heard_on, r.asked_why_on, r.moved_on, r.keeps_time, c.zone, c.locale,"
    "  COALESCE(c.quiet_from, cl.quiet_from) AS quiet_from, COALESCE(c.quiet_until, cl.quiet_until) AS quiet_until,"
    "  cl.fresh_start, cl.week_text "
    "FROM reminder_rhythm r "
    "JOIN client c ON c.clinic_id = r.clinic_id AND c.id = r.client_id "
    "JOIN clinic cl ON cl.clinic_id = r.clinic_id "
    "WHERE r.clinic_id = :clinic_id AND r.next_at <= :now "
    "ORDER BY r.next_at LIMIT :most FOR UPDATE OF r SKIP LOCKED"
)
_RUNNING = text(
    "SELECT client_id, id, kind, channels, paused_until, local_times FROM reminder "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND ended_at IS NULL"
)
_MOMENTS = text(
    "SELECT o.client_id, o.id, o.reminder_id, o.kind, o.day, o.slot, o.due_at, o.state, EXISTS (SELECT 1 FROM message m"
    "  WHERE m.clinic_id = o.clinic_id AND m.occurrence_id = o.id) AS has_message FROM occurrence o "
    "WHERE o.clinic_id = :clinic_id AND o.client_id = ANY(:ids) AND o.due_at >= :since ORDER BY o.due_at"
)
_CHANGED = text(
    "SELECT v.client_id, v.starts_on, s.name FROM plan_version v "
    "JOIN staff s ON s.clinic_id = v.clinic_id AND s.id = v.created_by "
    "WHERE v.clinic_id = :clinic_id AND v.client_id = ANY(:ids) AND v.number > 1 AND v.starts_on >= :first"
    "  AND NOT v.quiet AND v.deleted_at IS NULL ORDER BY v.starts_on, v.number"
)
_LOG_TIMES = text(
    "SELECT client_id, written_at FROM exercise_session WHERE clinic_id = :clinic_id AND client_id = ANY(:ids)"
    "  AND day >= :first AND outcome <> 'skipped' AND deleted_at IS NULL ORDER BY day, written_at"
)
_LOGS = text(
    "SELECT client_id, day, 'exercise' AS what, outcome <> 'skipped' AS done FROM exercise_session "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND day >= :first AND deleted_at IS NULL "
    "UNION SELECT client_id, day, 'habit', true FROM habit_mark "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND day >= :first AND deleted_at IS NULL "
    "UNION SELECT client_id, day, 'check_in', false FROM pain_entry "
    "WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND day >= :first AND deleted_at IS NULL"
)


_PRESENT = text(
    "SELECT COALESCE(r.rung, 0) AS rung, r.texts_a_week, r.ask_days, r.stepped_on, r.rung_on, r.moved_from, r.moved_on,"
    "  COALESCE(r.wants_daily, false) AS daily,"
    "  EXISTS (SELECT 1 FROM red_flag f WHERE f.clinic_id = c.clinic_id AND f.client_id = c.id"
    "    AND f.closed_at IS NULL AND f.deleted_at IS NULL) AS red_flag_open,"
    "  (SELECT max(p.flare_until) FROM pain_entry p WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id"
    "    AND p.day >= :since AND p.deleted_at IS NULL) AS flare_until "
    "FROM client c LEFT JOIN reminder_rhythm r ON r.clinic_id = c.clinic_id AND r.client_id = c.id "
    "WHERE c.clinic_id = :clinic_id AND c.id = :client_id"
)


@dataclass(frozen=True, slots=True)
class Present:
    """How a client is asked now, for whoever may read it."""

    rung: int
    texts_a_week: int | None
    ask_days: int | None
    stepped_on: date | None
    rung_on: date | None
    moved_from: time | None
    moved_on: date | None
    daily: bool
    red_flag_open: bool
    flare_until: datetime | None

    def asking(self, now: datetime) -> Asking:
        return asking(
            red_flag_open=self.red_flag_open,
            rung=self.rung,
            flare_until=self.flare_until,
            texts_a_week=self.texts_a_week,
            daily=self.daily,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Awake:
    """A client whose rhythm is to be looked at now, locked."""

    client_id: UUID
    morning_on: date | None
    evening_on: date | None
    texts_a_week: int | None
    stepped_on: date | None
    wants_daily: bool
    rung: int
    rung_on: date | None
    heard_on: date | None
    asked_why_on: date | None
    moved_on: date | None
    keeps_time: bool
    zone: str
    locale: str
    quiet_from: time
    quiet_until: time
    fresh_start: bool
    week_text: bool


@dataclass(frozen=True, slots=True)
class Running:
    """A reminder that has not ended. `kind` orders them: what is said about the rhythm comes from the plan's."""

    id: UUID
    kind: str
    channels: Sequence[str]
    paused_until: date | None
    local_times: Sequence[time]


@dataclass(frozen=True, slots=True)
class Written:
    """A ledger row of the last days."""

    id: UUID
    reminder_id: UUID
    kind: str
    day: date
    slot: int
    due_at: datetime
    state: str
    has_message: bool


@dataclass(frozen=True, slots=True)
class History:
    """`done`: by kind of log, the days on which it was done; `told`: every day on which anything was told.
    `changed_by`: by the first day of a changed plan, the name of whoever changed it.
    `written_at`: when exercise was written down, lately, in order. `waiting`: since when one-off fixes wait to be
    looked at again."""

    stretches: Sequence[Stretch] = ()
    done: Mapping[str, Collection[date]] = field(default_factory=dict)
    told: Collection[date] = ()
    reminders: Sequence[Running] = ()
    moments: Sequence[Written] = ()
    changed_by: Mapping[date, str] = field(default_factory=dict)
    written_at: Sequence[datetime] = ()
    waiting: Sequence[date] = ()

    @property
    def speaker(self) -> Running | None:
        """The reminder by which a word about the rhythm goes out."""
        order = ("plan", "check_in", "habit")
        return min(self.reminders, key=lambda one: order.index(one.kind), default=None)

    @property
    def asked_again(self) -> list[Written]:
        """What was put off and is not written yet."""
        waiting = [m for m in self.moments if m.slot == Extra.AGAIN and m.state == "queued" and not m.has_message]
        running = {reminder.id for reminder in self.reminders}
        return [moment for moment in waiting if moment.reminder_id in running]

    def asks_on(self, day: date) -> bool:
        return bool(self._asked(day, day))

    def past(self, today: date) -> Past:
        exercises = any(stretch.cadences for stretch in self.stretches)
        return Past(
            planned=sorted(self._asked(today - LOOK_BACK, today - DAY)),
            kept=self.done.get("exercise" if exercises else "habit", ()),
            logged=self.told,
            weekdays=sorted({day.weekday() for day in self._asked(today, today + DAY * (DAYS_A_WEEK - 1))}),
        )

    def _asked(self, first: date, last: date) -> set[date]:
        return days_asked(self.stretches, first, last, self.done.get("exercise", ()), habits=True)


async def clinics_to_look_at(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS, {"now": now})).scalars())


async def present(session: ClinicSession, client_id: UUID, today: date) -> Present:
    values = {"clinic_id": session.clinic_id, "client_id": client_id, "since": today - DAY}
    return Present(**(await session.execute(_PRESENT, values)).one()._mapping)


async def awake(session: ClinicSession, now: datetime, most: int) -> list[Awake]:
    rows = await session.execute(_AWAKE, {"clinic_id": session.clinic_id, "now": now, "most": most})
    return [Awake(**row._mapping) for row in rows]


async def histories(session: ClinicSession, people: Collection[Awake], now: datetime) -> dict[UUID, History]:
    ids = [person.client_id for person in people]
    # A day before the first of anybody's: whoever is behind UTC is so by less than that.
    first = now.date() - LOOK_BACK - DAY
    stretches = await stretches_of(session, ids)
    logs = await _by_client(session, _LOGS, ids, first=first)
    running = await _by_client(session, _RUNNING, ids)
    changed = await _by_client(session, _CHANGED, ids, first=now.date() - 3 * DAY)
    written = await _by_client(session, _LOG_TIMES, ids, first=now.date() - LOG_TIMES_WITHIN)
    days = {person.client_id: local_day(now, person.zone) for person in people}
    waiting = await rechecks_waiting(session, days.items())
    moments = await _by_client(session, _MOMENTS, ids, since=now - DAY * (DAYS_A_WEEK + 1))
    return {
        key: History(
            stretches=stretches[key],
            done=_done(logs[key]),
            told={row.day for row in logs[key]},
            reminders=[Running(r.id, r.kind, r.channels, r.paused_until, r.local_times) for r in running[key]],
            moments=[_moment(row) for row in moments[key]],
            written_at=[row.written_at for row in written[key]],
            changed_by={row.starts_on: row.name for row in changed[key]},
            waiting=waiting.get((key, days[key]), ()),
        )
        for key in ids
    }


async def _by_client(session: ClinicSession, statement: Any, ids: list[UUID], **values: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in await session.execute(statement, {"clinic_id": session.clinic_id, "ids": ids, **values}):
        found[row.client_id].append(row)
    return found


def _done(logs: Iterable[Any]) -> dict[str, set[date]]:
    done: dict[str, set[date]] = defaultdict(set)
    for row in logs:
        if row.done:
            done[row.what].add(row.day)
    return done


def _moment(row: Any) -> Written:
    return Written(row.id, row.reminder_id, row.kind, row.day, row.slot, row.due_at, row.state, row.has_message)
