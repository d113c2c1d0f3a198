"""The step before the wire: whether each message of a batch may still go, its words, and the durable mark."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from scheduler import bundling, claims
from scheduler.bundling import Partner
from scheduler.channels.base import Channel, Parcel
from scheduler.channels.inbox import InboxChannel
from scheduler.deciding import latest, most_today, settled_unsent
from scheduler.failpoints import reach
from scheduler.messages import Claimed, Marking, Ready, Settlement, postponed
from scheduler.render import CannotRender, Renderer
from scheduler.timing import NORMAL, Timing
from service import logs
from service.clock import utc_now
from service.database.tenancy import SYSTEM, ClinicSession, Database
from service.ids import new_id
from service.reminders.facts import Facts, facts
from service.reminders.moments import Moment, start_of
from service.reminders.reasons import Reason
from service.reminders.rules import ASKS_FOR, local_day

_CANNOT_BE_HANDLED = Settlement("failed", Reason.RENDER.value)

logger = logs.logger("delivery")


class Marked(Struct, frozen=True):
    """A message that may now be handed to its provider. `fuse_day` is the day its mark was counted on."""

    message: Claimed
    parcel: Parcel
    fuse_day: date
    provider: str


@dataclass(frozen=True, slots=True)
class Marker:
    database: Database
    channels: Mapping[str, Channel]
    renderer: Renderer
    timing: Timing = NORMAL

    async def mark(self, clinic_id: UUID, claimed: Sequence[Claimed], send_before: float) -> list[Marked]:
        """All in one transaction; what the database refuses together is tried each alone, so that one message holds up
        none of the others. What may not go is settled, with its reason; when this raises, all are handed back."""
        try:
            return await self._together(clinic_id, claimed, send_before)
        except DBAPIError as error:
            if error.connection_invalidated or len(claimed) == 1:
                raise
            logger.exception("a batch cannot be marked together", clinic_id=clinic_id)
        alone = [await self._alone(clinic_id, message, send_before) for message in claimed]
        return [one for marked in alone for one in marked]

    async def _alone(self, clinic_id: UUID, message: Claimed, send_before: float) -> list[Marked]:
        try:
            return await self._together(clinic_id, [message], send_before)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            logger.exception("a message cannot be marked", message_id=message.id, kind=message.kind)
            await self.hand_back(clinic_id, [message], self.timing.unreached_longest)
            return []

    async def hand_back(self, clinic_id: UUID, claimed: Iterable[Claimed], seconds: float) -> None:
        """They were not sent, and are claimed again in some seconds."""
        due_at = utc_now() + timedelta(seconds=seconds)
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            await claims.settle(session, [(message, postponed(message, due_at)) for message in claimed], "leased")

    async def _together(self, clinic_id: UUID, claimed: Sequence[Claimed], send_before: float) -> list[Marked]:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            pairs = await bundling.partners(session, claimed)
            batch = _Batch(utc_now(), send_before, self.renderer, clinic_id, pairs, self._real())
            batch.write_all(claimed, await facts(session, batch.moments(claimed), batch.now))
            marked = await self._mark(session, batch)
            # First: who stands aside does not wait for its turn any more.
            await bundling.stand_aside(session, [one.message for one in marked], pairs)
            await claims.settle(session, batch.settled, "leased")
            reach("marking")
        reach("marked")
        return marked

    async def _mark(self, session: ClinicSession, batch: "_Batch") -> list[Marked]:
        busy_until = batch.now + timedelta(seconds=self.timing.busy)
        ready = batch.one_of_each_address(busy_until)
        asked = [self._ready(message, parcel, known) for message, parcel, known in ready]
        fuse_day = local_day(batch.now, "UTC")
        said = await claims.mark(session, asked, self.timing.flight, fuse_day)
        for message, _, _ in ready:
            if said[message.id] is Marking.FUSE:
                batch.settled.append((message, Settlement("suppressed", Reason.FUSE.value)))
            elif said[message.id] is Marking.NOT_NOW:
                batch.settled.append((message, postponed(message, busy_until)))
        return [
            Marked(message, parcel, fuse_day, self._provider(message))
            for message, parcel, _ in ready
            if said[message.id] is Marking.DONE
        ]

    def _ready(self, message: Claimed, parcel: Parcel, known: Facts) -> Ready:
        fingerprint = hashlib.sha256(parcel.text.encode()).digest()
        return Ready(message, parcel.attempt_id, self._provider(message), fingerprint, most_today(message, known))

    def _real(self) -> frozenset[str]:
        """The channels that lead out of this machine."""
        return frozenset(name for name, one in self.channels.items() if one.provider != InboxChannel.provider)

    def _provider(self, message: Claimed) -> str:
        return self.channels[message.channel].provider


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages of one clinic on their way to the mark: each is written, or settled."""

    now: datetime
    send_before: float
    renderer: Renderer
    clinic_id: UUID
    pairs: Mapping[UUID, Partner]
    real: frozenset[str]
    settled: list[tuple[Claimed, Settlement]] = field(default_factory=list)
    written: list[tuple[Claimed, Parcel, Facts]] = field(default_factory=list)

    def moments(self, claimed: Iterable[Claimed]) -> list[Moment]:
        """Also those that another message may speak for."""
        return list({moment.key: moment for message in claimed for moment in self._moments(message)}.values())

    def _moments(self, message: Claimed) -> list[Moment]:
        partner = self.pairs.get(message.id)
        try:
            return [self._moment(message, one) for one in (message, partner) if one is not None]
        except Exception:
            logger.exception("a message has a zone that is none", message_id=message.id)
            return []

    def _moment(self, message: Claimed, one: Claimed | Partner) -> Moment:
        day = one.day or local_day(self.now, message.zone)
        whom = message.client_id, message.contact_point_id, day, start_of(day, message.zone, self.now)
        return Moment(one.id, *whom, ASKS_FOR.get(one.kind) if one.reminder_id else None, one.reminder_id)

    def write_all(self, claimed: Iterable[Claimed], known: Mapping[UUID, Facts]) -> None:
        """One that cannot be handled at all is parked."""
        for message in claimed:
            try:
                self._write(bundling.for_both(message, self.pairs.get(message.id), known, self.now), known[message.id])
            except CannotRender as error:
                logger.error("a message cannot be written", message_id=message.id, kind=message.kind, exc_info=error)
                self.settled.append((message, _CANNOT_BE_HANDLED))
            except Exception:
                logger.exception("a message cannot be handled", message_id=message.id, kind=message.kind)
                self.settled.append((message, _CANNOT_BE_HANDLED))

    def _write(self, message: Claimed, known: Facts) -> None:
        unsent = settled_unsent(message, known, self.now, leaves=message.channel in self.real)
        if unsent is not None:
            self.settled.append((message, unsent))
            return
        ends = latest(message, known, self.now)
        parcel = self.renderer.parcel(self.clinic_id, message, known, new_id(self.now), ends, self.send_before)
        self.written.append((message, parcel, known))

    def one_of_each_address(self, busy_until: datetime) -> list[tuple[Claimed, Parcel, Facts]]:
        """The first by priority; the others of an address wait until that one has landed."""
        chosen = dict[UUID, tuple[Claimed, Parcel, Facts]]()
        for written in sorted(self.written, key=lambda one: (one[0].priority, one[0].due_at, one[0].id)):
            message = written[0]
            if chosen.setdefault(message.contact_point_id, written) is not written:
                self.settled.append((message, postponed(message, busy_until)))
        return list(chosen.values())
