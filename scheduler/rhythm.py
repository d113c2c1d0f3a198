"""Tick: looks at each client's rhythm in their own morning and evening, and whenever they asked to be asked later.

Everything about one client is one transaction: killed anywhere, it is looked at again and finds its own rows. The cost
grows with who is due to be looked at, never with how many clients exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import InternalError, OperationalError
from sqlmodel import col

from scheduler.deciding import reason_against
from scheduler.failpoints import reach
from scheduler.metrics import count_planned
from scheduler.queueing import queue_reminders
from scheduler.rounds import connection_lost, each_clinic
from service import logs
from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.ids import new_id
from service.outbox.actions import Outgoing
from service.outbox.rules import MessageKind
from service.reminders import history, pacing, rhythm, saying
from service.reminders.actions import NewOccurrence, add_occurrences
from service.reminders.facts import facts
from service.reminders.history import Awake, History, Running, Written
from service.reminders.moments import Moment, start_of
from service.reminders.reasons import Reason
from service.reminders.rules import ASKS_FOR, DAY, PROMPTS, Slot, dedupe_key, expires_at, local_day
from service.reminders.saying import Word
from service.reminders.tables import Occurrence, ReminderRhythm

BATCH: Final = 20
"""Each takes milliseconds, and what is not committed is done again: a process that is killed loses little."""

SOON: Final = timedelta(minutes=1)
"""What somebody else holds, or the database could not take just now, is looked at again after that."""

logger = logs.logger("rhythm")


@dataclass(frozen=True, slots=True)
class Rhythm:
    database: Database
    secret_key: str

    async def tick(self) -> int:
        """Returns how many clients were looked at."""
        now = utc_now()
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await history.clinics_to_look_at(connection, now)
        return sum(await each_clinic(clinics, partial(self._look_at_clinic, now=now)))

    async def _look_at_clinic(self, clinic_id: UUID, now: datetime) -> int:
        looked = 0
        while True:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                people = await history.awake(session, now, BATCH)
                known = await _histories(session, people, now)
                for person in people:
                    await self._look_or_leave(session, person, known.get(person.client_id), now)
                reach("looking")
            reach("looked")
            looked += len(people)
            if len(people) < BATCH:
                return looked

    async def _look_or_leave(self, session: ClinicSession, person: Awake, known: History | None, now: datetime) -> None:
        """Somebody who cannot be looked at is logged and left for a while, and holds up none of the others."""
        try:
            async with session.begin_nested():
                if known is None:
                    known = (await history.histories(session, [person], now))[person.client_id]
                changes = await self._look(session, person, known, now)
        except Exception as error:
            if connection_lost(error):
                raise
            logger.exception("a client cannot be looked at", client_id=person.client_id)
            passes = isinstance(error, OperationalError | InternalError)
            changes = {"next_at": now + (SOON if passes else DAY)}
        await session.execute(
            update(ReminderRhythm)
            .where(
                col(ReminderRhythm.clinic_id) == session.clinic_id,
                col(ReminderRhythm.client_id) == person.client_id,
            )
            .values(**changes)
        )

    async def _look(self, session: ClinicSession, person: Awake, known: History, now: datetime) -> dict[str, Any]:
        """What changes in the client's rhythm, the next look among it; without a reminder there is none."""
        speaker, today = known.speaker, local_day(now, person.zone)
        if speaker is None:
            return {"next_at": None}
        later = [moment.due_at for moment in known.asked_again if moment.due_at > now]
        for moment in known.asked_again:
            if moment.due_at <= now and not await self._ask_again(session, person, known, moment, now):
                later.append(now + SOON)
        changes: dict[str, Any] = {}
        morning, evening = rhythm.looks(person.quiet_from, person.quiet_until)
        if rhythm.look_due(now, person.zone, morning, person.morning_on):
            changes["morning_on"] = today
            resting = speaker.paused_until is not None and speaker.paused_until >= today
            for word in saying.recheck(known, today) if resting else saying.this_morning(person, known, today):
                if word.moves_to is not None and not await pacing.may_move(session, person.client_id):
                    continue
                if await self._say(session, person, speaker, word, now):
                    changes |= word.changes
                    if word.moves_to is not None:
                        await pacing.move_time(session, person.client_id, speaker.id, word.moves_to, person.zone, now)
        if rhythm.look_due(now, person.zone, evening, person.evening_on):
            changes["evening_on"] = today
            for word in [*saying.changed(known, today), *saying.evening(known, today, now)]:
                await self._say(session, person, speaker, word, now)
        return changes | {"next_at": min([rhythm.next_look(now, person.zone, (morning, evening)), *later])}

    async def _say(self, session: ClinicSession, person: Awake, speaker: Running, word: Word, now: datetime) -> bool:
        """Whether it was queued, or needs no message."""
        if word.kind is None:
            return True
        point = await _address(session, person.client_id, speaker)
        against = word.against or await _against(session, person, speaker.id, word.kind, point, now)
        slot = Slot(word.day or local_day(now, person.zone), word.slot, now, None)
        occurrence = NewOccurrence(
            new_id(now),
            person.client_id,
            speaker.id,
            "fix" if word.kind is MessageKind.RECHECK else speaker.kind,
            slot,
            person.zone,
            state=against.state if against else "queued",
            reason=against.value if against else None,
            channel=point.channel if point else None,
        )
        if not await add_occurrences(session, [occurrence], now):
            return False
        count_planned([occurrence])
        if against is not None or point is None:
            return False
        await self._queue(session, person, speaker.id, slot, word.kind, word.params, point, occurrence.id)
        return True

    async def _ask_again(
        self, session: ClinicSession, person: Awake, known: History, moment: Written, now: datetime
    ) -> bool:
        """False when somebody lets it go just now, or has: a skip holds the moment, and waiting for it could wait in a
        ring."""
        same = (col(Occurrence.clinic_id) == session.clinic_id, col(Occurrence.id) == moment.id)
        waiting = select(col(Occurrence.id)).where(*same, col(Occurrence.state) == "queued")
        if await session.scalar(waiting.with_for_update(skip_locked=True, key_share=True)) is None:
            return False
        reminder = next(one for one in known.reminders if one.id == moment.reminder_id)
        point = await _address(session, person.client_id, reminder)
        kind = MessageKind(moment.kind)
        against = await _against(session, person, reminder.id, kind, point, now)
        if moment.day != local_day(now, person.zone):
            # A day that is over is not asked about as if it were today.
            against = Reason.OUTAGE
        if against is not None or point is None:
            reason = against or Reason.NO_CONSENT
            settled = {"state": reason.state, "reason": reason.value, "settled_at": now}
            await session.execute(update(Occurrence).where(*same).values(**settled))
            return True
        slot = Slot(moment.day, moment.slot, now, None)
        await self._queue(session, person, reminder.id, slot, kind, {}, point, moment.id)
        return True

    async def _queue(
        self,
        session: ClinicSession,
        person: Awake,
        reminder_id: UUID,
        slot: Slot,
        kind: MessageKind,
        params: Mapping[str, str],
        point: ContactPoint,
        occurrence_id: UUID,
    ) -> None:
        outgoing = Outgoing(
            client_id=person.client_id,
            contact_point_id=point.id,
            channel=point.channel,
            kind=kind,
            dedupe_key=dedupe_key(reminder_id, slot.day, slot.slot, point.channel),
            due_at=slot.at,
            expires_at=expires_at(slot.at, person.zone, person.quiet_from, person.quiet_until),
            params=params,
            occurrence_id=occurrence_id,
            prompt=PROMPTS.get(kind),
            # What is told is told today, whatever day it is about: that is the day whose texts are counted.
            day=local_day(slot.at, person.zone),
        )
        await queue_reminders(session, self.secret_key, [outgoing], slot.at)


