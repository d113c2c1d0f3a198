"""Reads about reminders. The notifier may know that something was logged on a day, never what: its statements
name the columns it is allowed to see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.plans.queries import cadence_of
from service.plans.rules import active_version, due_on
from service.plans.tables import PlanItem
from service.reminders.recurrence import Rule, rule_of
from service.reminders.rules import Reason
from service.reminders.tables import Reminder

_CLINICS_TO_PLAN = text(
    "SELECT clinic_id FROM reminder_clock WHERE next_at <= :horizon GROUP BY clinic_id ORDER BY min(next_at)"
)

_DUE = text(
    "SELECT k.reminder_id, k.next_at, r.client_id, r.kind, r.local_times, r.slots, r.weekdays, r.every_days,"
    "  r.times_per_week, r.channels, r.starts_on, r.ends_on, r.except_on, r.paused_until,"
    "  r.anchor, c.zone, c.locale, cl.quiet_from, cl.quiet_until "
    "FROM reminder_clock k "
    "JOIN reminder r ON r.clinic_id = k.clinic_id AND r.id = k.reminder_id "
    "JOIN client c ON c.clinic_id = r.clinic_id AND c.id = r.client_id "
    "JOIN clinic cl ON cl.clinic_id = k.clinic_id "
    "WHERE k.clinic_id = :clinic_id AND k.next_at <= :horizon "
    "ORDER BY k.next_at LIMIT :most FOR UPDATE OF k SKIP LOCKED"
)

_FACTS = text(
    "SELECT c.zone, c.locale, cl.short_name, cl.phone AS clinic_phone, cl.emergency_number, cl.sms_from, cl.mail_from,"
    "  cl.quiet_from, cl.quiet_until, cl.texts_per_day, cl.texts_per_week,"
    "  cp.address, cp.opted_out_at IS NOT NULL AS opted_out,"
    "  EXISTS (SELECT 1 FROM consent s WHERE s.clinic_id = c.clinic_id AND s.client_id = c.id"
    "    AND s.channel = cp.channel AND s.withdrawn_at IS NULL) AS consented,"
    "  EXISTS (SELECT 1 FROM pain_entry p WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id"
    "    AND p.day = :day AND p.deleted_at IS NULL) AS checked_in,"
    "  (SELECT s.outcome FROM exercise_session s WHERE s.clinic_id = c.clinic_id AND s.client_id = c.id"
    "    AND s.day = :day AND s.deleted_at IS NULL LIMIT 1) AS session_outcome,"
    "  (SELECT count(DISTINCT h.habit_key) FROM habit_mark h WHERE h.clinic_id = c.clinic_id AND h.client_id = c.id"
    "    AND h.day = :day AND h.deleted_at IS NULL) AS habits_marked,"
    "  (SELECT count(*) FROM message m WHERE m.clinic_id = c.clinic_id AND m.client_id = c.id"
    "    AND m.occurrence_id IS NOT NULL AND m.accepted_at >= :day_starts_at) AS sent_today,"
    "  (SELECT count(*) FROM message m WHERE m.clinic_id = c.clinic_id AND m.client_id = c.id"
    "    AND m.occurrence_id IS NOT NULL AND m.accepted_at >= :week_starts_at) AS sent_this_week,"
    "  (SELECT count(*) FROM message m WHERE m.clinic_id = c.clinic_id AND m.contact_point_id = cp.id"
    "    AND m.channel = 'sms' AND m.occurrence_id IS NOT NULL AND m.accepted_at >= :day_before) AS sent_in_24_h,"
    "  EXISTS (SELECT 1 FROM red_flag f WHERE f.clinic_id = c.clinic_id AND f.client_id = c.id"
    "    AND f.closed_at IS NULL AND f.deleted_at IS NULL) AS red_flag_open,"
    "  (SELECT max(p.flare_until) FROM pain_entry p WHERE p.clinic_id = c.clinic_id AND p.client_id = c.id"
    "    AND p.day >= CAST(:day AS date) - 1 AND p.deleted_at IS NULL) AS flare_until,"
    "  COALESCE(rr.ask_days, 127) AS asked_on, COALESCE(rr.rung, 0) >= 10 AS silent "
    "FROM client c JOIN clinic cl ON cl.clinic_id = c.clinic_id "
    "LEFT JOIN reminder_rhythm rr ON rr.clinic_id = c.clinic_id AND rr.client_id = c.id "
    "JOIN contact_point cp ON cp.clinic_id = c.clinic_id AND cp.client_id = c.id AND cp.id = :contact_point_id "
    "WHERE c.clinic_id = :clinic_id AND c.id = :client_id"
)

_PREVIOUS = text(
    "SELECT m.accepted_at, o.zone FROM occurrence o "
    "JOIN message m ON m.clinic_id = o.clinic_id AND m.occurrence_id = o.id "
    "WHERE o.clinic_id = :clinic_id AND o.reminder_id = :reminder_id AND m.accepted_at IS NOT NULL "
    "ORDER BY m.accepted_at DESC LIMIT 1"
)

_VERSIONS = text(
    "SELECT v.id, v.plan_id, v.number, v.starts_on, p.ended_on FROM plan_version v "
    "JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id "
    "WHERE v.clinic_id = :clinic_id AND v.client_id = :client_id"
)
_ITEMS = text(
    "SELECT cadence, weekdays, times_per_week, every_days, times_per_day FROM plan_item "
    "WHERE clinic_id = :clinic_id AND plan_version_id = :version_id AND deleted_at IS NULL"
)
_HABITS = text(
    "SELECT count(*) FROM plan_habit WHERE clinic_id = :clinic_id AND plan_version_id = :version_id "
    "AND cadence = 'daily' AND deleted_at IS NULL"
)
_PAUSES = text(
    "SELECT from_day, until_day FROM plan_pause WHERE clinic_id = :clinic_id AND plan_id = :plan_id "
    "AND deleted_at IS NULL"
)
_DONE_DAYS = text(
    "SELECT DISTINCT day FROM exercise_session WHERE clinic_id = :clinic_id AND client_id = :client_id "
    "AND day BETWEEN :first AND :last AND outcome <> 'skipped' AND deleted_at IS NULL"
)

_LEDGER = text(
    "SELECT o.id, o.kind, o.day, o.slot, o.due_at, o.zone, o.state, o.reason, o.channel, m.sent_at,"
    "  m.state AS message_state, m.id AS message_id,"
    "  CASE o.kind"
    "    WHEN 'check_in' THEN (SELECT min(p.received_at) FROM pain_entry p WHERE p.clinic_id = o.clinic_id"
    "      AND p.client_id = o.client_id AND p.day = o.day AND p.deleted_at IS NULL)"
    "    WHEN 'plan' THEN (SELECT min(s.received_at) FROM exercise_session s WHERE s.clinic_id = o.clinic_id"
    "      AND s.client_id = o.client_id AND s.day = o.day AND s.deleted_at IS NULL)"
    "    ELSE (SELECT min(h.received_at) FROM habit_mark h WHERE h.clinic_id = o.clinic_id"
    "      AND h.client_id = o.client_id AND h.day = o.day AND h.deleted_at IS NULL)"
    "  END AS logged_at "
    "FROM occurrence o "
    "LEFT JOIN LATERAL (SELECT x.id, x.state, COALESCE((SELECT min(a.started_at) FROM attempt a"
    "  WHERE a.clinic_id = x.clinic_id AND a.message_id = x.id AND x.accepted_at IS NOT NULL),"
    "  x.accepted_at) AS sent_at FROM message x WHERE x.clinic_id = o.clinic_id AND x.occurrence_id = o.id"
    "  ORDER BY x.created_at DESC LIMIT 1) m ON true "
    "WHERE o.clinic_id = :clinic_id AND o.client_id = :client_id AND o.day BETWEEN :first AND :last "
    "ORDER BY o.due_at DESC, o.id DESC"
)


@dataclass(frozen=True, slots=True)
class DueReminder:
    reminder_id: UUID
    next_at: datetime
    client_id: UUID
    kind: Literal["check_in", "plan", "habit"]
    local_times: list[time]
    slots: list[int]
    weekdays: int | None
    every_days: int | None
    times_per_week: int | None
    channels: list[str]
    starts_on: date
    ends_on: date | None
    except_on: list[date]
    paused_until: date | None
    anchor: str | None
    zone: str
    locale: str
    quiet_from: time
    quiet_until: time

    @property
    def rule(self) -> Rule:
        return rule_of(self)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a client and one address, for deciding and for writing the message."""

    zone: str
    locale: str
    short_name: str
    clinic_phone: str
    emergency_number: str
    sms_from: str | None
    mail_from: str | None
    quiet_from: time
    quiet_until: time
    texts_per_day: int
    texts_per_week: int
    address: str
    opted_out: bool
    consented: bool
    checked_in: bool
    session_outcome: str | None
    habits_marked: int
    sent_today: int
    sent_this_week: int
    sent_in_24_h: int
    red_flag_open: bool
    flare_until: datetime | None
    asked_on: int
    silent: bool


