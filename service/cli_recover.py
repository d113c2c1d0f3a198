"""`clamshell recover`: says what is on hold and why, asks the schedulers to recover, and shows how far they are.

It may be stopped at any moment and run as often as one likes: the work is the schedulers', this only asks and looks.
"""

import argparse
import asyncio
import os
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.clock import monotonic
from service.database import box
from service.database.reaching import answering, knock
from service.database.tenancy import Database
from service.doctor import Say
from service.erased_list import read
from service.erasing_again import erase_again
from service.errors import WrongSettings
from service.installation import opened
from service.outbox.queries import Hold, read_hold
from service.settings import Settings, read_settings
from service.terminal import say

VARIABLE = "CLAMSHELL_NOTIFIER_DATABASE_URL"
_LOOK_SECONDS = 0.5
_ALIVE_SECONDS = 30

_ASK = text("UPDATE epoch SET asked_at = now() WHERE held_since IS NOT NULL AND asked_at IS NULL")
_PROGRESS = text("SELECT note FROM heartbeat WHERE note LIKE 'recovering%' ORDER BY beat_at DESC LIMIT 1")
_ALIVE = text("SELECT count(*) FROM heartbeat WHERE beat_at > now() - make_interval(secs => :seconds)")


@answering()
def run(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL") or os.environ.get(VARIABLE) or not (options.data / "postgres").exists():
        settings = read_settings()
        url = settings.notifier_database_url
        if url is None:
            raise WrongSettings(f"{VARIABLE} must be set: recovering is done with the scheduler's login")
        knock(url, VARIABLE)
        _erase_again(settings)
        return asyncio.run(recover(url, say))
    with opened(options.data) as installation:
        _erase_again(read_settings(installation.environ(os.environ)))
        return asyncio.run(recover(installation.notifier_url, say))


def _erase_again(settings: Settings) -> None:
    """Whoever was erased since the backup, where this process may: it takes the login of the API."""
    folder = settings.state_folder
    if folder is None or not read(folder):
        return
    if settings.database_url is None:
        say("Some people were erased before. With DATABASE_URL, `clamshell erase --replay` erases them again.")
        return
    box.use(settings.keys)
    asyncio.run(erase_again(settings.database_url, folder, say))


async def recover(url: str, say: Say, patience: float = _ALIVE_SECONDS) -> int:
    """0 when nothing is on hold any more; 1 when no scheduler is there to do it. `patience` in seconds."""
    database = Database(url)
    try:
        async with database.installation_tx() as connection:
            hold = await read_hold(connection)
        if hold.reason is None:
            say("Sending is not on hold. There is nothing to recover.")
            return 0
        _say_found(hold, say)
        with suppress(OperationalError):  # the row is locked: a scheduler is at it already
            async with database.installation_tx() as connection:
                await connection.execute(_ASK)
        return await _follow(database, say, patience)
    finally:
        await database.close()


def _say_found(hold: Hold, say: Say) -> None:
    say(f"Sending is on hold: {hold.why}.")
    say("  Make sure that no other copy of this installation sends: stop its schedulers for good.")
    say("  Every message that may have left is now looked up at its provider before anything is sent again.")
    say("  Mail cannot be looked up: what was due is not sent again, and the ledger says that it is not known.")
    say("  A STOP that came in the forgotten time is forgotten too; texts to it are refused by most providers.")


async def _follow(database: Database, say: Say, patience: float) -> int:
    until, said = monotonic() + patience, None
    while True:
        async with database.installation_tx() as connection:
            hold = await read_hold(connection)
            note = await connection.scalar(_PROGRESS)
            alive = await _alive(connection, patience)
        if hold.reason is None:
            say(f"Recovered. {hold.planned} moments planned, {hold.doubted} messages are being looked up.")
            say("  That takes about ten minutes; the ledger of each client says what came out.")
            return 0
        if note != said and note is not None:
            say(f"  {note}")
            said = note
        if not alive and monotonic() > until:
            say("No scheduler is running. Start one: it goes on by itself, you need not ask again.")
            return 1
        await asyncio.sleep(_LOOK_SECONDS)


async def _alive(connection: AsyncConnection, patience: float) -> bool:
    return bool(await connection.scalar(_ALIVE, {"seconds": patience}))
