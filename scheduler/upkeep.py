"""Tick: forgets what need not be kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import TextClause, text

from scheduler import traces
from scheduler.holding import FORGOTTEN_AFTER
from scheduler.rounds import each_clinic
from service import erased_list
from service.clock import utc_now
from service.conversation.rules import UNPLACED_KEPT
from service.database.tenancy import SYSTEM, Across, Database

_FORGET = (
    text("DELETE FROM heartbeat WHERE beat_at < CAST(:now AS timestamptz) - interval '1 day'"),
    text("DELETE FROM attempt_limit WHERE window_starts_at < CAST(:now AS timestamptz) - interval '2 days'"),
    text("DELETE FROM unrouted_text WHERE received_at < CAST(:now AS timestamptz) - interval '30 days'"),
)
# Texts that nobody could place belong to a clinic: each is forgotten inside its own. Nothing of them is read.
_WITH_OLD_TEXTS = text("SELECT DISTINCT clinic_id FROM unplaced_text WHERE received_at < :before")
_FORGET_TEXTS = text("DELETE FROM unplaced_text WHERE clinic_id = :clinic_id AND received_at < :before")
# A draft that its writer has not touched for so long was given up. Nothing of it is read either.
DRAFTS_KEPT = timedelta(days=30)
_WITH_OLD_DRAFTS = text("SELECT DISTINCT clinic_id FROM plan_draft WHERE saved_at < :before")
_FORGET_DRAFTS = text("DELETE FROM plan_draft WHERE clinic_id = :clinic_id AND saved_at < :before")
_FORGET_WITNESSES = text("DELETE FROM witness WHERE beat_at < :before")


_ERASED = text("SELECT clinic_id, client_id FROM erased_client")


@dataclass(frozen=True, slots=True)
class Upkeep:
    database: Database
    folder: Path | None = None

    async def note_erased(self) -> None:
        """Outside the database, so that who was erased is known when an older copy of it is brought back."""
        if self.folder is None:
            return
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            found = [(row.clinic_id, row.client_id) for row in await connection.execute(_ERASED)]
        erased_list.note(self.folder, found)

    async def forget(self) -> None:
        now = utc_now()
        async with self.database.installation_tx() as connection:
            for statement in _FORGET:
                await connection.execute(statement, {"now": now})
            await connection.execute(_FORGET_WITNESSES, {"before": now - FORGOTTEN_AFTER})
        await self._forget_old(_WITH_OLD_TEXTS, _FORGET_TEXTS, now - UNPLACED_KEPT)
        await self._forget_old(_WITH_OLD_DRAFTS, _FORGET_DRAFTS, now - DRAFTS_KEPT)
        await self._forget_traces(now)

    async def _forget_traces(self, now: datetime) -> None:
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            days = {row.clinic_id: row.traces_days for row in await connection.execute(traces.KEPT)}
        await each_clinic(days, lambda clinic_id: self._traces_of(clinic_id, days[clinic_id], now))

    async def _traces_of(self, clinic_id: UUID, days: int, now: datetime) -> None:
        for table in traces.OVER:
            for _ in range(traces.MOST_BATCHES):
                async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                    if await traces.forget_some(session, table, days, now) < traces.AT_ONCE:
                        break

    async def _forget_old(self, found: TextClause, forget: TextClause, before: datetime) -> None:
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = list((await connection.execute(found, {"before": before})).scalars())
        await each_clinic(clinics, partial(self._forget_of, forget=forget, before=before))

    async def _forget_of(self, clinic_id: UUID, forget: TextClause, before: datetime) -> None:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            await session.execute(forget, {"clinic_id": clinic_id, "before": before})