async def _histories(session: ClinicSession, people: Sequence[Awake], now: datetime) -> Mapping[UUID, History]:
    """Of all together; of nobody when one of them cannot be read, so that each is read alone."""
    try:
        async with session.begin_nested():
            return await history.histories(session, people, now)
    except Exception as error:
        if connection_lost(error):
            raise
        logger.exception("a batch cannot be read together", clinic_id=session.clinic_id)
        return {}


async def _address(session: ClinicSession, client_id: UUID, reminder: Running) -> ContactPoint | None:
    points = {point.channel: point for point in reversed(await contact_points(session, client_id))}
    return next((points[channel] for channel in reminder.channels if channel in points), None)


async def _against(
    session: ClinicSession,
    person: Awake,
    reminder_id: UUID,
    kind: MessageKind,
    point: ContactPoint | None,
    now: datetime,
) -> Reason | None:
    """The decision that every reminder passes."""
    if point is None:
        return Reason.NO_CONSENT
    day = local_day(now, person.zone)
    starts_at = start_of(day, person.zone, now)
    moment = Moment(reminder_id, person.client_id, point.id, day, starts_at, ASKS_FOR.get(kind), reminder_id)
    known = (await facts(session, [moment], now))[reminder_id]
    closes_at = expires_at(now, person.zone, person.quiet_from, person.quiet_until)
    skip = reason_against(known, kind, at=now, expires_at=closes_at)
    return skip.reason if skip is not None else None
