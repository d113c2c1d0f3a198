"""Whether sending is on hold after a restore or a failover, for whoever has to say so; and a clinic's own words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.outbox.tables import OwnWording

_READ = text("SELECT hold_reason AS reason, held_since, known_until, doubted, planned FROM epoch")
_WHY = {
    "restored": "the database is older than what the schedulers remember, or was moved to another server",
    "failed_over": "a standby database took over, and may not have heard the last of what was sent",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """`doubted` and `planned` are of the last recovery."""

    reason: str | None
    held_since: datetime | None
    known_until: datetime | None
    doubted: int
    planned: int

    @property
    def why(self) -> str:
        times = ""
        if self.held_since and self.known_until:
            times = f" (since {self.held_since:%d %b %H:%M} UTC; it knows all until {self.known_until:%d %b %H:%M:%S})"
        return _WHY[self.reason or "restored"] + times


async def read_hold(connection: AsyncConnection) -> Hold:
    return Hold(**(await connection.execute(_READ)).one()._mapping)


async def own_words(session: ClinicSession) -> dict[tuple[str, str], str]:
    """The clinic's own words of reminders, by kind and language."""
    rows = await session.scalars(select(OwnWording).where(col(OwnWording.clinic_id) == session.clinic_id))
    return {(row.kind, row.locale): row.words for row in rows}
