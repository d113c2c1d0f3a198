"""Tick: claim → re-check → mark → send → record. Nothing is sent that was not durably marked, and nothing marked
is sent again without proof that the provider did not take it."""

import asyncio
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from scheduler import claims
from scheduler.channels.base import Channel, Outcome, Unreached
from scheduler.circuit import Circuits
from scheduler.failpoints import reach
from scheduler.gate import Gate
from scheduler.marking import Marked, Marker
from scheduler.messages import Claimed
from scheduler.recording import Answered, Recorder
from scheduler.render import Renderer
from scheduler.rounds import in_turn
from scheduler.senders import Senders
from scheduler.timing import NORMAL, Timing
from service import logs
from service.clock import monotonic
from service.database.tenancy import SYSTEM, Across, Database

BATCHES_AT_ONCE: Final = 3
"""While the provider thinks about one, the database works on another."""
TOGETHER_SECONDS: Final = 0.02
"""Answers that come within this time of each other are recorded together."""

logger = logs.logger("delivery")

Work = tuple[UUID, str]
"""A clinic and one of its channels."""


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
    circuits: Circuits = field(default_factory=Circuits)

    @property
    def marker(self) -> Marker:
        return Marker(self.database, self.channels, self.renderer, self.timing)

    @property
    def recorder(self) -> Recorder:
        return Recorder(self.database, self.renderer.settings.secret_key, self.timing, self.chance)

    @property
    def senders(self) -> Senders:
        return Senders(self.database, self.timing, self.circuits)

    @property
    def gate(self) -> Gate:
        return Gate(self.channels, self.renderer.settings.secret_key, self.circuits, self.timing.circuit)

    async def tick(self) -> int:
        """Sends what is due, a batch of each clinic and channel in turn; returns how many were handed over."""
        handed = 0
        async with self.busy:
            while not self.stopping.is_set():
                batches = await in_turn(await self._work(), self._deliver, BATCHES_AT_ONCE)
                handed += sum(marked for _, marked in batches)
                if not any(claimed for claimed, _ in batches):
                    break
        return handed

    async def _work(self) -> list[Work]:
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            return await claims.work(connection)

    async def _deliver(self, work: Work, again: Callable[[Work], None]) -> tuple[int, int]:
        """One batch; when there may be more, that is asked for before the batch is on its way."""
        clinic_id, channel = work[0], self.channels[work[1]]
        if self.stopping.is_set() or not (most := await self.senders.room(channel, channel.batch)):
            return 0, 0
        started = monotonic()
        claimed, through = await self._claim(work, most)
        reach("claimed")
        if len(claimed) >= most:
            again(work)
        marked = await self._mark(clinic_id, channel, through, started) if through else []
        await self._send(clinic_id, marked)
        return len(claimed), len(marked)

    async def _claim(self, work: Work, most: int) -> tuple[Sequence[Claimed], list[Claimed]]:
        """What is claimed, and what of that may be marked. What the database refuses together is claimed each alone, so
        that one message holds up none of the others."""
        try:
            async with self.database.clinic_tx(work[0], SYSTEM) as session:
                claimed = await claims.claim(session, work[1], self.worker, most, self.timing.lease)
                through = await self.gate.let_through(session, claimed)
                reach("claiming")
                return claimed, through
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            logger.exception("a batch cannot be claimed together", clinic_id=work[0])
        alone = await self._claim_each(work, most)
        async with self.database.clinic_tx(work[0], SYSTEM) as session:
            return alone, await self.gate.let_through(session, alone)

    async def _claim_each(self, work: Work, most: int) -> list[Claimed]:
        async with self.database.clinic_tx(work[0], SYSTEM) as session:
            due = await claims.due(session, work[1], most)
        claimed = list[Claimed]()
        for message_id in due:
            try:
                async with self.database.clinic_tx(work[0], SYSTEM) as session:
                    claimed += await claims.claim_one(session, message_id, self.worker, self.timing.lease)
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                logger.exception("a message cannot be claimed", message_id=message_id)
        return claimed

    async def _mark(
        self, clinic_id: UUID, channel: Channel, claimed: Sequence[Claimed], started: float
    ) -> list[Marked]:
        send_before = started + self.timing.flight - self.timing.last_call
        try:
            if await self.senders.take_turn(channel, len(claimed)):
                return await self.marker.mark(clinic_id, claimed, send_before)
        except BaseException:
            await self.marker.hand_back(clinic_id, claimed, self.timing.busy)
            raise
        await self.marker.hand_back(clinic_id, claimed, self.timing.deliver_every)
        return []

    async def _send(self, clinic_id: UUID, marked: Sequence[Marked]) -> None:
        """Each answer is recorded soon after it came, and all of them whatever one of them raises: a half-told outcome
        would be an uncertain one."""
        coming = _Coming([asyncio.create_task(self._answer(one)) for one in marked])
        errors, answered = list[BaseException](), list[Answered]()
        while done := await coming.some():
            errors += await self._record(clinic_id, done)
            answered += _answered(done)
        # Of the whole batch: those that wait for an answer in vain come last, and would look like an outage.
        await self.senders.tell(answered)
        if errors:
            raise errors[0]

    async def _record(self, clinic_id: UUID, done: Collection[asyncio.Task[Answered]]) -> list[BaseException]:
        errors = [error for task in done if (error := task.exception())]
        try:
            await self.recorder.record(clinic_id, _answered(done))
        except Exception as error:
            errors.append(error)
        reach("recorded")
        return errors

    async def _answer(self, one: Marked) -> Answered:
        outcome = await self._outcome(one)
        reach("answered")
        return one, outcome

    async def _outcome(self, one: Marked) -> Outcome:
        if monotonic() > one.parcel.send_before:
            # Not a byte was written, and somebody else may be deciding about this message by now.
            return Unreached("the lease was nearly over", tried=False)
        return await self.channels[one.message.channel].send(one.parcel)


class _Coming:
    """Tasks as they end. `asyncio.wait` would tell each of them anew, each time, that it is waited for."""

    def __init__(self, tasks: Sequence[asyncio.Task[Answered]]) -> None:
        self._left = len(tasks)
        self._done = list[asyncio.Task[Answered]]()
        self._one, self._all = asyncio.Event(), asyncio.Event()
        for task in tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Answered]) -> None:
        self._done.append(task)
        self._one.set()
        if len(self._done) == self._left:
            self._all.set()

    async def some(self) -> list[asyncio.Task[Answered]]:
        """Those that have ended by shortly after the next one does; none when there are no more."""
        if not self._left:
            return []
        await self._one.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER_SECONDS):
                await self._all.wait()
        done, self._done = self._done, []
        self._left -= len(done)
        self._one.clear()
        return done


def _answered(done: Collection[asyncio.Task[Answered]]) -> list[Answered]:
    return [task.result() for task in done if task.exception() is None]
