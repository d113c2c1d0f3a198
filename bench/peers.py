"""The notifier beside queues and schedulers that exist: the same N due reminders to the same far end, in one run.

The peers only queue and send; the notifier also plans, asks again before each send whether it may go, keeps a ledger,
marks durably before the wire and records after it. Their libraries live in an environment of their own below `.venv`.
Celery takes part where a `redis-server` is installed.
"""

import argparse
import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from statistics import median

import psycopg
import uvloop

from bench._measuring import Figures, installed, server_cpu
from bench.far_end import serving
from bench.notifier import Running, running
from bench.peer.work import peak_memory
from service.database.embedded import EmbeddedPostgres
from service.loading import look_for_garbage_less
from tests.own_environment import own_environment

ROOT = Path(__file__).parents[1]
PEERS = ("procrastinate", "pgqueuer", "apscheduler", *(("celery",) if which("redis-server") else ()))
OURS = "clamshell"


@dataclass(frozen=True)
class Round:
    """`peak`: MB of the process that sends."""

    queued: Figures
    sent: Figures
    peak: float


def peer_round(python: Path, peer: str, server: EmbeddedPostgres, postmaster: int, due: int, port: int) -> Round:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS peer WITH (FORCE)")
        connection.execute("CREATE DATABASE peer")
    command = [str(python), "-m", f"bench.peer.with_{peer}", server.superuser_url("peer"), str(port), str(due)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        steps = []
        for _ in range(2):
            before = server_cpu(postmaster)
            told = json.loads(process.stdout.readline())
            cpu = server_cpu(postmaster) - before
            steps.append(Figures(due, told["seconds"], told["cpu"], cpu, told["late"]))
            with psycopg.connect(server.superuser_url("peer"), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            if process.poll() is None and len(steps) == 1:
                process.stdin.write("\n")
                process.stdin.flush()
        return Round(steps[0], steps[1], told["peak"])


async def our_round(notifier: Running, due: int) -> Round:
    planned, sent = await notifier.round(due, 10)
    return Round(planned, sent, peak_memory())


async def compare(
    python: Path, where: tuple[EmbeddedPostgres, str, int], port: int, options: Namespace
) -> dict[str, list[Round]]:
    server, url, postmaster = where
    found: dict[str, list[Round]] = {name: [] for name in (OURS, *PEERS)}
    async with running(server, url, postmaster, port) as notifier:
        for number in range(options.rounds):
            for name in list(found)[:: 1 if number % 2 == 0 else -1]:
                if name == OURS:
                    found[name].append(await our_round(notifier, options.due))
                else:
                    found[name].append(peer_round(python, name, server, postmaster, options.due, port))
                print(f"round {number + 1}: {name:14}{found[name][-1].sent.told()}", flush=True)
    return found


def row(name: str, rounds: Sequence[Round], ours: Sequence[Round]) -> str:
    def of(figure: Callable[[Round], float], among: Sequence[Round] = rounds) -> float:
        return median(map(figure, among))

    rates = [round_.sent.rate for round_ in rounds]
    times = of(lambda round_: round_.sent.rate, ours) / of(lambda round_: round_.sent.rate)
    return (
        f"| {name} | {of(lambda round_: round_.queued.rate):,.0f} | {median(rates):,.0f}"
        f" ({min(rates):,.0f}–{max(rates):,.0f}) | {times:.1f} ×"
        f" | {of(lambda round_: round_.queued.cpu):.2f} + {of(lambda round_: round_.sent.cpu):.2f}"
        f" | {of(lambda round_: round_.sent.late):.1f} | {max(round_.peak for round_ in rounds):.0f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run bench peers", description=__doc__)
    parser.add_argument("--due", type=int, default=2_000, help="reminders due at once (default 2,000)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many, in changing order (default 3)")
    parser.add_argument("--delays", type=int, nargs="+", default=[0, 50], help="of the far end, in ms (default 0 50)")
    options = parser.parse_args(arguments)
    look_for_garbage_less()  # as the scheduler does
    python = own_environment("peers") / "python"
    with installed() as (server, url, pid):
        for milliseconds in options.delays:
            with serving(milliseconds / 1000) as port:
                rounds = uvloop.run(compare(python, (server, url, pid), port, options))
            print(f"\n{options.due:,} due, far end {milliseconds} ms, load {os.getloadavg()[0]:.1f}\n")
            print("| | queued a second | sent a second | ours is | CPU-s per 1,000: queued + sent | p99 s | peak MB |")
            print("|---|---|---|---|---|---|---|")
            print("\n".join(row(name, found, rounds[OURS]) for name, found in rounds.items()), "\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
