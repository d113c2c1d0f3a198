"""Writes the mails to staff when their hour comes, and takes the steps of plans that were allowed ahead, in any of the
processes that serve the pages.

It stands here and not with the notifier: who needs somebody first is read from scores and words, which the notifier
may not see. Any number of processes may do it: each row is locked, and a day has one mail.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from service import logs
from service.accounts import queries as accounts
from service.audit.queries import clinics_to_anchor
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.review.actions.anchors import write_anchor
from service.review.actions.digests import write_due
from service.review.actions.overdue import write_overdue
from service.review.actions.stepping import LOOK_EVERY, step_if_allowed
from service.review.queries.digests import History, clinics_to_write, history
from service.review.queries.overdue import clinics_to_look_through
from service.review.queries.stepping import clinics_to_step, to_look_at
from service.review.rules.anchor import EVERY

EVERY_SECONDS = 60

logger = logs.logger("digests")


Find = Callable[[AsyncConnection, datetime], Awaitable[list[UUID]]]
Write = Callable[[ClinicSession, History, datetime], Awaitable[int]]


async def write_digests(database: Database, now: datetime) -> int:
    """Returns how many were looked at."""
    return await _in_each_clinic(database, now, clinics_to_write, write_due)


async def write_overdue_mails(database: Database, now: datetime) -> int:
    """Tells whoever comes next that nobody has looked in time. Returns how many mails are new."""
    return await _in_each_clinic(database, now, clinics_to_look_through, write_overdue)


async def write_anchors(database: Database, now: datetime, send_to: str) -> int:
    """Says where each trail ends that has grown. Returns how many mails are new."""

    async def find(connection: AsyncConnection, now: datetime) -> list[UUID]:
        return await clinics_to_anchor(connection, now - EVERY)

    async def write(session: ClinicSession, _: History, now: datetime) -> int:
        return await write_anchor(session, send_to, now)

    return await _in_each_clinic(database, now, find, write)


async def take_steps(database: Database, now: datetime) -> int:
    """Takes the steps that were allowed ahead, each client in a transaction of its own. Returns how many."""
    found: list[tuple[UUID, UUID]] = []

    async def look(session: ClinicSession, _: History, now: datetime) -> int:
        (await accounts.clinic_to_change(session)).steps_at = now + LOOK_EVERY
        clients = await to_look_at(session, now)
        found.extend((session.clinic_id, client_id) for client_id in clients)
        return len(clients)

    await _in_each_clinic(database, now, clinics_to_step, look)
    return sum([await _take_step(database, clinic_id, client_id, now) for clinic_id, client_id in found])


async def _take_step(database: Database, clinic_id: UUID, client_id: UUID, now: datetime) -> bool:
    try:
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            return await step_if_allowed(session, client_id, now)
    except Exception:
        logger.exception("a step cannot be looked at", client_id=client_id)
        return False


async def _in_each_clinic(database: Database, now: datetime, find: Find, write: Write) -> int:
    """What fails in one clinic comes again, and holds up nobody else. Nothing is written while sending is on hold."""
    async with database.installation_tx() as connection:
        known = await history(connection)
    if known.held:
        return 0
    async with database.across_clinics(Across.FIND_WORK) as connection:
        clinics = await find(connection, now)
    written = 0
    for clinic_id in clinics:
        try:
            async with database.clinic_tx(clinic_id, SYSTEM) as session:
                written += await write(session, known, now)
        except Exception:
            logger.exception("the mails to staff of a clinic cannot be written", clinic_id=clinic_id)
    return written


async def keep_writing(database: Database, clock: Callable[[], datetime], anchor_to: str) -> None:
    """Until it is cancelled."""
    while True:
        for write in (write_digests, write_overdue_mails, partial(write_anchors, send_to=anchor_to), take_steps):
            try:
                await write(database, clock())
            except Exception:
                logger.exception("a round failed; it comes again")
        await asyncio.sleep(EVERY_SECONDS)
