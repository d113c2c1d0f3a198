"""What a client's first page costs: the server at a steady rate of requests, and what a browser makes of it.

Servers are processes of `clamshell serve`, two as in `compose.yaml`, asked in turn. The load comes from this one and
is open: a request starts when it is due, whatever became of the ones before, and its time runs from then.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
from sqlmodel import col, select

from bench._diaries import make_clinic, remember
from bench._in_a_browser import told_by_browser
from bench._measuring import SECRET, installed, server_cpu
from service.accounts import sign_in
from service.accounts.guards import COOKIE
from service.accounts.tables import Client
from service.clock import monotonic, utc_now
from service.database.embedded import EmbeddedPostgres
from service.database.tenancy import Actor, Database
from tests.far_ends import free_port
from tests.key import KEY

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    url: str
    pid: int

    def cpu(self) -> float:
        """User and system seconds of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / TICK


@contextmanager
def serving(database_url: str) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url}
    environ |= {"CLAMSHELL_SECRET_KEY": "k" * 40, "CLAMSHELL_DATA_KEY": KEY.text, "CLAMSHELL_PUBLIC_URL": url}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    with TemporaryDirectory() as folder, (Path(folder) / "log").open("w+b") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            asyncio.run(_until_healthy(url))
            yield Server(url, process.pid)
        finally:
            process.terminate()
            process.wait(20)


async def _until_healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def people_of(server: EmbeddedPostgres, people: int) -> list[str]:
    """The tokens of so many clients who are signed in, each with sixty days behind them."""
    database, now = Database(server.url("b_app", SECRET, "bench")), utc_now()
    team = await make_clinic(database, people, now)
    remember(server.superuser_url("bench"), team.clinic_id, now)
    async with database.clinic_tx(team.clinic_id, Actor("system", None, "web")) as session:
        statement = select(Client.id).where(col(Client.clinic_id) == team.clinic_id)
        clients = (await session.execute(statement)).scalars().all()
        tokens = [await sign_in.start_session(session, client_id=client, now=now) for client in clients]
    await database.close()
    return tokens


async def load(servers: Sequence[Server], tokens: list[str], rate: int, seconds: float) -> list[float]:
    """Milliseconds of each request, from when it was due to its last byte."""
    taken: list[float] = []

    async def one(session: aiohttp.ClientSession, server: Server, due: float) -> None:
        headers = {"Cookie": f"{COOKIE}={random.choice(tokens)}", "Accept-Encoding": "gzip, deflate, br"}
        async with session.get(f"{server.url}/today", headers=headers) as answer:
            await answer.read()
            # What is turned away was not served in time: it counts as the slowest.
            taken.append((monotonic() - due) * 1000 if answer.status == 200 else inf)

    began = monotonic()
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()) as session,
        asyncio.TaskGroup() as group,
    ):
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - monotonic()))
            group.create_task(one(session, servers[number % len(servers)], due))
    return sorted(taken)


def rounds(servers: Sequence[Server], tokens: list[str], asked: argparse.Namespace, postmaster: int) -> None:
    asyncio.run(load(servers, tokens, asked.rate, 5))
    for _ in range(asked.rounds):
        own, theirs = sum(server.cpu() for server in servers), server_cpu(postmaster)
        taken = asyncio.run(load(servers, tokens, asked.rate, asked.seconds))
        own, theirs = sum(server.cpu() for server in servers) - own, server_cpu(postmaster) - theirs
        each = 1000 / len(taken)
        print(
            f"{asked.rate}/s: p50 {median(taken):5.1f} ms, p99 {taken[int(len(taken) * 0.99)]:5.1f} ms, at most"
            f" {taken[-1]:5.1f} ms; CPU ms a request {own * each:.1f} + {theirs * each:.1f};"
            f" {taken.count(inf)} turned away; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench today", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--rate", type=int, default=50, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with installed() as (database, _, postmaster):
        tokens = asyncio.run(people_of(database, asked.people))
        with ExitStack() as stack:
            url = database.url("b_app", SECRET, "bench")
            servers = [stack.enter_context(serving(url)) for _ in range(asked.servers)]
            print(told_by_browser(servers[0].url, tokens[0]), flush=True)
            rounds(servers, tokens, asked, postmaster)


if __name__ == "__main__":
    main()
