"""What must not get worse with size and company: planning among many, a steady stream, two processes, small clinics.

stored     planning the same number of due reminders among few and among many that are not due
steady     20 reminders a second through a real scheduler process: how late is the 99th of a hundred
processes  the same queue worked off by one scheduler process and by two
fairness   one clinic with a long queue and many with ten messages: when is the last of the small ones out
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import psycopg

from bench._measuring import installed, measure
from bench._queued import queue_all
from bench._yesterday import remember
from bench.far_end import serving
from bench.notifier import planner_on, sending
from service.clock import monotonic
from service.database.embedded import EmbeddedPostgres
from tests.crowd import fill
from tests.key import KEY

READY_SECONDS = 6
"""Until the processes that are to send are there."""


def asked(owner: str, query: str, *values: object) -> Any:
    with psycopg.connect(owner) as connection:
        row = connection.execute(query, values).fetchone()
    assert row
    return row[0]


@contextmanager
def schedulers(url: str, port: int, how_many: int) -> Iterator[None]:
    environ = os.environ | {
        "CLAMSHELL_NOTIFIER_DATABASE_URL": url,
        "CLAMSHELL_SECRET_KEY": "s" * 40,
        "CLAMSHELL_DATA_KEY": KEY.text,
        "CLAMSHELL_PUBLIC_URL": "http://127.0.0.1:9",
        "CLAMSHELL_SMS_URL": f"http://127.0.0.1:{port}",
        "CLAMSHELL_SMS_ACCOUNT": "AC1",
        "CLAMSHELL_SMS_TOKEN": "token",
        "CLAMSHELL_SMS_FROM": "+13035550100",
        "CLAMSHELL_SMS_PER_SECOND": "10000",
    }
    command = [sys.executable, "-m", "scheduler"]
    processes = [subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) for _ in range(how_many)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def wait_until_sent(owner: str, seconds: float) -> None:
    deadline = monotonic() + seconds
    while asked(owner, "SELECT count(*) FROM message WHERE state <> 'accepted'"):
        assert monotonic() < deadline, "not all were sent in time"
        time.sleep(0.5)


# Of each clinic some who were not due come due now; whoever was planned before is due again tomorrow.
_COME_DUE = (
    "UPDATE reminder_clock k SET next_at = x.at FROM (SELECT clinic_id, reminder_id,"
    " next_at - interval '180 days' AS at, row_number() OVER (PARTITION BY clinic_id ORDER BY reminder_id) AS n"
    " FROM reminder_clock"
    " WHERE next_at > now() + interval '100 days') x"
    " WHERE k.clinic_id = x.clinic_id AND k.reminder_id = x.reminder_id AND x.n <= %s"
)


async def _plan(url: str, owner: str, postmaster: int, options: argparse.Namespace, people: int) -> None:
    async with planner_on(url) as planner:
        for number in range(options.rounds + 1):
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(_COME_DUE, [options.due // 10])
                connection.execute("VACUUM ANALYZE reminder_clock")
                connection.execute("CHECKPOINT")
            figures = await measure(planner.tick(), postmaster)
            # The first warms up.
            if number:
                print(f"{people:9,} stored, round {number}: {figures.told()}", flush=True)


def stored(server: EmbeddedPostgres, url: str, postmaster: int, options: argparse.Namespace) -> None:
    owner = server.superuser_url("bench")
    for people in options.people:
        fill(owner, 10, people // 10, 0)
        remember(owner)
        asyncio.run(_plan(url, owner, postmaster, options, people))


def steady(server: EmbeddedPostgres, url: str, postmaster: int, options: argparse.Namespace) -> None:
    owner, due = server.superuser_url("bench"), options.seconds * 20
    fill(owner, 10, due // 10, 0)
    with serving(0.05) as port, schedulers(url, port, 1):
        queue_all(owner, READY_SECONDS, 1 / 20)
        wait_until_sent(owner, options.seconds + 60)
    late = "SELECT extract(epoch FROM percentile_disc(%s) WITHIN GROUP (ORDER BY accepted_at - due_at)) FROM message"
    half, most, last = (float(asked(owner, late, part)) for part in (0.5, 0.99, 1.0))
    print(
        f"20 a second for {options.seconds} s: late by {half:.2f} s (median), {most:.2f} s (p99), {last:.2f} s at most"
    )


def processes(server: EmbeddedPostgres, url: str, postmaster: int, options: argparse.Namespace) -> None:
    owner = server.superuser_url("bench")
    rates: dict[int, list[float]] = {1: [], 2: []}
    for number in range(options.rounds):
        for how_many in (1, 2) if number % 2 == 0 else (2, 1):
            fill(owner, 10, options.due // 10, 0)
            with serving(0.05) as port, schedulers(url, port, how_many):
                queue_all(owner, READY_SECONDS)
                wait_until_sent(owner, 300)
            taken = float(asked(owner, "SELECT extract(epoch FROM max(accepted_at) - min(due_at)) FROM message"))
            rates[how_many].append(options.due / taken)
            print(f"{how_many} process(es): {options.due / taken:,.0f}/s", flush=True)
    print(f"two send {median(rates[2]) / median(rates[1]):.2f} times what one does, on {os.cpu_count()} cores")


def _wait_until_out(owner: str, small: str) -> None:
    while asked(owner, f"SELECT count(*) {small} AND m.state <> 'accepted'"):
        time.sleep(0.2)


async def _until_small_are_out(url: str, port: int, owner: str, small: str) -> None:
    async with sending(url, port) as delivery:
        tick = asyncio.create_task(delivery.tick())
        await asyncio.to_thread(_wait_until_out, owner, small)
        delivery.stopping.set()
        await tick


def fairness(server: EmbeddedPostgres, url: str, postmaster: int, options: argparse.Namespace) -> None:
    owner = server.superuser_url("bench")
    fill(owner, 201, 10, 0, in_one=options.queued)
    queue_all(owner, 0)
    large = asked(owner, "SELECT clinic_id FROM message GROUP BY clinic_id ORDER BY count(*) DESC LIMIT 1")
    small = f"FROM message m WHERE clinic_id <> '{large}'"
    with serving(0.05) as port:
        started = asked(owner, "SELECT now()")
        asyncio.run(_until_small_are_out(url, port, owner, small))
    last = float(asked(owner, f"SELECT extract(epoch FROM max(accepted_at) - %s) {small}", started))
    beside = asked(owner, "SELECT count(*) FROM message WHERE state = 'accepted' AND clinic_id = %s", large)
    print(f"200 clinics with 10 each beside one with {options.queued:,}: the last of them after {last:.1f} s,")
    print(f"when {beside:,} of the large one were out")


MEASURED = {"stored": stored, "steady": steady, "processes": processes, "fairness": fairness}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="./run bench crowds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="+", choices=MEASURED)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 50_000, 200_000], help="stored")
    parser.add_argument("--due", type=int, default=2_000, help="stored, processes (default 2,000)")
    parser.add_argument("--rounds", type=int, default=3, help="stored, processes (default 3)")
    parser.add_argument("--seconds", type=int, default=60, help="steady (default 60)")
    parser.add_argument("--queued", type=int, default=100_000, help="fairness: of the large clinic (default 100,000)")
    options = parser.parse_args(arguments)
    with installed() as (server, url, pid):
        for what in options.what:
            MEASURED[what](server, url, pid, options)
            print(f"load {os.getloadavg()[0]:.1f}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
