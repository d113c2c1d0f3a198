"""`./run faults --minutes N --seed S`: real processes, a hostile provider, kills at any instruction, and a judge.

Seconds of the protocol (leases, looks, quarantine) pass `--speed` times as fast; people's clocks do not.
The last line says what came out; the exit code is 1 when a promise was broken.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from service.clock import utc_now
from service.database.tenancy import Database
from tests.faults.far_end import Ledger, hostile_far_ends
from tests.faults.judge import Verdict, judge, read_evidence
from tests.faults.nemesis import Nemesis
from tests.faults.people import Moment, fill
from tests.faults.product import Product

Say = Callable[[str], None]
SETTLES_WITHIN = 20 * 60
"""Seconds on the protocol's clock."""


@dataclass(frozen=True)
class Plan:
    """`due` moments within `seconds`, while `workers` schedulers are killed. `speed` is for the protocol's clock."""

    seconds: float
    due: int
    seed: int
    speed: float = 10
    workers: int = 5


@dataclass
class Report:
    verdict: Verdict
    kills: int
    counts: dict[str, int]
    settled_after: float
    """Seconds on the protocol's clock from the last fault to the last settlement."""


def run(plan: Plan, folder: Path, say: Say) -> Report:
    with ExitStack() as stack:
        line, mail, ledger = stack.enter_context(hostile_far_ends(folder, plan.seed, plan.speed))
        product = stack.enter_context(Product(folder, line.provider.url, mail.url, plan.speed, plan.seed))
        say(f"seed {plan.seed}: {plan.due} moments in {plan.seconds:.0f} s, protocol {plan.speed:g} times as fast")
        moments = asyncio.run(_people(product.app_url, plan, say))
        _spread_looks(product.owner_url, plan.seconds)
        nemesis = Nemesis(product, line, plan.workers, random.Random(plan.seed + 2), utc_now)
        stack.callback(nemesis.end)
        # Nothing comes due in peace.
        last = (max(moment.due_at for moment in moments) - utc_now()).total_seconds()
        _attack(nemesis, max(plan.seconds, last), ledger, say)
        line.provider.healed = mail.healed = True
        settled_after = _drain(nemesis, plan, say)
        nemesis.stop()
        verdict = judge(read_evidence(product.owner_url, ledger.read()), moments, nemesis.stops)
    return Report(verdict, nemesis.kills, dict(nemesis.counts), settled_after)


async def _people(url: str, plan: Plan, say: Say) -> list[Moment]:
    database = Database(url)
    try:
        return await fill(database, utc_now(), timedelta(seconds=plan.seconds), plan.due, random.Random(plan.seed), say)
    finally:
        await database.close()


def _spread_looks(url: str, seconds: float) -> None:
    """Whoever gets a reminder is looked at: not all of them in the first second."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE reminder_rhythm SET next_at = now() + random() * make_interval(secs => %s)", [seconds]
        )


def _attack(nemesis: Nemesis, seconds: float, ledger: Ledger, say: Say) -> None:
    begun = told = time.monotonic()
    while (now := time.monotonic()) < begun + seconds:
        nemesis.strike()
        if now - told >= 1:
            told = now
            troubles = ", ".join(f"{count} {name}" for name, count in sorted(nemesis.counts.items()))
            done = f"{ledger.lines} accepted, {nemesis.kills} kills, {len(nemesis.stops)} STOPs"
            say(f"  {now - begun:4.0f} s  {done}, {troubles}")
        time.sleep(0.1)


def _drain(nemesis: Nemesis, plan: Plan, say: Say) -> float:
    """All faults end; what is open must settle by itself. Returns how long that took on the protocol's clock."""
    nemesis.calm()
    begun = told = time.monotonic()
    while (left := _open(nemesis.product.owner_url)) and time.monotonic() < begun + SETTLES_WITHIN / plan.speed:
        nemesis.tend(hostile=False)
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            say(f"  {left} to settle")
        time.sleep(0.2)
    return (time.monotonic() - begun) * plan.speed


def _open(url: str) -> int:
    """Due moments not planned yet, and messages that have not ended."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM reminder_clock WHERE next_at <= now() + interval '1 minute')"
            " + (SELECT count(*) FROM message WHERE state IN ('queued', 'leased', 'in_flight', 'uncertain'))"
        ).fetchone()
    assert row
    return int(row[0])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--due", type=int, help="due moments (default: 1000 a minute)")
    parser.add_argument("--workers", type=int, default=5)
    parser.add_argument("--speed", type=float, default=10)
    parser.add_argument("--keep", type=Path, help="a folder for the ledger and the logs")
    options = parser.parse_args(arguments)
    plan = Plan(
        seconds=options.minutes * 60,
        due=options.due or int(1000 * options.minutes),
        seed=options.seed,
        speed=options.speed,
        workers=options.workers,
    )
    # Ended from outside it takes its database and its schedulers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = run(plan, folder, print_line)
    print_report(report)
    return 1 if report.verdict.broken or report.settled_after >= SETTLES_WITHIN else 0


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_report(report: Report) -> None:
    for broken in report.verdict.broken[:40]:
        print_line(f"BROKEN: {broken}")
    for name, count in report.verdict.states.most_common():
        print_line(f"  {count:6} {name}")
    troubles = ", ".join(f"{count} {name}" for name, count in sorted(report.counts.items()))
    print_line(
        f"{report.kills} kills, {troubles}; settled after {report.settled_after / 60:.1f} minutes of the protocol"
    )
    print_line(report.verdict.line)
