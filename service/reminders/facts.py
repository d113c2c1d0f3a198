"""What is true about many due moments at once. The notifier may know that something was logged on a day, never what:
its statements name the columns it is allowed to see, and each reads for a whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text

from service.accounts.tables import ContactPoint
from service.database.rows import as_rows, uuids
from service.database.sealing import opened, packed
from service.database.tenancy import ClinicSession
from service.plans.asking import asked_and_told
from service.plans.queries import cadence_of
from service.plans.rules import active_version, due_on, is_paused
from service.reminders.rechecks import rechecks_waiting
from service.reminders.rules import Asked, local_to_utc

# A message is made at most a quarter of an hour before it may go and is over within a day: what was made before
# cannot have been sent in the days that are counted.
_MADE_BEFORE: Final = timedelta(days=2)

_FACTS = text(
    # Nothing in it comes from outside.
    "WITH asked AS MATERIALIZED (SELECT *"  # noqa: S608
    "  FROM jsonb_to_recordset(CAST(:moments AS jsonb)) AS m(key uuid,"
    "  client_id uuid, contact_point_id uuid, day date, day_starts_at timestamptz, week_starts_at timestamptz,"
    "  reminder_id uuid)) "
    "SELECT a.key, a.day, c.zone, c.locale, cl.short_name, cl.phone AS clinic_phone, cl.emergency_number, cl.sms_from,"
    "  cl.mail_from, cl.live_at, COALESCE(c.quiet_from, cl.quiet_from), COALESCE(c.quiet_until, cl.quiet_until),"
    "  cl.texts_per_day, cl.texts_per_week,"
    f"  {packed(ContactPoint, 'address', 'cp')}, cp.opted_out_at IS NOT NULL AS opted_out,"
    "  EXISTS (SELECT 1 FROM consent s WHERE s.clinic_id = c.clinic_id AND s.client_id = c.id"
    "    AND s.channel = cp.channel AND s.withdrawn_at IS NULL) AS consented,"
    "  EXISTS (SELECT 1 FROM pain_entry p WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id"
    "    AND p.day = a.day AND p.deleted_at IS NULL) AS checked_in,"
    "  (SELECT s.outcome FROM exercise_session s WHERE s.clinic_id = c.clinic_id AND s.client_id = c.id"
    "    AND s.day = a.day AND s.deleted_at IS NULL LIMIT 1) AS session_outcome,"
    "  (SELECT count(*) FROM habit_mark h WHERE h.clinic_id = c.clinic_id AND h.client_id = c.id"
    "    AND h.day = a.day AND h.deleted_at IS NULL) AS habits_marked,"
    "  sends.today AS sent_today, sends.this_week AS sent_this_week, sends.in_24_h AS sent_in_24_h,"
    "  previous.accepted_at AS previous_at, previous.zone AS previous_zone,"
    "  EXISTS (SELECT 1 FROM red_flag f WHERE f.clinic_id = c.clinic_id AND f.client_id = c.id"
    "    AND f.closed_at IS NULL AND f.deleted_at IS NULL) AS red_flag_open,"
    "  (SELECT max(p.flare_until) FROM pain_entry p WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id"
    "    AND p.day >= a.day - 1 AND p.deleted_at IS NULL) AS flare_until,"
    "  COALESCE(rr.ask_days, 127) AS asked_on, COALESCE(rr.rung, 0) >= 10 AS silent,"
    "  r.ended_at IS NOT NULL AS reminder_ended, COALESCE(r.paused_until >= a.day, false) AS reminder_paused "
    "FROM asked a "
    "JOIN client c ON c.clinic_id = :clinic_id AND c.id = a.client_id "
    "JOIN clinic cl ON cl.clinic_id = :clinic_id "
    "JOIN contact_point cp ON cp.clinic_id = :clinic_id AND cp.id = a.contact_point_id AND cp.client_id = c.id "
    "LEFT JOIN reminder r ON r.clinic_id = :clinic_id AND r.id = a.reminder_id "
    "LEFT JOIN reminder_rhythm rr ON rr.clinic_id = :clinic_id AND rr.client_id = a.client_id "
    "LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE m.accepted_at >= a.day_starts_at"
    "    AND m.state <> 'undelivered') AS today,"
    "  count(*) FILTER (WHERE m.accepted_at >= a.week_starts_at AND m.state <> 'undelivered') AS this_week,"
    "  count(*) FILTER (WHERE m.accepted_at >= :day_before AND m.channel = 'sms'"
    "    AND m.contact_point_id = a.contact_point_id) AS in_24_h"
    "  FROM message m WHERE m.clinic_id = :clinic_id AND m.client_id = a.client_id AND m.occurrence_id IS NOT NULL"
    "  AND m.accepted_at IS NOT NULL AND m.created_at >= a.week_starts_at - CAST(:made_before AS interval)) sends"
    "  ON true "
    "LEFT JOIN LATERAL (SELECT m.accepted_at, o.zone FROM occurrence o"
    "  JOIN message m ON m.clinic_id = o.clinic_id AND m.occurrence_id = o.id"
    "  WHERE o.clinic_id = :clinic_id AND o.reminder_id = a.reminder_id AND o.day >= a.day - 2"
    "  AND m.accepted_at IS NOT NULL ORDER BY m.accepted_at DESC LIMIT 1) previous ON true"
)

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


@dataclass(frozen=True, slots=True)
class Moment:
    """Something to decide about: whom it would reach and where, and for which local day.

    `key` is the caller's own; `reminder_id` is that of its reminder, None for what is no reminder; `kind` is what a
    reminder asks for, None for a word about the reminders.
    """

    key: UUID
    client_id: UUID
    contact_point_id: UUID
    day: date
    day_starts_at: datetime
    kind: Asked | None = None
    reminder_id: UUID | None = None


def start_of(day: date, zone: str, now: datetime) -> datetime:
    """When a local day begins; `now` where the local calendar leaves it out. KeyError: there is no such zone."""
    return local_to_utc(day, time(0), zone) or now


@dataclass(frozen=True, slots=True)
class PlanState:
    """Whether the plan runs on the day and asks for exercise. Without any plan, check-ins still go on.
    `asked_habits`: how many habits are asked that day, None for a plan without any; `waiting`: one-off fixes to be
    looked at again."""

    state: Literal["active", "paused", "ended"] = "active"
    rest_day: bool = True
    asked_habits: int | None = None
    told_habits: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a client and one address, for deciding and for writing the message.

    `day` is the moment's; `asked_on` is the mask of the weekdays that are asked about; `silent`: until they are back.
    `previous_at`, `previous_zone`: when this reminder was last sent within the last two days, and for which zone.
    """

    plan: PlanState
    day: date
    zone: str
    locale: str
    short_name: str
    clinic_phone: str
    emergency_number: str
    sms_from: str | None
    mail_from: str | None
    live_at: datetime | None
    quiet_from: time
    quiet_until: time
    texts_per_day: int
    texts_per_week: int
    sealed_address: str
    opted_out: bool
    consented: bool
    checked_in: bool
    session_outcome: str | None
    habits_marked: int
    sent_today: int
    sent_this_week: int
    sent_in_24_h: int
    previous_at: datetime | None
    previous_zone: str | None
    red_flag_open: bool
    flare_until: datetime | None
    asked_on: int
    silent: bool
    reminder_ended: bool
    reminder_paused: bool

    @property
    def address(self) -> str:
        """Opened for whoever writes to it; who only decides has no use for it."""
        return str(opened(ContactPoint, "address", self.sealed_address))


