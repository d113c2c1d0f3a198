"""Tick: what a provider reported and nobody could believe at once, because its message was in flight or because
whoever heard it was killed."""

import logging
from dataclasses import dataclass
from uuid import UUID

from scheduler.failpoints import reach
from scheduler.rounds import Held, connection_lost, each_clinic
from service.clock import utc_now
from service.conversation.actions.reports import act_on_report
from service.conversation.queries import reports
from service.database.tenancy import SYSTEM, Across, Database

BATCH = 100

logger = logging.getLogger("clamshell.reports")


@dataclass(frozen=True, slots=True)
class Reports:
    database: Database
    secret_key: str

    async def tick(self) -> int:
        """Returns how many were acted on, or tried to."""
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await reports.clinics_with_reports(connection)
        return sum(await each_clinic(clinics, self._clinic))

    async def _clinic(self, clinic_id: UUID) -> int:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            waiting = await reports.waiting_reports(session, BATCH)
        for event_id in waiting:
            await self._act_or_leave(clinic_id, event_id)
        return len(waiting)

    async def _act_or_leave(self, clinic_id: UUID, event_id: UUID) -> None:
        """One that cannot be acted on is logged and stays, and holds up none of the others."""
        try:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                await act_on_report(session, event_id, self.secret_key, utc_now())
                reach("believing")
        except Held:
            raise
        except Exception as error:
            if connection_lost(error):
                raise
            logger.exception("report %s cannot be acted on", event_id)
