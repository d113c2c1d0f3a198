"""What the pages of staff cost: a page of a caseload of 500 clients with 60 days each, and one client's 60 days, as
data and as the page that goes out.

Alone in the database, then among the diaries of other clinics: what changes, and what PostgreSQL reads whole.
"""

import argparse
import asyncio
import gc
import os
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Engine, event

from bench._diaries import GROWING, grow, make_clinic, remember
from bench._measuring import SECRET, installed, server_cpu
from service.accounts import sign_in
from service.accounts.guards import COOKIE, Caller, Edge, Person
from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.app import create_app
from service.clock import monotonic, utc_now
from service.database.tenancy import SYSTEM, Database
from service.ids import new_id
from service.review.schemas import Caseload
from service.review.views.caseload import caseload
from service.review.views.client import timeline
from service.settings import Settings
from tests.make import Team
from tests.scale.test_statements import scanned
from tests.told import statements

Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Cost:
    milliseconds: float
    client_cpu: float
    server_cpu: float
    statements: int

    def told(self) -> str:
        return (
            f"{self.milliseconds:7.1f} ms, CPU {self.client_cpu:6.1f} + {self.server_cpu:6.1f} ms,"
            f" {self.statements} statements"
        )


async def caller(database: Database, team: Team, now: datetime) -> Caller:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        clinic = await find_clinic(session)
    person = Person("staff", team.clinic_id, team.therapist_id, "Sam", "therapist", "en", new_id(now))
    settings = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")
    return Caller(person, Edge(database, settings, now), "web", clinic, None)


async def cost(database: Database, work: Work, rounds: int, postmaster: int) -> Cost:
    """The median of wall time, means of CPU; the first is not counted."""
    taken: list[float] = []
    with statements(database) as sent:
        await work()
        count = len(sent)
    before, server = _own_cpu(), server_cpu(postmaster)
    for _ in range(rounds):
        began = monotonic()
        await work()
        taken.append((monotonic() - began) * 1000)
    own, theirs = _own_cpu() - before, server_cpu(postmaster) - server
    return Cost(median(taken), own / rounds * 1000, theirs / rounds * 1000, count)


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def run(owner_url: str, app_url: str, people: int, rows: int, rounds: int, postmaster: int) -> None:
    database, now = Database(app_url), utc_now()
    team = await make_clinic(database, people, now)
    remember(owner_url, team.clinic_id, now)
    staff = await caller(database, team, now)

    async def page() -> Caseload:
        async with staff.tx() as session:
            return await caseload(session, staff, None, page=1)

    first = (await page()).rows[0].client_id
    # As a process that serves does when it has loaded all (service/loading.py).
    gc.collect()
    gc.freeze()

    async def client_page() -> object:
        async with staff.tx() as session:
            return await timeline(session, staff, await find_client(session, first))

    works: dict[str, Work] = {"caseload": page, "timeline": client_page}
    served = {"caseload, its page": "/caseload", "timeline, its page": f"/clients/{first}"}
    async with AsyncClient(
        transport=ASGITransport(create_app(staff.settings, database)),  # type: ignore[arg-type]
        base_url=staff.settings.public_url,
        headers={"Cookie": f"{COOKIE}={await token(database, team)}"},
    ) as api:
        works |= {name: partial(fetch, api, path) for name, path in served.items()}
        for name, path in served.items():
            print(f"{name:18} {await weight(api, path)}")
        await compare(staff, works, owner_url, rows, rounds, postmaster)
    await database.close()


async def token(database: Database, team: Team) -> str:
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        return await sign_in.start_session(session, staff_id=team.therapist_id, now=utc_now())


async def fetch(api: AsyncClient, path: str) -> Response:
    return (await api.get(path)).raise_for_status()


async def weight(api: AsyncClient, path: str) -> str:
    answer = await fetch(api, path)
    return f"{len(answer.content):,} bytes, {answer.num_bytes_downloaded:,} compressed"


async def compare(
    staff: Caller, works: dict[str, Work], owner_url: str, rows: int, rounds: int, postmaster: int
) -> None:
    for told in ("alone", f"among {rows:,} rows of others"):
        if told != "alone":
            grow(owner_url, rows, utc_now())
        for name, work in works.items():
            found = await cost(staff.edge.database, work, rounds, postmaster)
            print(f"{name:18} {told:32} {found.told()}, load {os.getloadavg()[0]:.1f}", flush=True)
    for name, work in works.items():
        print(f"{name:18} reads whole: {await read_whole(staff, work) or 'none of ' + ', '.join(GROWING)}")


async def read_whole(staff: Caller, work: Work) -> set[str]:
    """The growing tables that PostgreSQL would read from one end to the other."""
    heard: dict[str, Any] = {}

    def listen(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        heard[statement] = values

    event.listen(Engine, "before_cursor_execute", listen)
    await work()
    event.remove(Engine, "before_cursor_execute", listen)
    found: set[str] = set()
    async with staff.tx() as session:
        connection = await session.connection()
        for statement, values in heard.items():
            if statement.startswith(("SELECT", "WITH")):
                [[plan]] = await connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values)
                found |= set(GROWING) & set(scanned(plan[0]["Plan"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench progress")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with installed() as (server, _, postmaster):
        app_url = server.url("b_app", SECRET, "bench")
        asyncio.run(run(server.superuser_url("bench"), app_url, asked.people, asked.rows, asked.rounds, postmaster))


if __name__ == "__main__":
    main()
