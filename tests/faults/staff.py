"""The staff of a fault run: mails about the caseload that come due, and are written, while everything breaks."""

import asyncio
import logging
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from service.accounts.actions import add_staff
from service.clock import utc_now
from service.conversation.actions import unplaced
from service.conversation.actions.events import InboundText
from service.database.tenancy import ClinicSession, Database
from service.digest_rounds import write_digests
from service.review.actions.digests import Wish, set_digest
from tests.faults.people import House, local
from tests.make import PASSWORD_HASH

EVERY_SECONDS: Final = 0.5
"""The pages write once a minute, which would be once in a short run; here another process writes against them."""


@dataclass(frozen=True)
class Morning:
    """One mail about the caseload as its reader wished it, worked out without the code under test."""

    staff_id: UUID
    day: date
    due_at: datetime


async def wish_mornings(
    database: Database, houses: Sequence[House], span: timedelta, readers: int, chance: random.Random
) -> list[Morning]:
    """So many readers in each clinic, whose hours fall within `span` from now."""
    now = utc_now()
    mornings = []
    for house in houses:
        async with database.clinic_tx(house.team.clinic_id, house.team.therapist) as session:
            # Somebody whom nobody knows waits in each clinic: there is something to say to everybody.
            told = InboundText(f"SMunknown{house.team.clinic_id}", "+12025559999", "+13035550100", "I cannot breathe")
            await unplaced.keep(session, told, [], now, is_danger=True, ask=False)
            for number in range(readers):
                seconds = chance.randrange(int(span.total_seconds()))
                due_at = now.replace(microsecond=0) + timedelta(seconds=seconds + 2)
                mornings.append(await _wish(session, house, f"reader{number}-{house.team.clinic_id}", due_at, now))
    return mornings


async def _wish(session: ClinicSession, house: House, name: str, due_at: datetime, now: datetime) -> Morning:
    staff_id = await add_staff(
        session,
        name="Robin",
        email=f"{name}@clinic.example",
        role="therapist",
        password_hash=PASSWORD_HASH,
        now=now,
    )
    wall = local(due_at, house.zone)
    await set_digest(session, staff_id, Wish(wall.time(), house.zone, 127), now)
    return Morning(staff_id, wall.date(), due_at)


@contextmanager
def writing(url: str) -> Iterator[None]:
    """What the pages do once a minute, all the time."""
    ended = threading.Event()
    # A database that has just crashed is one of the faults.
    logging.getLogger("clamshell.digests").setLevel(logging.CRITICAL)
    thread = threading.Thread(target=lambda: asyncio.run(_write(url, ended)), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)


async def _write(url: str, ended: threading.Event) -> None:
    database = Database(url)
    while not ended.is_set():
        with suppress(SQLAlchemyError, OSError):
            await write_digests(database, utc_now())
        await asyncio.sleep(EVERY_SECONDS)
    await database.close()
