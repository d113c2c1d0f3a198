"""`clamshell demo`: starts everything, fills a clinic the first time, and says where to look."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import msgspec

from service.accounts.codes import link_token
from service.clock import utc_now
from service.database.tenancy import Database
from service.demo.folder import COMPLETE, Filled, forget_unfinished
from service.demo.stories import stories
from service.errors import WrongSettings
from service.loading import load
from service.settings import read_settings
from service.supervisor import Supervisor

_LOOK_SECONDS = 0.1
_PLANNING = "-c enable_seqscan=off -c jit=off"
"""A statement planned while the tables were empty would go on reading them whole. Where there is no other way than to
read one whole, that has a price until PostgreSQL 17 at which it compiles the statement: a sixth of a second each."""

Say = Callable[[str], None]


def run_demo(folder: Path, port: int, seed: int, say: Say) -> int:
    """Starts everything, fills it the first time, prints where to look, and stays until it is stopped."""
    if forget_unfinished(folder):
        say("an earlier start was cut short; making the clinic from the beginning")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("CLAMSHELL_", "DATABASE_URL"))}
    environ |= {key: value for key, value in os.environ.items() if key == "CLAMSHELL_PG_BIN"}
    supervisor = Supervisor(folder, port, environ | {"CLAMSHELL_INBOX": "on"}, say)
    supervisor.stop_on_signals()
    try:
        filled = _prepare(supervisor, seed, say)
        if filled is not None:
            _show(supervisor, filled, say)
    finally:
        supervisor.stop()
    if filled is None:
        say("stopped before all of it was there; the next start makes it from the beginning")
        return 130
    say("stopped; the data stays for the next time")
    return 0


def _prepare(supervisor: Supervisor, seed: int, say: Say) -> Filled | None:
    """The clinic, made now or before; None when somebody stopped us first."""
    say("starting the database")
    supervisor.start_database()
    known = supervisor.folder / COMPLETE
    if known.exists():
        filled = msgspec.json.decode(known.read_bytes(), type=Filled)
        if filled.seed != seed:
            say(f"the data stays as it was made, with seed {filled.seed}; --reset makes it anew with seed {seed}")
        return filled
    made = asyncio.run(_fill(supervisor, seed, say))
    if made is not None:
        # All of it or nothing: half a file would be no clinic.
        written = known.with_suffix(".new")
        written.write_bytes(msgspec.json.encode(made))
        written.replace(known)
    return made


async def _fill(supervisor: Supervisor, seed: int, say: Say) -> Filled | None:
    """Looks up from its work ten times a second: a signal only leaves a word."""
    settings = read_settings(supervisor.process_environ())
    database = Database(f"{supervisor.app_url}?options={quote(_PLANNING)}", audit_key=settings.audit_key)
    # All but the first start go without what it takes.
    filling_of = load("service.demo.filling").Filling
    work = filling_of(database, seed, utc_now(), say, supervisor.secret_key, supervisor.address, list(stories(seed)))
    try:
        filling = asyncio.create_task(work.fill())
        while not filling.done():
            if supervisor.stopping:
                filling.cancel()
            await asyncio.wait([filling], timeout=_LOOK_SECONDS)
        result: Filled | None = None if filling.cancelled() else filling.result()
        return result
    finally:
        await database.close()


def _show(supervisor: Supervisor, filled: Filled, say: Say) -> None:
    """Until it is stopped."""
    say("starting the pages and the scheduler")
    try:
        supervisor.start_processes()
    except WrongSettings:
        # They did not answer because somebody stopped them.
        if supervisor.stopping:
            return
        raise
    _print_links(supervisor, filled, say)
    supervisor.watch()


def _print_links(supervisor: Supervisor, filled: Filled, say: Say) -> None:
    token = link_token(supervisor.secret_key, "enter", filled.clinic_id, filled.staff_id)
    enter = f"{supervisor.address}/dev/enter/{filled.clinic_id}/{filled.staff_id}/{token}?to="
    say(f"ready {supervisor.address}")
    say(f"  who needs you first  {enter}/caseload")
    say(f"  Maria's timeline     {enter}/clients/{filled.maria_id}")
    say(f"  the test inbox       {enter}/dev/inbox?person={filled.maria_id}")
    say("Signed out? Open a link again, as often as you like. A client's sign-in code comes to the test inbox.")
    say("Made-up people; nothing is sent from this machine. Never use it with real data. Ctrl-C stops it.")
