"""`clamshell demo`: starts everything, fills a clinic the first time, and says where to look."""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path

import msgspec

from service.accounts.sign_in import link_token
from service.clock import utc_now
from service.database.tenancy import Database
from service.demo.filling import Filled, Filling
from service.supervisor import Supervisor

Say = Callable[[str], None]


def run_demo(folder: Path, port: int, seed: int, say: Say) -> int:
    """Starts everything, fills it the first time, prints where to look, and stays until it is stopped."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("CLAMSHELL_", "DATABASE_URL"))}
    environ |= {key: value for key, value in os.environ.items() if key == "CLAMSHELL_PG_BIN"}
    supervisor = Supervisor(folder, port, environ | {"CLAMSHELL_INBOX": "on"}, say)
    supervisor.stop_on_signals()
    try:
        say("starting the database")
        supervisor.start_database()
        filled = _filled(supervisor, seed, say)
        say("starting the pages and the scheduler")
        supervisor.start_processes()
        _print_links(supervisor, filled, say)
        supervisor.watch()
    finally:
        supervisor.stop()
        say("stopped; the data stays for the next time")
    return 0


def _print_links(supervisor: Supervisor, filled: "Filled", say: Say) -> None:
    token = link_token(supervisor.secret_key, "enter", filled.clinic_id, filled.staff_id)
    enter = f"{supervisor.address}/dev/enter/{filled.clinic_id}/{filled.staff_id}/{token}?to="
    say(f"ready {supervisor.address}")
    say(f"  who needs you first  {enter}/caseload")
    say(f"  Maria's timeline     {enter}/clients/{filled.maria_id}")
    say(f"  the test inbox       {enter}/dev/inbox")
    say("Made-up people; nothing is sent from this machine. Never use it with real data. Ctrl-C stops it.")


def _filled(supervisor: Supervisor, seed: int, say: Say) -> Filled:
    known = supervisor.folder / "demo.json"
    if known.exists():
        return msgspec.json.decode(known.read_bytes(), type=Filled)
    filled = asyncio.run(_fill(supervisor.app_url, seed, say))
    known.write_bytes(msgspec.json.encode(filled))
    return filled


async def _fill(url: str, seed: int, say: Say) -> Filled:
    database = Database(url)
    try:
        return await Filling(database, random.Random(seed), utc_now(), say).fill()
    finally:
        await database.close()
