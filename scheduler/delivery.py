"""Tick: claim → re-check → mark → send → record. Nothing is sent that was not durably marked, and nothing marked
is sent again without proof that the provider did not take it."""

import asyncio
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from scheduler import bundling, claims, pace, retry
from scheduler.bundling import Partner
from scheduler.channels.base import Channel, Later, Outcome, Parcel, Refused, Sent, Unknown, Unreached
from scheduler.claims import Claimed, Settlement
from scheduler.deciding import facts_at, latest, most_today, postponed, reasons_against, settled_otherwise
from scheduler.failpoints import reach
from scheduler.render import CannotRender, Renderer
from scheduler.rounds import LeaseLost, each_clinic
from scheduler.timing import NORMAL, Timing
from service.accounts.actions import opt_out
from service.clock import monotonic, utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.ids import new_id
from service.reminders.queries import Facts
from service.reminders.rules import Reason, local_day

BATCH = 20

logger = logging.getLogger("clamshell.delivery")


@dataclass(frozen=True, slots=True)
class Marked:
    """A message that may now be handed to its provider. `fuse_day` is the day its mark was counted on."""

    message: Claimed
    parcel: Parcel
    fuse_day: date


@dataclass(frozen=True, slots=True)
class Delivery:
    database: Database
    channels: Mapping[str, Channel]
    renderer: Renderer
    worker: str
    stopping: asyncio.Event
    timing: Timing = NORMAL
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    chance: random.Random = field(default_factory=random.Random)

    @property
    def _busy(self) -> timedelta:
        return timedelta(seconds=self.timing.busy)

    async def tick(self) -> int:
        """Sends what is due, a batch of each clinic in turn; returns how many were handed over."""
        sent = 0
        async with self.busy:
            while not self.stopping.is_set():
                rounds = await each_clinic(await self._clinics(), self._deliver)
                sent += sum(handed for _, handed in rounds)
                if not any(claimed for claimed, _ in rounds):
                    break
        return sent

    async def _clinics(self) -> list[UUID]:
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            return await claims.clinics_with_due(connection)

    async def _deliver(self, clinic_id: UUID) -> tuple[int, int]:
        if self.stopping.is_set():
            return 0, 0
        started = monotonic()
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            claimed = await claims.claim(session, self.worker, BATCH, self.timing.lease)
            reach("claiming")
        reach("claimed")
        marked = await self._mark_batch(clinic_id, claimed, started)
        # All of them finish, whatever one of them raises: a half-told outcome would be an uncertain one.
        outcomes = await asyncio.gather(*(self._send(one) for one in marked), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(claimed), len(marked)

    async def _mark_batch(self, clinic_id: UUID, claimed: list[Claimed], started: float) -> list[Marked]:
        crowded = await self._channels_without_room(claimed)
        # Addresses in one order in every worker: two that mark at once wait for each other and never deadlock.
        ordered = sorted(claimed, key=lambda message: (message.contact_point_id, message.priority, message.due_at))
        try:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                pairs = await bundling.partners(session, ordered)
                marked = [await self._mark_or_park(session, message, started, crowded, pairs) for message in ordered]
                reach("marking")
        except Exception:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                for message in ordered:
                    await _postpone(session, message, utc_now() + self._busy, "leased")
            raise
        reach("marked")
        return [one for one in marked if one is not None]

    async def _channels_without_room(self, claimed: list[Claimed]) -> set[str]:
        """One statement a channel and batch, not one a message."""
        crowded = set()
        for channel, wanted in Counter(message.channel for message in claimed).items():
            async with self.database.installation_tx() as connection:
                if not await pace.take(connection, self.channels[channel].provider, wanted, utc_now()):
                    crowded.add(channel)
        return crowded

    async def _mark_or_park(
        self,
        session: ClinicSession,
        message: Claimed,
        started: float,
        crowded: set[str],
        pairs: Mapping[UUID, Partner],
    ) -> Marked | None:
        """One message that cannot be handled at all is parked, so that it holds up none of the others."""
        try:
            async with session.begin_nested():
                return await self._mark(session, message, started, crowded, pairs.get(message.id))
        except SQLAlchemyError:
            raise
        except Exception:
            logger.exception("message %s of kind %s cannot be handled", message.id, message.kind)
            await _settle_unsent(session, message, Settlement("failed", Reason.RENDER.value))
            return None

    async def _mark(
        self,
        session: ClinicSession,
        message: Claimed,
        started: float,
        crowded: set[str],
        partner: Partner | None = None,
    ) -> Marked | None:
        """Re-checks, renders and marks one message; what may not be sent is settled here, with its reason."""
        now = utc_now()
        day = message.day or local_day(now, message.zone)
        known = await facts_at(session, message.client_id, message.contact_point_id, day, message.zone, now)
        against = await _reason_against(session, message, known, day, now)
        if against is not None:
            await _settle_unsent(session, message, against)
            return None
        if message.channel in crowded:
            await _postpone(session, message, now + timedelta(seconds=1), "leased")
            return None
        message = await bundling.for_both(session, message, partner, known, now)
        send_before = started + self.timing.flight - self.timing.last_call
        try:
            parcel = self.renderer.parcel(session.clinic_id, message, known, new_id(now), send_before)
            parcel = replace(parcel, expires_at=latest(message, known, now))
        except CannotRender as error:
            logger.error("message %s of kind %s cannot be written: %s", message.id, message.kind, error)
            await _settle_unsent(session, message, Settlement("failed", Reason.RENDER.value))
            return None
        marked = await self._mark_parcel(session, message, parcel, known, now)
        if marked is not None:
            await bundling.stand_aside(session, message, partner)
        return marked

    async def _mark_parcel(
        self,
        session: ClinicSession,
        message: Claimed,
        parcel: Parcel,
        known: Facts,
        now: datetime,
    ) -> Marked | None:
        fuse_day = local_day(now, "UTC")
        provider = self.channels[message.channel].provider
        fingerprint = hashlib.sha256(parcel.text.encode()).digest()
        savepoint = await session.begin_nested()
        if not await claims.take_fuse(session, message, fuse_day, most_today(message, known)):
            await savepoint.rollback()
            await _settle_unsent(session, message, Settlement("suppressed", Reason.FUSE.value))
            return None
        if not await claims.mark(session, message, parcel.attempt_id, provider, fingerprint, self.timing.flight):
            # The fuse counts marks: one that did not happen is taken back with the savepoint.
            await savepoint.rollback()
            await _postpone(session, message, now + self._busy, "leased")
            return None
        await savepoint.commit()
        return Marked(message, parcel, fuse_day)

    async def _send(self, marked: Marked) -> None:
        outcome = await self._outcome(marked)
        reach("answered")
        await self._record(marked, outcome)
        reach("recorded")

    async def _outcome(self, marked: Marked) -> Outcome:
        if monotonic() > marked.parcel.send_before:
            # Not a byte was written, and somebody else may be deciding about this message by now.
            return Unreached("the lease was nearly over")
        return await self.channels[marked.message.channel].send(marked.parcel)

    async def _record(self, marked: Marked, outcome: Outcome) -> None:
        """Evidence first and always; the state only while the lease is ours."""
        message, now = marked.message, utc_now()
        async with self.database.clinic_tx(marked.parcel.clinic_id, SYSTEM) as session:
            await keep_evidence(session, marked.parcel.attempt_id, outcome)
            settlement = settlement_of(outcome, message, now, self.chance, self.timing)
            ours = await claims.settle(session, message.id, message.lease_token, settlement, "in_flight")
            if ours:
                await self._after(session, marked, outcome, settlement)
            if not (ours and settlement.state == "accepted"):
                await claims.believe_proof(session, message)
            reach("recording")
        if isinstance(outcome, Later) and outcome.whole_sender:
            async with self.database.installation_tx() as connection:
                until = retry.after_told_to_wait(now, outcome.retry_after_seconds)
                await pace.hold(connection, self.channels[message.channel].provider, until)
        if not ours:
            raise LeaseLost(str(message.id))

    async def _after(self, session: ClinicSession, marked: Marked, outcome: Outcome, settlement: Settlement) -> None:
        message = marked.message
        if settlement.give_back:
            await claims.give_back_fuse(session, message, marked.fuse_day)
        if settlement.state == "accepted":
            await claims.tell_ledger(session, message.occurrence_id, "sent", None, message.channel)
        elif settlement.settled:
            await claims.tell_ledger(session, message.occurrence_id, settlement.state, settlement.reason)
        if isinstance(outcome, Refused) and outcome.opted_out:
            await opt_out(session, message.contact_point_id, "provider", utc_now())


def settlement_of(
    outcome: Outcome, message: Claimed, now: datetime, chance: random.Random, timing: Timing
) -> Settlement:
    match outcome:
        case Sent(provider_message_id=provider_message_id):
            return Settlement("accepted", provider_message_id=provider_message_id)
        case Later(retry_after_seconds=seconds):
            return postponed(message, retry.after_told_to_wait(now, seconds), give_back=1)
        case Unreached():
            wait = retry.after_unreached(now, message.soft_fails, chance, timing)
            return postponed(message, wait, give_back=1, soft_fail=1)
        case Unknown():
            return Settlement("uncertain", "no_answer", check_at=retry.first_look(now, timing))
        case Refused(opted_out=True):
            return Settlement("suppressed", Reason.OPTED_OUT.value)
        case Refused():
            return Settlement("failed", Reason.REFUSED.value)
        case _:
            assert_never(outcome)


async def keep_evidence(session: ClinicSession, attempt_id: UUID, outcome: Outcome) -> None:
    match outcome:
        case Sent(provider_message_id=provider_message_id):
            await claims.keep_evidence(session, attempt_id, "accepted", provider_message_id=provider_message_id)
        case Later(code=code):
            await claims.keep_evidence(session, attempt_id, "refused_not_processed", code=code)
        case Unreached(detail=detail):
            await claims.keep_evidence(session, attempt_id, "never_reached", detail=detail)
        case Unknown(detail=detail, status_code=status_code):
            await claims.keep_evidence(session, attempt_id, "ambiguous", status_code=status_code, detail=detail)
        case Refused(code=code, detail=detail, status_code=status_code, opted_out=opted_out):
            kind = "opted_out" if opted_out else "permanent"
            await claims.keep_evidence(session, attempt_id, kind, status_code=status_code, code=code, detail=detail)
        case _:
            assert_never(outcome)


async def _reason_against(
    session: ClinicSession, message: Claimed, known: Facts, day: date, now: datetime
) -> Settlement | None:
    if message.reminder_id is None:
        return settled_otherwise(message, known, now)
    against = await reasons_against(
        session,
        known,
        client_id=message.client_id,
        reminder_id=message.reminder_id,
        kind=message.kind,
        day=day,
        at=now,
        expires_at=message.expires_at,
    )
    if against is None:
        return None
    # The ledger tells skipped from suppressed; to the outbox both are messages that were held back.
    return Settlement("suppressed" if against.state == "skipped" else against.state, against.reason.value)


async def _settle_unsent(session: ClinicSession, message: Claimed, settlement: Settlement) -> None:
    if await claims.settle(session, message.id, message.lease_token, settlement, "leased"):
        ledger_state = Reason(settlement.reason).state if settlement.reason else settlement.state
        await claims.tell_ledger(session, message.occurrence_id, ledger_state, settlement.reason)


async def _postpone(session: ClinicSession, message: Claimed, due_at: datetime, from_state: str) -> None:
    settlement = postponed(message, due_at)
    if await claims.settle(session, message.id, message.lease_token, settlement, from_state) and settlement.settled:
        await claims.tell_ledger(session, message.occurrence_id, settlement.state, settlement.reason)
