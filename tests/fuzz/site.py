"""The application on a port of its own, over a database of its own, with the two clinics of `tests.trust` in it."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from argon2 import PasswordHasher

from service.accounts import sign_in
from service.app import create_app
from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP
from service.database.tenancy import Actor, Database
from service.migrate import Login, migrate
from service.settings import Settings
from tests.conftest import serving
from tests.far_ends import free_port
from tests.make import NOW
from tests.postgres_of_run import PASSWORD
from tests.trust.clinics import MARKS, Side, make_side


@dataclass(frozen=True)
class Site:
    settings: Settings
    database_url: str
    owner_url: str
    ours: Side
    theirs: Side

    @property
    def url(self) -> str:
        return self.settings.public_url

    async def signed_in(self, role: str) -> dict[str, str]:
        """Anew each time: what is tried out may end a session."""
        database, team = Database(self.database_url), self.ours.team
        staff = {"owner": team.owner_id, "therapist": team.therapist_id}.get(role)
        client = None if staff else self.ours.client_id
        async with database.clinic_tx(team.clinic_id, Actor("system", None, "web")) as session:
            token = await sign_in.start_session(session, staff_id=staff, client_id=client, now=NOW)
        await database.close()
        return {"Authorization": f"Bearer {token}"}


@contextmanager
def site() -> Iterator[Site]:
    sign_in._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as server:
        migrate(server.superuser_url(), [Login("fuzz_app", PASSWORD, APP)])
        url, port = server.url("fuzz_app", PASSWORD, "postgres"), free_port()
        settings = Settings(secret_key="s" * 40, public_url=f"http://127.0.0.1:{port}", inbox=True)
        ours, theirs = asyncio.run(_two_clinics(settings, url))
        app = create_app(settings, Database(url), lambda: NOW)
        listening = uvicorn.Server(uvicorn.Config(app, port=port, loop="asyncio", log_level="critical"))
        thread = Thread(target=listening.run, daemon=True)
        thread.start()
        try:
            while not listening.started:
                assert thread.is_alive(), "the pages ended as they started"
                thread.join(0.05)
            yield Site(settings, url, server.superuser_url(), ours, theirs)
        finally:
            listening.should_exit = True
            thread.join(10)


async def _two_clinics(settings: Settings, url: str) -> tuple[Side, Side]:
    database = Database(url)
    async with serving(settings, database, lambda: NOW) as api:
        made = [await make_side(api, database, mark, settings.secret_key) for mark in MARKS]
    await database.close()
    return made[0], made[1]
