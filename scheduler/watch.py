"""Whether sending is on hold: looked at before every round of work and on every new connection.

A database that went back in time would have us send again what it forgot; clocks that disagree would have us send at
the wrong time; a database or a folder that cannot be written could not say what we did.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.channels.base import Channel
from scheduler.holding import Remembered, Seen, WentBack, jumped, too_far_apart, went_back
from scheduler.metrics import BEAT
from scheduler.rounds import Held
from scheduler.timing import NORMAL, Timing
from scheduler.witness import Notebook
from service import logs
from service.clock import monotonic, utc_now
from service.database.tenancy import Across, Actor, ClinicSession, Database

ASK_CLOCKS_SECONDS = 300

# The timeline of the last checkpoint lags behind a promotion; that of the log's current file does not.
_SERVER = text(
    "SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()"
)
_LOOK = text(
    "SELECT e.installation_id, e.began_at, e.server AS known_server, e.held_since, e.hold_reason, w.beat, w.beat_at,"
    "  (SELECT max(x.beat_at) FROM witness x) AS last_beat_at, now() AS now "
    "FROM epoch e LEFT JOIN witness w ON w.id = :witness_id"
)
_INSTALLATION = text("SELECT installation_id FROM epoch")
_HOLD = text(
    "UPDATE epoch SET held_since = now(), hold_reason = :reason, known_until = :known_until, asked_at = NULL "
    "WHERE held_since IS NULL"
)
_FIRST_SERVER = text("UPDATE epoch SET server = :server WHERE server IS NULL")
_WITNESS = text(
    "INSERT INTO witness (id, beat, beat_at) VALUES (:id, :beat, :now) "
    "ON CONFLICT (id) DO UPDATE SET beat = :beat, beat_at = :now"
)
_HEARTBEAT = text(
    "INSERT INTO heartbeat (worker, started_at, beat_at, note) VALUES (:worker, :started_at, :now, :note) "
    "ON CONFLICT (worker) DO UPDATE SET beat_at = :now, note = :note"
)

logger = logs.logger("watch")


@dataclass
class Watch:
    database: Database
    notebook: Notebook
    channels: Mapping[str, Channel]
    worker: str
    started_at: datetime
    timing: Timing = NORMAL
    last_look: tuple[datetime, float] | None = None
    """The database's clock and ours, on its last look."""
    reap_after: float = 0
    unwritable: str | None = None
    clocks: str | None = None
    provider_clocks: str | None = None
    ask_clocks_after: float = 0
    said: str | None = None
    installation_id: UUID | None = None
    names_itself: bool | None = None

    async def require_open(self, connection: AsyncConnection) -> None:
        """Raises Held when nothing may be planned or sent by what this very connection says."""
        try:
            seen, lost = await self.look(connection)
        except OSError as error:
            self.say(f"what is remembered cannot be read ({type(error).__name__})")
            raise Held(self.said) from error
        if lost is not None and seen.held_since is None:
            await self._hold(lost)
        self._compare_clocks(seen)
        if self.unwritable is not None:
            # A connection that was cut is no full disk: not until the next beat.
            with suppress(SQLAlchemyError, OSError):
                await self.beat()
        self.say(self._why(seen, lost))
        if self.said is not None:
            raise Held(self.said)

    async def beat(self) -> None:
        """Says that this process lives, and lets its witness remember how far the database has come."""
        try:
            await self._beat()
            self.unwritable = None
        except (SQLAlchemyError, OSError) as error:
            self.unwritable = f"what is done cannot be written down ({type(error).__name__})"
            raise

    async def unless_jumped(self, tick: Callable[[], Awaitable[object]]) -> None:
        """After a jump of a clock a lease may seem over that is not: leases are left alone for one lease's time."""
        if monotonic() >= self.reap_after:
            await tick()

    def say(self, why: str | None) -> None:
        if why != self.said:
            logger.warning("nothing is sent", why=why) if why else logger.warning("sending goes on")
        self.said = why

    async def _beat(self) -> None:
        await self._ask_clocks()
        with self.notebook.turn() as ours:
            async with self.database.installation_tx() as connection:
                seen, lost = await self.look(connection)
                self._compare_clocks(seen)
                remembered = await self._witness(connection, seen) if ours and lost is None else None
                note = self._why(seen, lost)
                values = {"worker": self.worker, "started_at": self.started_at, "now": utc_now(), "note": note}
                await connection.execute(_HEARTBEAT, values)
            if remembered is not None:
                self.notebook.write(remembered)
        BEAT.set_to_current_time()

    async def _witness(self, connection: AsyncConnection, seen: Seen) -> Remembered:
        note = self.notebook.read(seen.installation_id)
        beat = max(seen.beat or 0, note.remembered.beat if note.remembered else 0) + 1
        await connection.execute(_WITNESS, {"id": note.witness_id, "beat": beat, "now": seen.now})
        await connection.execute(_FIRST_SERVER, {"server": seen.server})
        return Remembered(seen.installation_id, seen.began_at, beat, seen.now)

    async def look(self, connection: AsyncConnection) -> tuple[Seen, WentBack | None]:
        if self.installation_id is None:
            self.installation_id = await connection.scalar(_INSTALLATION)
        assert self.installation_id is not None  # noqa: S101
        note = self.notebook.read(self.installation_id)
        server = await self._server(connection)
        row = (await connection.execute(_LOOK, {"witness_id": note.witness_id})).one()
        seen = Seen(**row._mapping, server=server)
        return seen, went_back(note.remembered, seen)

    async def _server(self, connection: AsyncConnection) -> str | None:
        """None where a provider of databases keeps it to itself: a failover is then known by its lost beats only."""
        if self.names_itself is None:
            try:
                async with connection.begin_nested():
                    await connection.execute(_SERVER)
                self.names_itself = True
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                logger.warning("the database does not say which server it is", exc_info=error)
                self.names_itself = False
        return await connection.scalar(_SERVER) if self.names_itself else None

    async def _hold(self, lost: WentBack) -> None:
        async with self.database.installation_tx() as connection:
            await connection.execute(_HOLD, {"reason": lost.reason.value, "known_until": lost.known_until})

    def _compare_clocks(self, seen: Seen) -> None:
        ours, mono = utc_now(), monotonic()
        self.clocks = None
        if too_far_apart(ours, seen.now):
            self.clocks = f"the database's clock says {seen.now:%H:%M:%S} UTC, this machine's {ours:%H:%M:%S}"
        if self.last_look is not None and jumped(seen.now - self.last_look[0], mono - self.last_look[1]):
            logger.warning("a clock jumped: leases are left alone", seconds=self.timing.lease)
            self.reap_after = mono + self.timing.lease
        self.last_look = (seen.now, mono)

    async def _ask_clocks(self) -> None:
        if monotonic() < self.ask_clocks_after:
            return
        self.provider_clocks = None
        for channel in self.channels.values():
            theirs, ours = await channel.clock(), utc_now()
            if theirs is not None and too_far_apart(ours, theirs):
                self.provider_clocks = (
                    f"the clock of {channel.provider} says {theirs:%H:%M:%S} UTC, this machine's {ours:%H:%M:%S}"
                )
        self.ask_clocks_after = monotonic() + (10 if self.provider_clocks else ASK_CLOCKS_SECONDS)

    def _why(self, seen: Seen, lost: WentBack | None) -> str | None:
        if lost is not None or seen.held_since is not None:
            return "the database may have forgotten what was sent: `clamshell recover`"
        return self.unwritable or self.clocks or self.provider_clocks


class WatchedDatabase(Database):
    """For what plans, sends and reconciles: its doors are shut while sending is on hold."""

    def __init__(self, url: str, watch: Watch, audit_key: bytes | None = None) -> None:
        super().__init__(url, audit_key=audit_key, plan_once=True)
        self._watch = watch

    @asynccontextmanager
    async def clinic_tx(self, clinic_id: UUID, actor: Actor) -> AsyncIterator[ClinicSession]:
        """A connection made in the middle of a round may lead to another server than the round began with."""
        async with super().clinic_tx(clinic_id, actor) as session:
            connection = await session.connection()
            if not connection.info.get("looked_at"):
                await self._watch.require_open(connection)
                connection.info["looked_at"] = True
            yield session

    @asynccontextmanager
    async def across_clinics(self, purpose: Across) -> AsyncIterator[AsyncConnection]:
        """Every round begins here."""
        async with super().across_clinics(purpose) as connection:
            await self._watch.require_open(connection)
            yield connection
