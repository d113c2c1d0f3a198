"""Tick: reminders that come due soon become ledger rows and queued messages, clinic by clinic.

The lead means that a burst at 8:00 is queued at 8:00. Cost grows with what is due, never with how many clients exist.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from scheduler.deciding import facts_at, reasons_against
from scheduler.failpoints import reach
from scheduler.queueing import queue_reminder
from scheduler.rounds import each_clinic
from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.outbox.actions import Outgoing
from service.outbox.rules import MessageKind
from service.reminders import queries
from service.reminders.actions import add_occurrence, wind_clock
from service.reminders.queries import DueReminder
from service.reminders.recurrence import due_slots, next_slot
from service.reminders.rules import Reason, Skip, Slot, Window, dedupe_key, window

LEAD = timedelta(minutes=45)
"""Longer than two texts may be apart that become one (`bundling`), so that the later is queued when the first goes."""

BATCH = 200
_JUST_BEFORE = timedelta(microseconds=1)

logger = logging.getLogger("clamshell.planner")


@dataclass(frozen=True, slots=True)
class Planner:
    database: Database
    secret_key: str

    async def tick(self) -> int:
        """Plans everything due within the lead; returns how many due moments were written."""
        horizon = utc_now() + LEAD
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await queries.clinics_to_plan(connection, horizon)
        return sum(await each_clinic(clinics, partial(self._plan_clinic, horizon=horizon)))

    async def _plan_clinic(self, clinic_id: UUID, horizon: datetime) -> int:
        planned = 0
        while True:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                due = await queries.due_reminders(session, horizon, BATCH)
                moved = [await self._plan_or_leave(session, reminder, horizon) for reminder in due]
                reach("planning")
            reach("planned")
            planned += sum(count for count in moved if count is not None)
            if len(due) < BATCH or set(moved) == {None}:
                return planned

    async def _plan_or_leave(self, session: ClinicSession, reminder: DueReminder, horizon: datetime) -> int | None:
        """None for a reminder that cannot be planned: it is logged and left, and holds up none of the others."""
        try:
            async with session.begin_nested():
                return await self._plan(session, reminder, horizon)
        except SQLAlchemyError:
            raise
        except Exception:
            logger.exception("reminder %s cannot be planned", reminder.reminder_id)
            return None

    async def _plan(self, session: ClinicSession, reminder: DueReminder, horizon: datetime) -> int:
        rule = reminder.rule
        slots = due_slots(rule, reminder.zone, reminder.next_at - _JUST_BEFORE, horizon)
        missed = _missed(reminder, slots, utc_now())
        planned = 0
        for slot in slots:
            skip = Skip(Reason.OUTAGE) if slot in missed else None
            planned += await self._plan_slot(session, reminder, slot, skip)
        following = next_slot(rule, reminder.zone, slots[-1].at if slots else horizon)
        await wind_clock(session, reminder.reminder_id, following.at if following else None)
        return planned

    async def _plan_slot(self, session: ClinicSession, reminder: DueReminder, slot: Slot, skip: Skip | None) -> int:
        now = utc_now()
        when = skip or window(slot, reminder.zone, reminder.quiet_from, reminder.quiet_until)
        if isinstance(when, Skip):
            return await _write(session, reminder, slot, when, None, now) is not None
        point = await _address(session, reminder)
        if point is None:
            return await _write(session, reminder, slot, Skip(Reason.NO_CONSENT), None, now) is not None
        against = await self._against(session, reminder, slot, when, point, now)
        occurrence_id = await _write(session, reminder, slot, against, point.channel, now)
        if occurrence_id is not None and against is None:
            await self._queue(session, reminder, slot, when, point, occurrence_id, now)
        return occurrence_id is not None

    async def _against(
        self,
        session: ClinicSession,
        reminder: DueReminder,
        slot: Slot,
        when: Window,
        point: ContactPoint,
        now: datetime,
    ) -> Skip | None:
        known = await facts_at(session, reminder.client_id, point.id, slot.day, reminder.zone, now)
        return await reasons_against(
            session,
            known,
            client_id=reminder.client_id,
            reminder_id=reminder.reminder_id,
            kind=reminder.kind,
            day=slot.day,
            at=max(when.opens_at, now),
            expires_at=when.closes_at,
        )

    async def _queue(
        self,
        session: ClinicSession,
        reminder: DueReminder,
        slot: Slot,
        when: Window,
        point: ContactPoint,
        occurrence_id: UUID,
        now: datetime,
    ) -> None:
        anchored = reminder.kind == "plan" and reminder.anchor is not None
        outgoing = Outgoing(
            client_id=reminder.client_id,
            contact_point_id=point.id,
            channel=point.channel,
            kind=MessageKind.ANCHOR if anchored else MessageKind(reminder.kind),
            dedupe_key=dedupe_key(reminder.reminder_id, slot.day, slot.slot, point.channel),
            due_at=when.opens_at,
            expires_at=when.closes_at,
            params={"anchor": reminder.anchor} if anchored else {},
            occurrence_id=occurrence_id,
            prompt=reminder.kind,
            day=slot.day,
        )
        await queue_reminder(session, self.secret_key, outgoing, now)


def _missed(reminder: DueReminder, slots: list[Slot], now: datetime) -> list[Slot]:
    """After an outage only the newest moment is caught up, and only while its window is open."""
    past = [slot for slot in slots if slot.at <= now - timedelta(minutes=1)]
    if not past:
        return []
    newest = window(past[-1], reminder.zone, reminder.quiet_from, reminder.quiet_until)
    still_open = isinstance(newest, Window) and newest.closes_at > now
    return past[:-1] if still_open else [slot for slot in past if _was_sendable(reminder, slot)]


def _was_sendable(reminder: DueReminder, slot: Slot) -> bool:
    """A moment that quiet hours or the calendar would have stopped keeps that reason, outage or not."""
    return isinstance(window(slot, reminder.zone, reminder.quiet_from, reminder.quiet_until), Window)


async def _address(session: ClinicSession, reminder: DueReminder) -> ContactPoint | None:
    """The first wished channel that has an address; whether it may be used is decided with everything else."""
    points = {point.channel: point for point in reversed(await contact_points(session, reminder.client_id))}
    return next((points[channel] for channel in reminder.channels if channel in points), None)


async def _write(
    session: ClinicSession,
    reminder: DueReminder,
    slot: Slot,
    skip: Skip | None,
    channel: str | None,
    now: datetime,
) -> UUID | None:
    return await add_occurrence(
        session,
        client_id=reminder.client_id,
        reminder_id=reminder.reminder_id,
        kind=reminder.kind,
        slot=slot,
        zone=reminder.zone,
        state=skip.state if skip else "queued",
        reason=skip.reason.value if skip else None,
        channel=channel,
        now=now,
    )
