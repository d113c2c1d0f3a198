"""Tick: says that this process is alive, and forgets what need not be kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service.clock import utc_now
from service.database.tenancy import Database

_BEAT = text(
    "INSERT INTO heartbeat (worker, started_at, beat_at) VALUES (:worker, :started_at, :now) "
    "ON CONFLICT (worker) DO UPDATE SET beat_at = :now"
)
_FORGET = (
    text("DELETE FROM heartbeat WHERE beat_at < CAST(:now AS timestamptz) - interval '1 day'"),
    text("DELETE FROM attempt_limit WHERE window_starts_at < CAST(:now AS timestamptz) - interval '2 days'"),
    text("DELETE FROM unrouted_text WHERE received_at < CAST(:now AS timestamptz) - interval '30 days'"),
)


@dataclass(frozen=True, slots=True)
class Upkeep:
    database: Database
    worker: str
    started_at: datetime

    async def beat(self) -> None:
        async with self.database.installation_tx() as connection:
            await connection.execute(_BEAT, {"worker": self.worker, "started_at": self.started_at, "now": utc_now()})

    async def forget(self) -> None:
        async with self.database.installation_tx() as connection:
            for statement in _FORGET:
                await connection.execute(statement, {"now": utc_now()})
