"""Tick: what a provider reported and nobody could believe at once, because its message was in flight or because
whoever heard it was killed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from scheduler import retry
from scheduler.failpoints import reach
from scheduler.rounds import Held, connection_lost, each_clinic
from service import logs
from service.clock import utc_now
from service.conversation.actions.reports import act_on_report, put_aside, put_off
from service.conversation.queries import reports
from service.database.tenancy import SYSTEM, Across, Database

logger = logs.logger("reports")


@dataclass(frozen=True, slots=True)
class Reports:
    database: Database
    secret_key: str
    most: int = 100
    """Of a clinic, in one tick."""

    async def tick(self) -> int:
        """Returns how many were acted on, or tried to."""
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await reports.clinics_with_reports(connection)
        return sum(await each_clinic(clinics, self._clinic))

    async def _clinic(self, clinic_id: UUID) -> int:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            waiting = await reports.waiting_reports(session, self.most)
        for event_id, tries in waiting:
            await self._act_or_leave(clinic_id, event_id, tries)
        return len(waiting)

    async def _act_or_leave(self, clinic_id: UUID, event_id: UUID, tries: int) -> None:
        """One that cannot be acted on is tried again later, and holds up none of the others."""
        try:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                await act_on_report(session, event_id, self.secret_key, utc_now())
                reach("believing")
        except Held:
            raise
        except Exception as error:
            if connection_lost(error):
                raise
            logger.error("a report cannot be acted on", event_id=event_id, exc_info=error)
            try:
                await self._leave(clinic_id, event_id, tries, error)
            except DBAPIError as another:
                if connection_lost(another):
                    raise
                logger.exception("a report cannot be put off", event_id=event_id)

    async def _leave(self, clinic_id: UUID, event_id: UUID, tries: int, error: Exception) -> None:
        now = utc_now()
        try_at = retry.after_vain_hearing(now, tries)
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            if try_at is not None:
                await put_off(session, event_id, try_at)
            else:
                await put_aside(session, event_id, _trouble(error), now)
                logger.error("a report is put aside", event_id=event_id)


def _trouble(error: Exception) -> str:
    """Without the words of the error, which may repeat an address."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
