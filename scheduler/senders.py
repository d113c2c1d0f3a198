"""The turns of a sender, whatever it sends: room in its pace, its circuit, and what its answers say about it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from scheduler import pace, retry
from scheduler.channels.base import Channel, Later, Outcome
from scheduler.circuit import Circuits, tally
from scheduler.timing import NORMAL, Timing
from service import logs
from service.clock import utc_now
from service.database.tenancy import Database

logger = logs.logger("senders")


class Sending(Protocol):
    @property
    def provider(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Senders:
    database: Database
    timing: Timing = NORMAL
    circuits: Circuits = field(default_factory=Circuits)

    async def room(self, channel: Channel, most: int) -> int:
        """How many of `most` may be claimed. Waits a moment for the sender's turn; one that was told to wait longer, or
        through which nothing gets, is left for another tick."""
        async with self.database.installation_tx() as connection:
            seconds = await pace.wait(connection, channel.provider, utc_now())
            most = await self.circuits.most(connection, channel.provider, min(most, pace.at_once(channel.per_second)))
        if seconds > self.timing.deliver_every or not most:
            return 0
        await asyncio.sleep(seconds)
        return most

    async def grant(self, channel: Channel, wanted: int) -> int:
        """How many may be marked at once, and go. For what is not claimed first: none, or one for a try, while nothing
        gets through."""
        most = await self.room(channel, wanted)
        if not most:
            return 0
        async with self.database.installation_tx() as connection:
            waits, may_try = await self.circuits.waits(connection, {channel.provider}, self.timing.circuit)
        if waits:
            most = len(may_try)
        return most if most and await self.take_turn(channel, most) else 0

    async def take_turn(self, channel: Channel, wanted: int) -> bool:
        """Waits until so many may go; False when that is too far away."""
        async with self.database.installation_tx() as connection:
            seconds = await pace.take(
                *(connection, channel.provider, wanted, channel.per_second, utc_now()), ahead=self.timing.last_call / 2
            )
        await asyncio.sleep(seconds or 0)
        return seconds is not None

    async def tell(self, answered: Iterable[tuple[Sending, Outcome]]) -> None:
        """What became of some messages."""
        by_sender: dict[str, list[Outcome]] = defaultdict(list)
        for one, outcome in answered:
            by_sender[one.provider].append(outcome)
        for sender, outcomes in by_sender.items():
            await self._tell(sender, outcomes)

    async def _tell(self, sender: str, outcomes: Iterable[Outcome]) -> None:
        found, hold = tally(outcomes), self.timing.circuit
        if not self.circuits.worth_telling(sender, found):
            return
        async with self.database.installation_tx() as connection:
            change = await self.circuits.tell(connection, sender, found, hold)
        if change == "opened":
            trouble = "login" if found.login else "silent"
            logger.error("nothing gets through", sender=sender, trouble=trouble, detail=found.detail, seconds=hold)
        elif change == "closed":
            logger.warning("it answers again", sender=sender)


async def hold(database: Database, answered: Iterable[tuple[Sending, Outcome]]) -> None:
    """Whoever was told to wait sends nothing until then, in no process."""
    now = utc_now()
    for one, outcome in answered:
        if isinstance(outcome, Later) and outcome.whole_sender:
            until = retry.after_told_to_wait(now, outcome.retry_after_seconds)
            async with database.installation_tx() as connection:
                await pace.hold(connection, one.provider, until)
