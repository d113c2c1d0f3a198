"""The step after the wire: evidence first and always; the state only while the lease is ours."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from scheduler import claims, senders
from scheduler.channels.base import Outcome, Refused
from scheduler.failpoints import reach
from scheduler.marking import Marked
from scheduler.messages import Settlement
from scheduler.metrics import LATE
from scheduler.outcomes import failed, proof_of, settlement_of
from scheduler.rounds import LeaseLost
from scheduler.timing import NORMAL, Timing
from service import logs
from service.clock import utc_now
from service.database.tenancy import SYSTEM, ClinicSession, Database
from service.reminders.failures import act_on_failure

Answered = tuple[Marked, Outcome]

_PATIENCE_SECONDS: Final = (0.5, 2.0, 5.0)

logger = logs.logger("delivery")


@dataclass(frozen=True, slots=True)
class Recorder:
    database: Database
    secret_key: str
    timing: Timing = NORMAL
    chance: random.Random = field(default_factory=random.Random)

    async def record(self, clinic_id: UUID, answered: Sequence[Answered]) -> None:
        """LeaseLost: somebody else has decided about one of them; what we heard is kept all the same."""
        if not answered:
            return
        try:
            lost = await self._write(clinic_id, answered)
        except DBAPIError:
            logger.exception("outcomes could not be recorded together", count=len(answered))
            await self._write_later(clinic_id, answered)
            return
        await senders.hold(self.database, answered)
        if lost:
            raise LeaseLost(", ".join(lost))

    async def _write_later(self, clinic_id: UUID, answered: Sequence[Answered]) -> None:
        """What a provider said is not given up for a moment without a database, nor for one row among many. The first
        try may have been written after all, so that a message that is no longer in flight says nothing here."""
        errors = list[DBAPIError]()
        for one in answered:
            for wait in (*_PATIENCE_SECONDS, None):
                try:
                    await self._write(clinic_id, [one])
                    break
                except DBAPIError as error:
                    if wait is None and error.connection_invalidated:
                        raise
                    if wait is None:
                        errors.append(error)
                    else:
                        await asyncio.sleep(wait)
        await senders.hold(self.database, answered)
        if errors:
            raise errors[0]

    async def _write(self, clinic_id: UUID, answered: Sequence[Answered]) -> list[str]:
        """Returns the messages that were no longer ours."""
        now = utc_now()
        told = [
            (one.message, settlement_of(outcome, one.message, now, self.chance, self.timing))
            for one, outcome in answered
        ]
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            await claims.keep_evidence(session, [proof_of(one.parcel.attempt_id, outcome) for one, outcome in answered])
            ours = await claims.settle(session, told, "in_flight")
            # Addresses in one order, as the mark locks them: neither waits for the other in a ring.
            by_address = sorted(zip(answered, told, strict=True), key=lambda pair: pair[1][0].contact_point_id)
            for (one, outcome), (message, settlement) in by_address:
                await self._after(session, one, outcome, settlement, ours=message.id in ours)
            reach("recording")
        accepted = [message for message, settlement in told if settlement.state == "accepted"]
        late = {channel: LATE.labels(channel) for channel in {message.channel for message in accepted}}
        for message in accepted:
            late[message.channel].observe(max(0.0, (now - message.due_at).total_seconds()))
        return [str(message.id) for message, _ in told if message.id not in ours]

    async def _after(
        self, session: ClinicSession, one: Marked, outcome: Outcome, settlement: Settlement, *, ours: bool
    ) -> None:
        """What most messages do not need."""
        if ours and settlement.give_back:
            await claims.give_back_fuse(session, one.message, one.fuse_day)
        if ours and isinstance(outcome, Refused):
            await act_on_failure(session, failed(one.message, outcome), self.secret_key, utc_now())
        if not (ours and settlement.state == "accepted"):
            await claims.believe_proof(session, one.message)
