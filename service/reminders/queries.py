"""Reads about reminders: which come due, which a client has, and the ledger."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.reminders.reasons import Reason
from service.reminders.recurrence import Rule, rule_of
from service.reminders.tables import Reminder

_CLINICS_TO_PLAN = text(
    "SELECT clinic_id FROM reminder_clock WHERE next_at <= :horizon GROUP BY clinic_id ORDER BY min(next_at)"
)

_DUE = text(
    "SELECT k.reminder_id, k.next_at, r.client_id, r.kind, r.local_times, r.slots, r.weekdays, r.every_days,"
    "  r.times_per_week, r.channels, r.starts_on, r.ends_on, r.except_on, r.paused_until,"
    "  r.anchor, c.zone, c.locale, COALESCE(c.quiet_from, cl.quiet_from) AS quiet_from,"
    "  COALESCE(c.quiet_until, cl.quiet_until) AS quiet_until "
    "FROM reminder_clock k "
    "JOIN reminder r ON r.clinic_id = k.clinic_id AND r.id = k.reminder_id "
    "JOIN client c ON c.clinic_id = r.clinic_id AND c.id = r.client_id "
    "JOIN clinic cl ON cl.clinic_id = k.clinic_id "
    "WHERE k.clinic_id = :clinic_id AND k.next_at <= :horizon AND r.ended_at IS NULL "
    # The wish too: one that is being changed or ended is left to the next tick. Read beside a clock that has moved
    # since, an old wish would be planned once more, or the new one wound past its time.
    "ORDER BY k.next_at LIMIT :most FOR UPDATE OF k SKIP LOCKED FOR SHARE OF r SKIP LOCKED"
)

_LEDGER = text(
    "SELECT o.id, o.kind, o.day, o.slot, o.due_at, o.zone, o.state, o.reason, o.channel, m.sent_at,"
    "  m.state AS message_state, m.id AS message_id, f.channel AS first_channel, f.reason AS first_reason,"
    "  CASE o.kind"
    "    WHEN 'check_in' THEN (SELECT min(p.received_at) FROM pain_entry p WHERE p.clinic_id = o.clinic_id"
    "      AND p.client_id = o.client_id AND p.day = o.day AND p.deleted_at IS NULL)"
    "    WHEN 'plan' THEN (SELECT min(s.received_at) FROM exercise_session s WHERE s.clinic_id = o.clinic_id"
    "      AND s.client_id = o.client_id AND s.day = o.day AND s.deleted_at IS NULL)"
    "    WHEN 'fix' THEN (SELECT min(r.received_at) FROM fix_report r WHERE r.clinic_id = o.clinic_id"
    "      AND r.client_id = o.client_id AND r.day = o.day AND r.told = 'check' AND r.deleted_at IS NULL)"
    "    ELSE (SELECT min(h.received_at) FROM habit_mark h WHERE h.clinic_id = o.clinic_id"
    "      AND h.client_id = o.client_id AND h.day = o.day AND h.deleted_at IS NULL)"
    "  END AS logged_at "
    "FROM occurrence o "
    "LEFT JOIN LATERAL (SELECT x.id, x.state, COALESCE((SELECT min(a.started_at) FROM attempt a"
    "  WHERE a.clinic_id = x.clinic_id AND a.message_id = x.id AND x.accepted_at IS NOT NULL),"
    "  x.accepted_at) AS sent_at FROM message x WHERE x.clinic_id = o.clinic_id AND x.occurrence_id = o.id"
    "  ORDER BY x.accepted_at IS NULL, x.created_at DESC LIMIT 1) m ON true "
    "LEFT JOIN LATERAL (SELECT x.channel, x.reason FROM message x WHERE x.clinic_id = o.clinic_id"
    "  AND x.occurrence_id = o.id AND x.id <> m.id AND x.state IN ('failed', 'undelivered') LIMIT 1) f ON true "
    "WHERE o.clinic_id = :clinic_id AND o.client_id = :client_id AND o.day BETWEEN :first AND :last "
    "ORDER BY o.due_at DESC, o.id DESC"
)


class DueReminder(Struct, frozen=True):
    """In the order of the statement."""

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
    first_channel: str | None
    first_reason: str | None
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

    @property
    def first_try(self) -> str | None:
        """The msgid of what became of another channel that was tried before the one shown."""
        return Reason(self.first_reason).msgid if self.first_reason is not None else None


_SENT = {"delivered": "Delivered. No answer yet.", "undelivered": Reason.UNREACHABLE.msgid}
_WAITING = {"in_flight": "On its way.", "uncertain": "Not known yet if it went out. We are finding out."}


async def clinics_to_plan(connection: AsyncConnection, horizon: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS_TO_PLAN, {"horizon": horizon})).scalars())


async def due_reminders(session: ClinicSession, horizon: datetime, most: int) -> list[DueReminder]:
    rows = await session.execute(_DUE, {"clinic_id": session.clinic_id, "horizon": horizon, "most": most})
    return [DueReminder(*row) for row in rows]


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


async def ended_last(session: ClinicSession, client_id: UUID) -> list[Reminder]:
    """Those that ended together, the last time that any did: what somebody had who has none now."""
    statement = (
        select(Reminder)
        .where(
            col(Reminder.clinic_id) == session.clinic_id,
            col(Reminder.client_id) == client_id,
            col(Reminder.ended_at).is_not(None),
        )
        .order_by(col(Reminder.ended_at).desc(), col(Reminder.kind))
    )
    found = list((await session.scalars(statement)).all())
    return [reminder for reminder in found if reminder.ended_at == found[0].ended_at]


async def ledger(session: ClinicSession, client_id: UUID, first: date, last: date) -> list[LedgerLine]:
    """Every due moment of those local days with what became of it, newest first."""
    values = {"clinic_id": session.clinic_id, "client_id": client_id, "first": first, "last": last}
    return [LedgerLine(**row._mapping) for row in await session.execute(_LEDGER, values)]
