"""Tick: reminders that come due soon become ledger rows and queued messages, clinic by clinic.

The lead means that a burst at 8:00 is queued at 8:00. Cost grows with what is due, never with how many clients exist.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.exc import DBAPIError

from scheduler.deciding import reason_against
from scheduler.failpoints import reach
from scheduler.metrics import count_planned
from scheduler.queueing import queue_reminders
from scheduler.rounds import in_turn
from service import logs
from service.accounts.queries import Reach, contact_points_of
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.ids import new_id
from service.outbox.actions import Outgoing
from service.reminders import queries
from service.reminders.actions import NewOccurrence, add_occurrences, wind_clocks
from service.reminders.facts import Facts, facts
from service.reminders.moments import Moment, start_of
from service.reminders.queries import DueReminder
from service.reminders.reasons import Reason
from service.reminders.recurrence import due_slots, next_slot
from service.reminders.rules import Skip, Slot, Window, dedupe_key, window
from service.reminders.wishes import sent_as

LEAD: Final = timedelta(minutes=45)
"""Longer than two texts may be apart that become one (`bundling`), so that the later is queued when the first goes."""

BATCH: Final = 500
CLINICS_AT_ONCE: Final = 2
"""While the database writes for one, this process decides for another."""
_JUST_BEFORE: Final = timedelta(microseconds=1)

logger = logs.logger("planner")


@dataclass(frozen=True, slots=True)
class Planner:
    database: Database
    secret_key: str

    async def tick(self) -> int:
        """Plans everything due within the lead; returns how many due moments were written."""
        horizon = utc_now() + LEAD
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await queries.clinics_to_plan(connection, horizon)
        return sum(await in_turn(clinics, partial(self._plan_clinic, horizon=horizon), CLINICS_AT_ONCE))

    async def _plan_clinic(self, clinic_id: UUID, again: Callable[[UUID], None], horizon: datetime) -> int:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            due = await queries.due_reminders(session, horizon, BATCH)
            planned, wound = await self._write(session, due, horizon)
            reach("planning")
        reach("planned")
        if len(due) == BATCH and wound:
            again(clinic_id)
        return planned

    async def _write(self, session: ClinicSession, due: Sequence[DueReminder], horizon: datetime) -> tuple[int, int]:
        """How many moments are new, and how many clocks went on. What the database refuses together is written each
        alone, so that one holds up none of the others."""
        batch = _Batch(utc_now(), horizon, self.secret_key)
        batch.wind_all(due)
        try:
            async with session.begin_nested():
                return await batch.write(session), len(batch.clocks)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            if len(due) == 1:
                logger.exception("a reminder cannot be planned", reminder_id=due[0].reminder_id)
                return 0, 0
        alone = [await self._write(session, [reminder], horizon) for reminder in due]
        return sum(written for written, _ in alone), sum(wound for _, wound in alone)


class _Due(Struct, frozen=True):
    """A due moment that is to be written. `when` is its window, or why it is not sent at all."""

    id: UUID
    reminder: DueReminder
    slot: Slot
    when: Window | Skip
    point: Reach | None = None

    def occurrence(self, against: Skip | None) -> NewOccurrence:
        return NewOccurrence(
            self.id,
            self.reminder.client_id,
            self.reminder.reminder_id,
            self.reminder.kind,
            self.slot,
            self.reminder.zone,
            state=against.state if against else "queued",
            reason=against.reason.value if against else None,
            channel=self.point.channel if self.point else None,
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Reminders of one clinic whose moments are written together, in as many statements for one as for hundreds."""

    now: datetime
    horizon: datetime
    secret_key: str
    moments: list[_Due] = field(default_factory=list)
    clocks: dict[UUID, datetime | None] = field(default_factory=dict)

    def wind_all(self, reminders: Iterable[DueReminder]) -> None:
        """One that cannot be planned is logged and left, and holds up none of the others."""
        for reminder in reminders:
            try:
                self._wind(reminder)
            except Exception:
                logger.exception("a reminder cannot be planned", reminder_id=reminder.reminder_id)

    def _wind(self, reminder: DueReminder) -> None:
        rule = reminder.rule
        slots = due_slots(rule, reminder.zone, reminder.next_at - _JUST_BEFORE, self.horizon)
        following = next_slot(rule, reminder.zone, slots[-1].at if slots else self.horizon)
        missed = _missed(reminder, slots, self.now)
        self.moments.extend(self._due(reminder, slot, missed) for slot in slots)
        self.clocks[reminder.reminder_id] = following.at if following else None

    def _due(self, reminder: DueReminder, slot: Slot, missed: Collection[Slot]) -> _Due:
        quiet = reminder.quiet_from, reminder.quiet_until
        when = Skip(Reason.OUTAGE) if slot in missed else window(slot, reminder.zone, *quiet)
        return _Due(new_id(self.now), reminder, slot, when)

    async def write(self, session: ClinicSession) -> int:
        """Returns how many moments are new in the ledger."""
        if not self.clocks:
            return 0
        addressed = await self._addressed(session)
        known = await facts(session, [self._moment(one, one.point) for one in addressed if one.point], self.now)
        decided = [(one, self._against(one, known)) for one in addressed]
        moments = [one.occurrence(against) for one, against in decided]
        new = await add_occurrences(session, moments, self.now)
        count_planned(moment for moment in moments if moment.id in new)
        await self._queue(session, [one for one, against in decided if against is None and one.id in new])
        await wind_clocks(session, self.clocks)
        return len(new)

    async def _addressed(self, session: ClinicSession) -> list[_Due]:
        """The first wished channel that has an address; whether it may be used is decided with everything else."""
        asked = {one.reminder.client_id for one in self.moments if isinstance(one.when, Window)}
        points = await contact_points_of(session, asked) if asked else {}
        return [
            replace(one, point=_first(one.reminder, points)) if isinstance(one.when, Window) else one
            for one in self.moments
        ]

    def _moment(self, one: _Due, point: Reach) -> Moment:
        starts_at = start_of(one.slot.day, one.reminder.zone, self.now)
        whom = one.reminder.client_id, point.id, one.slot.day, starts_at
        return Moment(one.id, *whom, one.reminder.kind, one.reminder.reminder_id)

    def _against(self, one: _Due, known: Mapping[UUID, Facts]) -> Skip | None:
        if isinstance(one.when, Skip):
            return one.when
        if one.id not in known:
            return Skip(Reason.NO_CONSENT)
        at = max(one.when.opens_at, self.now)
        return reason_against(known[one.id], one.reminder.kind, at=at, expires_at=one.when.closes_at)

    async def _queue(self, session: ClinicSession, moments: Iterable[_Due]) -> None:
        outgoing = [message for one in moments if (message := _outgoing(one)) is not None]
        await queue_reminders(session, self.secret_key, outgoing, self.now)


def _first(reminder: DueReminder, points: Mapping[UUID, list[Reach]]) -> Reach | None:
    own = {point.channel: point for point in reversed(points.get(reminder.client_id, []))}
    return next((own[channel] for channel in reminder.channels if channel in own), None)


def _outgoing(one: _Due) -> Outgoing | None:
    if one.point is None or isinstance(one.when, Skip):
        return None
    kind, params = sent_as(one.reminder.kind, one.reminder.anchor)
    return Outgoing(
        client_id=one.reminder.client_id,
        contact_point_id=one.point.id,
        channel=one.point.channel,
        kind=kind,
        dedupe_key=dedupe_key(one.reminder.reminder_id, one.slot.day, one.slot.slot, one.point.channel),
        due_at=one.when.opens_at,
        expires_at=one.when.closes_at,
        params=params,
        occurrence_id=one.id,
        prompt=one.reminder.kind,
        day=one.slot.day,
    )


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
