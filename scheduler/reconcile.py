"""Tick: what a crash or a silence left open is settled by evidence, never by hope."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import assert_never
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from scheduler import claims, evidence
from scheduler.channels.base import UNKNOWN_WORDS, Absent, CannotTell, Channel, Evidence, Found
from scheduler.evidence import Doubtful
from scheduler.failpoints import reach
from scheduler.messages import Settlement
from scheduler.metrics import SETTLED
from scheduler.rounds import Held, each_clinic, in_turn
from scheduler.timing import NORMAL, Timing
from service import logs
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.reminders.reasons import Reason

BATCH = 50
NEGATIVE_CHECKS = 2
LOOKS_AT_ONCE = 4
"""The provider's answers take longer than ours; more would take connections from the sending."""

logger = logs.logger("reconcile")


@dataclass(frozen=True, slots=True)
class Reconciler:
    database: Database
    channels: Mapping[str, Channel]
    timing: Timing = NORMAL

    async def tick(self) -> int:
        """Returns how many messages were moved on."""
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await evidence.clinics_to_reconcile(connection)
        return sum(await each_clinic(clinics, self._clinic))

    async def _clinic(self, clinic_id: UUID) -> int:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            moved = await evidence.release_expired_leases(session)
            doubted = await evidence.doubt_expired_flights(session, self.timing.first_look)
            expired = await evidence.expire(session)
            reach("doubting")
        SETTLED.labels("uncertain", "lease_over").inc(doubted)
        SETTLED.labels("expired", Reason.OUTAGE.value).inc(expired)
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            doubtful = await evidence.uncertain(session, BATCH, self.timing.quarantine, self.timing.lease)
        # Of one address one after the other: what the first is known by cannot be the second.
        by_address = defaultdict[str, list[Doubtful]](list)
        for message in doubtful:
            by_address[message.address].append(message)
        await in_turn(by_address.values(), partial(self._find_out_each, clinic_id), LOOKS_AT_ONCE)
        return moved + doubted + expired + len(doubtful)

    async def _find_out_each(self, clinic_id: UUID, messages: Sequence[Doubtful], _again: object) -> None:
        for message in messages:
            await self._find_out_or_leave(clinic_id, message)

    async def _find_out_or_leave(self, clinic_id: UUID, message: Doubtful) -> None:
        """One that cannot be settled is logged and looked at later, and holds up none of the others."""
        try:
            await self._find_out(clinic_id, message)
        except Held:
            raise
        except Exception:
            logger.exception("a message cannot be settled", message_id=message.id)
            with suppress(SQLAlchemyError):
                async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                    await evidence.check_later(session, message, self.timing.next_look, absent=False)

    async def _find_out(self, clinic_id: UUID, message: Doubtful) -> None:
        found = await self._evidence(clinic_id, message)
        reach("looked_up")
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            await self._weigh(session, message, found)
            reach("weighing")

    async def _evidence(self, clinic_id: UUID, message: Doubtful) -> Evidence:
        if message.provider_message_id is not None:
            return Found(message.provider_message_id)
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            if message.body_sha256 == UNKNOWN_WORDS and await evidence.others_in_doubt(session, message):
                return CannotTell(can_ever_tell=True)
            spoken_for = await _spoken_for(session, message)
        found = await self._look_up(message, spoken_for)
        if found == Absent() and message.body_sha256 == UNKNOWN_WORDS:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                guessed = await evidence.ids_by_guess(session, message)
            if guessed and await self._look_up(message, spoken_for - guessed) != found:
                return Absent(or_another=True)
        return found

    async def _look_up(self, message: Doubtful, spoken_for: frozenset[str]) -> Evidence:
        channel = self.channels[message.channel]
        return await channel.look_up(message.address, message.body_sha256, message.started_at, spoken_for)

    async def _weigh(self, session: ClinicSession, message: Doubtful, found: Evidence) -> None:
        match found:
            case Found(provider_message_id=provider_message_id):
                await self._accept(session, message, provider_message_id)
            case Absent() if message.checks + 1 < NEGATIVE_CHECKS or not message.quarantine_over:
                await evidence.check_later(session, message, self.timing.next_look, absent=True)
            case CannotTell(can_ever_tell=True) if message.in_window:
                # The provider could say and did not answer: ask again while it matters.
                await evidence.check_later(session, message, self.timing.next_look, absent=False)
            case Absent(or_another=False):
                await _again_or_never(session, message)
            case CannotTell() | Absent():
                # Mail, or a text that may be this one: nobody can ever prove that it was not taken, so it is not sent
                # a second time.
                await _never(session, message)
            case _:
                assert_never(found)

    async def _accept(self, session: ClinicSession, message: Doubtful, provider_message_id: str) -> None:
        if message.body_sha256 == UNKNOWN_WORDS and message.provider_message_id is None:
            # The text that was found may be another's, sent or found since: while this holds the address, nothing is
            # marked. In this order: whoever is recorded between the two is in flight for the first, or known to the
            # second.
            await evidence.lock_address(session, message)
            others = await evidence.others_in_doubt(session, message)
            if others or provider_message_id in await evidence.ids_of_address(session, message):
                await evidence.check_later(session, message, self.timing.next_look, absent=False)
                return
        settlement = Settlement("accepted", provider_message_id=provider_message_id)
        await claims.settle(session, [(message, settlement)], "uncertain")


async def _spoken_for(session: ClinicSession, message: Doubtful) -> frozenset[str]:
    if message.body_sha256 == UNKNOWN_WORDS:
        return await evidence.ids_of_address(session, message)
    return await evidence.ids_with_the_same_words(session, message.body_sha256)


async def _again_or_never(session: ClinicSession, message: Doubtful) -> None:
    if message.in_window and message.attempts < message.max_attempts:
        await evidence.proven_absent(session, message)
    else:
        await _never(session, message)


async def _never(session: ClinicSession, message: Doubtful) -> None:
    settlement = Settlement("expired", Reason.UNCERTAIN.value)
    if await claims.settle(session, [(message, settlement)], "uncertain"):
        logger.warning("a message ended without knowing whether it was taken", message_id=message.id)
