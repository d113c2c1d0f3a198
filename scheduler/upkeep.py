"""Tick: forgets what need not be kept."""

from dataclasses import dataclass

from sqlalchemy import text

from scheduler.holding import FORGOTTEN_AFTER
from service.clock import utc_now
from service.database.tenancy import Database

_FORGET = (
    text("DELETE FROM heartbeat WHERE beat_at < CAST(:now AS timestamptz) - interval '1 day'"),
    text("DELETE FROM attempt_limit WHERE window_starts_at < CAST(:now AS timestamptz) - interval '2 days'"),
    text("DELETE FROM unrouted_text WHERE received_at < CAST(:now AS timestamptz) - interval '30 days'"),
)
_FORGET_WITNESSES = text("DELETE FROM witness WHERE beat_at < :before")


@dataclass(frozen=True, slots=True)
class Upkeep:
    database: Database

    async def forget(self) -> None:
        now = utc_now()
        async with self.database.installation_tx() as connection:
            for statement in _FORGET:
                await connection.execute(statement, {"now": now})
            await connection.execute(_FORGET_WITNESSES, {"before": now - FORGOTTEN_AFTER})