async def facts(session: ClinicSession, moments: Sequence[Moment], now: datetime) -> dict[UUID, Facts]:
    """By the moments' keys, in as many statements for one as for a thousand. An address that is not the client's, and
    whoever is not in this clinic, is left out."""
    if not moments:
        return {}
    plans = await _plan_states(session, moments)
    rows = await session.execute(_FACTS, _asked(session.clinic_id, moments, now))
    return {row.key: Facts(plans.get(row.key, PlanState()), *row[1:]) for row in rows}


def _asked(clinic_id: UUID, moments: Sequence[Moment], now: datetime) -> dict[str, Any]:
    return {
        "clinic_id": clinic_id,
        "moments": as_rows(
            {
                "key": moment.key,
                "client_id": moment.client_id,
                "contact_point_id": moment.contact_point_id,
                "day": moment.day,
                "day_starts_at": moment.day_starts_at,
                "week_starts_at": moment.day_starts_at - timedelta(days=moment.day.weekday()),
                "reminder_id": moment.reminder_id,
            }
            for moment in moments
        ),
        "day_before": now - timedelta(days=1),
        "made_before": _MADE_BEFORE,
    }


async def _plan_states(session: ClinicSession, moments: Sequence[Moment]) -> dict[UUID, PlanState]:
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
            states[moment.key] = PlanState("ended" if begun else "active")
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