@dataclass(frozen=True, slots=True)
class PlanState:
    state: Literal["active", "paused", "ended"]
    rest_day: bool
    daily_habits: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    id: UUID
    kind: str
    day: date
    slot: int
    due_at: datetime
    zone: str
    state: str
    reason: str | None
    channel: str | None
    sent_at: datetime | None
    message_state: str | None
    message_id: UUID | None
    logged_at: datetime | None

    @property
    def answered_at(self) -> datetime | None:
        """The first log of this kind on this day, when it came after the message."""
        if self.state != "sent" or self.logged_at is None or self.sent_at is None:
            return None
        return self.logged_at if self.logged_at >= self.sent_at else None

    @property
    def outcome(self) -> str:
        """The stored state, or `answered`."""
        return self.state if self.answered_at is None else "answered"

    @property
    def words(self) -> str:
        """The msgid that tells a person what became of this moment."""
        if self.reason is not None:
            return Reason(self.reason).msgid
        if self.answered_at is not None:
            return "Sent and answered."
        if self.state == "sent":
            return _SENT.get(self.message_state or "", "Sent. No answer yet.")
        return _WAITING.get(self.message_state or "", "Waits for its time.")


_SENT = {"delivered": "Delivered. No answer yet.", "undelivered": Reason.UNREACHABLE.msgid}
_WAITING = {"in_flight": "On its way.", "uncertain": "Not known yet if it went out. We are finding out."}


