"""Tick: ends a hold after a restore or a failover. Everything that may have left and be forgotten becomes uncertain,
so that it is looked up at the provider before anything is sent.

First all moments are planned that came due in the time the database forgot, then all that is due is doubted, then the
hold is lifted. Whoever is killed in between leaves the hold, and the next one does the same again without harm.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.channels.base import UNKNOWN_WORDS
from scheduler.failpoints import reach
from scheduler.holding import safe_alone
from scheduler.planner import Planner
from scheduler.rhythm import Rhythm
from scheduler.watch import Watch
from service import logs
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession
from service.ids import new_id

BATCH = 500
_STILL_HERE_SECONDS = 5
_ROUNDS = 3
LOCK_NOT_AVAILABLE = "55P03"

_HELD = text("SELECT held_since, hold_reason, known_until, asked_at FROM epoch WHERE held_since IS NOT NULL")
# The row stays locked until the end: there is one that recovers, and who dies lets go of it.
_TAKE = text("UPDATE epoch SET asked_at = COALESCE(asked_at, now()) WHERE held_since = :held_since")
_LIFT = text(
    "UPDATE epoch SET held_since = NULL, hold_reason = NULL, asked_at = NULL, server = :server,"
    "  began_at = greatest(CAST(:now AS timestamptz), began_at + interval '1 microsecond'), recovered_at = :now,"
    "  doubted = :doubted, planned = :planned"
)
_PROGRESS = text("UPDATE heartbeat SET note = :note, beat_at = :now WHERE worker = :worker")
_TO_PLAN = text("SELECT count(*) FROM reminder_clock WHERE next_at <= :now")
_CLINICS_TO_DOUBT = text(
    "SELECT clinic_id FROM message WHERE state IN ('queued', 'leased', 'in_flight') AND due_at <= :now"
    " GROUP BY clinic_id ORDER BY min(due_at)"
)
_IN_DOUBT = text("SELECT count(*) FROM message WHERE state = 'uncertain' AND reason = 'restored'")
# A new lease token shuts out whoever claimed it before.
_DOUBT = text(
    "WITH due AS MATERIALIZED (SELECT id, state FROM message WHERE clinic_id = :clinic_id"
    "  AND state IN ('queued', 'leased', 'in_flight') AND due_at <= :now ORDER BY id LIMIT :most FOR UPDATE) "
    "UPDATE message m SET state = 'uncertain', reason = 'restored', lease_token = m.lease_token + 1,"
    "  attempts = CASE WHEN due.state = 'in_flight' THEN m.attempts ELSE least(m.attempts + 1, m.max_attempts) END,"
    "  lease_owner = NULL, lease_until = NULL, checks = 0, updated_at = now(),"
    "  check_at = now() + make_interval(secs => :first_look) "
    "FROM due WHERE m.clinic_id = :clinic_id AND m.id = due.id RETURNING m.id, m.channel, due.state AS was"
)
# In flight, the words are known. The others may have left with words that nobody remembers.
_FORGOTTEN_ATTEMPT = text(
    "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, outcome, detail,"
    "  body_sha256) "
    "SELECT :clinic_id, :id, m.id, 1 + (SELECT count(*) FROM attempt a WHERE a.clinic_id = :clinic_id"
    "  AND a.message_id = m.id), m.lease_token, :provider, now(), 'ambiguous', 'the database was restored', :words "
    "FROM message m WHERE m.clinic_id = :clinic_id AND m.id = :message_id"
)
_NOT_KNOWN = text(
    "UPDATE occurrence SET reason = 'uncertain' WHERE clinic_id = :clinic_id AND state = 'expired'"
    " AND reason = 'outage' AND due_at <= :held_since"
    " AND created_at >= CAST(:held_since AS timestamptz) - interval '1 minute'"
)
_CLINICS_WITH_REMINDERS = text("SELECT DISTINCT clinic_id FROM reminder_clock")

logger = logs.logger("recovery")


class _AnotherRecovers(Exception):
    """It holds the row."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """`planner`, `rhythm` and the watch's own database are not watched: this goes on while all else is on hold."""

    watch: Watch
    planner: Planner
    rhythm: Rhythm

    async def tick(self) -> int | None:
        """How many messages are doubted, or None when there is nothing to recover, or nobody has asked for it."""
        async with self.watch.database.installation_tx() as connection:
            held = (await connection.execute(_HELD)).one_or_none()
        if held is None:
            return None
        if held.asked_at is None and not safe_alone(held.hold_reason, held.known_until, held.held_since):
            return None
        with suppress(_AnotherRecovers):
            async with self.watch.database.installation_tx() as connection:
                return await self._alone(connection, held.held_since)
        return None

    async def _alone(self, connection: AsyncConnection, held_since: datetime) -> int | None:
        try:
            taken = await connection.execute(_TAKE, {"held_since": held_since})
        except OperationalError as error:
            # Whatever else fails here leaves the hold, and is told.
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise _AnotherRecovers from None
        if taken.rowcount == 0:
            return None
        async with _kept_alive(connection):
            reach("recovering")
            planned = await self._plan()
            doubted = await self._doubt(utc_now())
            await self._say_not_known(held_since)
            await self._tell(None)
        seen, _ = await self.watch.look(connection)
        values = {"now": utc_now(), "server": seen.server, "doubted": doubted, "planned": planned}
        await connection.execute(_LIFT, values)
        reach("recovering")
        logger.warning("recovered: messages are looked up before anything is sent again", count=doubted)
        return doubted

    async def _plan(self) -> int:
        """What came due in the forgotten time, so that it is doubted and not sent as if it were new."""
        planned = 0
        for _ in range(_ROUNDS):
            planned += await self.planner.tick()
            await self.rhythm.tick()
            async with self.watch.database.across_clinics(Across.FIND_WORK) as connection:
                left = await connection.scalar(_TO_PLAN, {"now": utc_now()})
            await self._tell(f"recovering: {planned} moments planned")
            reach("recovering")
            if not left:
                return planned
        logger.error("reminders cannot be planned; the log says why", count=left)
        return planned

    async def _doubt(self, now: datetime) -> int:
        """Returns how many are in doubt, also by those who were killed before."""
        async with self.watch.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = list((await connection.execute(_CLINICS_TO_DOUBT, {"now": now})).scalars())
        doubted = 0
        for number, clinic_id in enumerate(clinics, start=1):
            while count := await self._doubt_some(clinic_id, now):
                doubted += count
                reach("recovering")
            await self._tell(f"recovering: {number} of {len(clinics)} clinics, {doubted} messages to look up")
        async with self.watch.database.across_clinics(Across.FIND_WORK) as connection:
            return int(await connection.scalar(_IN_DOUBT) or 0)

    async def _doubt_some(self, clinic_id: UUID, now: datetime) -> int:
        async with self.watch.database.clinic_tx(clinic_id, SYSTEM) as session:
            values = {"clinic_id": clinic_id, "now": now, "most": BATCH, "first_look": self.watch.timing.first_look}
            doubted = (await session.execute(_DOUBT, values)).all()
            forgotten = [(row.id, row.channel) for row in doubted if row.was != "in_flight"]
            await self._remember_doubt(session, forgotten)
            reach("recovering")
        return len(doubted)

    async def _remember_doubt(self, session: ClinicSession, forgotten: list[tuple[UUID, str]]) -> None:
        attempts = [
            {
                "clinic_id": session.clinic_id,
                "id": new_id(utc_now()),
                "message_id": message_id,
                "provider": self.watch.channels[channel].provider,
                "words": UNKNOWN_WORDS,
            }
            for message_id, channel in forgotten
        ]
        if attempts:
            await session.execute(_FORGOTTEN_ATTEMPT, attempts)

    async def _say_not_known(self, held_since: datetime) -> None:
        """Moments of the forgotten time that are over: the service was not down then, it is only not known."""
        async with self.watch.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = list((await connection.execute(_CLINICS_WITH_REMINDERS)).scalars())
        for clinic_id in clinics:
            async with self.watch.database.clinic_tx(clinic_id, SYSTEM) as session:
                await session.execute(_NOT_KNOWN, {"clinic_id": clinic_id, "held_since": held_since})
            reach("recovering")

    async def _tell(self, note: str | None) -> None:
        async with self.watch.database.installation_tx() as connection:
            await connection.execute(_PROGRESS, {"note": note, "now": utc_now(), "worker": self.watch.worker})


@asynccontextmanager
async def _kept_alive(connection: AsyncConnection) -> AsyncIterator[None]:
    """A transaction that says nothing for half a minute is ended by the database, and its lock goes with it."""

    done = asyncio.Event()

    async def speak() -> None:
        while not done.is_set():
            try:
                await asyncio.wait_for(done.wait(), _STILL_HERE_SECONDS)
            except TimeoutError:
                await connection.execute(text("SELECT 1"))

    speaking = asyncio.create_task(speak())
    try:
        yield
    finally:
        done.set()
        await speaking
