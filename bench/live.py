"""What open caseloads cost while nothing happens: one process that serves, a page of each of many clinics, then many
pages of one clinic of 500 people. Processor time of the process and of PostgreSQL, of one core."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench._diaries import make_clinic
from bench._measuring import SECRET, installed, server_cpu
from service.accounts import sign_in
from service.accounts.guards import COOKIE
from service.clock import monotonic, utc_now
from service.database.tenancy import SYSTEM, Database
from service.review.views.live import PAGES_OF_ONE
from tests.far_ends import free_port
from tests.key import KEY
from tests.make import Team


def process_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(app_url: str) -> Iterator[tuple[str, int]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("clamshell"), "serve", "--port", str(port)],
        env={
            **os.environ,
            "DATABASE_URL": app_url,
            "CLAMSHELL_SECRET_KEY": "s" * 40,
            "CLAMSHELL_DATA_KEY": KEY.text,
            "CLAMSHELL_PUBLIC_URL": url,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                httpx.get(f"{url}/health", trust_env=False).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


async def tokens(database: Database, teams: list[Team], pages: int) -> list[str]:
    """One for each page; a sign-in may have only so many."""
    found: list[str] = []
    for team in teams:
        for first in range(0, pages, PAGES_OF_ONE):
            async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
                token = await sign_in.start_session(session, staff_id=team.therapist_id, now=utc_now())
            found += [token] * min(PAGES_OF_ONE, pages - first)
    return found


async def open_pages(url: str, found: list[str]) -> list[asyncio.StreamWriter]:
    """Nobody reads what comes: it is a few bytes."""
    writers = []
    for token in found:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        writer.write(f"GET /caseload/live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={token}\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()
        writers.append(writer)
    return writers


async def cost(told: str, pid: int, postmaster: int, seconds: int) -> None:
    own, theirs, began = process_cpu(pid), server_cpu(postmaster), monotonic()
    await asyncio.sleep(seconds)
    passed = monotonic() - began
    own, theirs = (process_cpu(pid) - own) / passed, (server_cpu(postmaster) - theirs) / passed
    print(f"{told:34} {own:6.1%} + PostgreSQL {theirs:6.1%} of one core, load {os.getloadavg()[0]:.1f}", flush=True)


async def run(app_url: str, pages: int, people: int, seconds: int, postmaster: int) -> None:
    database = Database(app_url)
    many = [await make_clinic(database, 1, utc_now()) for _ in range(pages)]
    one = await make_clinic(database, people, utc_now())
    with serving(app_url) as (url, pid):
        await cost("no page is open", pid, postmaster, seconds)
        for told, teams, each in (
            (f"{pages} pages of {pages} clinics", many, 1),
            (f"{pages} pages of one, {people} people", [one], pages),
        ):
            writers = await open_pages(url, await tokens(database, teams, each))
            await asyncio.sleep(5)
            await cost(told, pid, postmaster, seconds)
            for writer in writers:
                writer.close()
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench live")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with installed() as (server, _, postmaster):
        app_url = server.url("b_app", SECRET, "bench")
        asyncio.run(run(app_url, asked.pages, asked.people, asked.seconds, postmaster))


if __name__ == "__main__":
    main()