async def clinics_to_plan(connection: AsyncConnection, horizon: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS_TO_PLAN, {"horizon": horizon})).scalars())


async def due_reminders(session: ClinicSession, horizon: datetime, most: int) -> list[DueReminder]:
    rows = await session.execute(_DUE, {"clinic_id": session.clinic_id, "horizon": horizon, "most": most})
    return [DueReminder(**row._mapping) for row in rows]


async def facts(
    session: ClinicSession,
    client_id: UUID,
    contact_point_id: UUID,
    day: date,
    day_starts_at: datetime,
    now: datetime,
) -> Facts:
    values = {
        "clinic_id": session.clinic_id,
        "client_id": client_id,
        "contact_point_id": contact_point_id,
        "day": day,
        "day_starts_at": day_starts_at,
        "week_starts_at": day_starts_at - timedelta(days=day.weekday()),
        "day_before": now - timedelta(days=1),
    }
    return Facts(**(await session.execute(_FACTS, values)).one()._mapping)


async def previous_send(session: ClinicSession, reminder_id: UUID) -> tuple[datetime, str] | None:
    """When this reminder was last sent, and for which zone."""
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id}
    row = (await session.execute(_PREVIOUS, values)).one_or_none()
    return (row.accepted_at, row.zone) if row else None


async def plan_state(session: ClinicSession, client_id: UUID, day: date) -> PlanState:
    """Whether the plan runs on a day and asks for exercise. Without any plan, check-ins still go on."""
    values = {"clinic_id": session.clinic_id, "client_id": client_id}
    versions = (await session.execute(_VERSIONS, values)).all()
    version = active_version([v for v in versions if v.ended_on is None or day <= v.ended_on], day)
    if version is None:
        return PlanState("ended" if active_version(versions, day) else "active", rest_day=True, daily_habits=0)
    pauses = (await session.execute(_PAUSES, {"clinic_id": session.clinic_id, "plan_id": version.plan_id})).all()
    in_version = {"clinic_id": session.clinic_id, "version_id": version.id}
    paused = any(p.from_day <= day and (p.until_day is None or day <= p.until_day) for p in pauses)
    items = [PlanItem(**row._mapping) for row in await session.execute(_ITEMS, in_version)]
    done = await _done_days(session, client_id, day)
    due = any(due_on(cadence_of(i, version.starts_on), day, version.starts_on, logged=done) for i in items)
    habits = await session.scalar(_HABITS, in_version)
    return PlanState("paused" if paused else "active", rest_day=not due, daily_habits=habits or 0)


async def _done_days(session: ClinicSession, client_id: UUID, day: date) -> set[date]:
    monday = day - timedelta(days=day.weekday())
    values = {"clinic_id": session.clinic_id, "client_id": client_id, "first": monday, "last": day}
    return set((await session.execute(_DONE_DAYS, values)).scalars())


async def reminders(session: ClinicSession, client_id: UUID) -> list[Reminder]:
    statement = (
        select(Reminder)
        .where(
            col(Reminder.clinic_id) == session.clinic_id,
            col(Reminder.client_id) == client_id,
            col(Reminder.ended_at).is_(None),
        )
        .order_by(col(Reminder.kind))
    )
    return list((await session.scalars(statement)).all())


async def ledger(session: ClinicSession, client_id: UUID, first: date, last: date) -> list[LedgerLine]:
    """Every due moment of those local days with what became of it, newest first."""
    values = {"clinic_id": session.clinic_id, "client_id": client_id, "first": first, "last": last}
    return [LedgerLine(**row._mapping) for row in await session.execute(_LEDGER, values)]
