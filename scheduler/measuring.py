"""Tick: reads from the database what no single scheduler could count, for whoever asks its metrics."""

from dataclasses import dataclass

from sqlalchemy import text

from scheduler.metrics import CIRCUIT, HELD, OLDEST, WAITING
from scheduler.watch import Watch
from service.database.tenancy import Across

STATES = ("queued", "leased", "in_flight", "uncertain")

_WAITING = text(
    "SELECT state, count(*) AS waiting, extract(epoch FROM now() - min(due_at)) AS seconds FROM message"
    " WHERE state = ANY(:states) AND due_at <= now() GROUP BY state"
)
_CIRCUITS = text("SELECT sender, open_until IS NOT NULL AS is_open FROM sender_pace")


@dataclass(frozen=True, slots=True)
class Measuring:
    """`asked`: whether metrics are served at all."""

    watch: Watch
    asked: bool

    async def tick(self) -> None:
        if not self.asked:
            return
        HELD.set(self.watch.said is not None)
        async with self.watch.database.across_clinics(Across.FIND_WORK) as connection:
            rows = (await connection.execute(_WAITING, {"states": list(STATES)})).all()
        for state in STATES:
            WAITING.labels(state).set(next((row.waiting for row in rows if row.state == state), 0))
        OLDEST.set(max((float(row.seconds) for row in rows), default=0))
        async with self.watch.database.installation_tx() as connection:
            for row in await connection.execute(_CIRCUITS):
                CIRCUIT.labels(row.sender).set(row.is_open)
