"""Writes the mails to staff when their hour comes, in any of the processes that serve the pages.

It stands here and not with the notifier: who needs somebody first is read from scores and words, which the notifier
may not see. Any number of processes may do it: each row is locked, and a day has one mail.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from service.database.tenancy import SYSTEM, Across, Database
from service.review.actions.digests import write_due
from service.review.actions.overdue import write_overdue
from service.review.queries.digests import clinics_to_write, history
from service.review.queries.overdue import clinics_to_look_through

EVERY_SECONDS = 60

logger = logging.getLogger("clamshell.digests")


async def write_digests(database: Database, now: datetime) -> int:
    """Returns how many were looked at. What fails in one clinic comes again, and holds up nobody else."""
    async with database.installation_tx() as connection:
        known = await history(connection)
    if known.held:
        return 0
    async with database.across_clinics(Across.FIND_WORK) as connection:
        clinics = await clinics_to_write(connection, now)
    written = 0
    for clinic_id in clinics:
        try:
            async with database.clinic_tx(clinic_id, SYSTEM) as session:
                written += await write_due(session, known, now)
        except Exception:
            logger.exception("the mails of clinic %s cannot be written", clinic_id)
    return written


async def write_overdue_mails(database: Database, now: datetime) -> int:
    """Tells whoever comes next that nobody has looked in time. Returns how many mails are new."""
    async with database.installation_tx() as connection:
        known = await history(connection)
    if known.held:
        return 0
    async with database.across_clinics(Across.FIND_WORK) as connection:
        clinics = await clinics_to_look_through(connection, now)
    written = 0
    for clinic_id in clinics:
        try:
            async with database.clinic_tx(clinic_id, SYSTEM) as session:
                written += await write_overdue(session, known, now)
        except Exception:
            logger.exception("the alerts of clinic %s cannot be looked through", clinic_id)
    return written


async def keep_writing(database: Database, clock: Callable[[], datetime]) -> None:
    """Until it is cancelled."""
    while True:
        for write in (write_digests, write_overdue_mails):
            try:
                await write(database, clock())
            except Exception:
                logger.exception("a round failed; it comes again")
        await asyncio.sleep(EVERY_SECONDS)
