"""`./run faults --minutes N --seed S`: real processes, a hostile provider, kills at any instruction, and a judge.

Seconds of the protocol (leases, looks, quarantine) pass `--speed` times as fast, fewer on a busy machine; people's
clocks do not. The last line says what came out; the exit code is 1 when a promise was broken.
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
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg

from service.clock import utc_now
from service.database.tenancy import Database
from tests.faults.far_end import Ledger, hostile_far_ends
from tests.faults.judge import Verdict, judge, read_evidence
from tests.faults.machine import OwnTime, bearable, stretch
from tests.faults.nemesis import Nemesis
from tests.faults.people import Moment, fill
from tests.faults.product import Product
from tests.faults.restore import restores_of
from tests.faults.staff import Morning, wish_mornings, writing
from tests.minutes import minutes

Say = Callable[[str], None]
SETTLES_WITHIN = 20 * 60
"""Seconds on the protocol's clock, of a machine that is not busy with others."""
DUE_FOR_A_READER = 140
"""Seven clinics: a reader in each for so many moments in all."""


@dataclass(frozen=True)
class Plan:
    """`due` moments within `seconds`, while `workers` schedulers are killed. `speed` is for the protocol's clock."""

    seconds: float
    due: int
    seed: int
    speed: float = 10
    workers: int = 5
    restores: int = 0


@dataclass
class Report:
    verdict: Verdict
    kills: int
    counts: dict[str, int]
    gave_up: bool
    settled_after: float
    """Seconds on the protocol's clock from the last fault to the last settlement, of a machine that is not busy."""


def run(plan: Plan, folder: Path, say: Say) -> Report:
    plan = replace(plan, speed=bearable(plan.speed))
    with ExitStack() as stack:
        line, mail, ledger = stack.enter_context(hostile_far_ends(folder, plan.seed, plan.speed))
        product = stack.enter_context(Product(folder, line.provider.url, mail.url, plan.speed, plan.seed))
        say(f"seed {plan.seed}: {plan.due} moments in {plan.seconds:.0f} s, protocol {plan.speed:.3g} times as fast")
        moments, mornings = asyncio.run(_people(product.app_url, plan, say))
        _spread_looks(product.owner_url, plan.seconds)
        nemesis = Nemesis(product, line, plan.workers, random.Random(plan.seed + 2), utc_now, say)
        nemesis.restores = restores_of(plan.restores, plan.seconds)
        stack.callback(nemesis.end)
        stack.enter_context(writing(product.app_url))
        # Nothing comes due in peace.
        last_at = max(*(moment.due_at for moment in moments), *(morning.due_at for morning in mornings))
        last = (last_at - utc_now()).total_seconds()
        _attack(nemesis, max(plan.seconds, last), ledger, say)
        line.provider.healed = mail.healed = True
        # Texts of a forgotten time are looked up one after the other for each phone.
        within = SETTLES_WITHIN * (1 + plan.restores)
        settled_after = _drain(nemesis, within, say)
        nemesis.stop()
        evidence = read_evidence(product.owner_url, ledger.read(), nemesis.forgotten)
        verdict = judge(evidence, moments, nemesis.stops, mornings)
    return Report(verdict, nemesis.kills, dict(nemesis.counts), settled_after >= within, settled_after)


async def _people(url: str, plan: Plan, say: Say) -> tuple[list[Moment], list[Morning]]:
    database, span, chance = Database(url), timedelta(seconds=plan.seconds), random.Random(plan.seed)
    try:
        moments = await fill(database, utc_now(), span, plan.due, chance, say)
        houses = list({moment.house.team.clinic_id: moment.house for moment in moments}.values())
        readers = max(2, plan.due // DUE_FOR_A_READER)
        return moments, await wish_mornings(database, houses, span, readers, chance)
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
    share = 1.0
    while (now := time.monotonic()) < begun + seconds:
        nemesis.restore(now - begun)
        nemesis.strike(share)
        if now - told >= 1:
            told, share = now, 1 / stretch()
            troubles = ", ".join(f"{count} {name}" for name, count in sorted(nemesis.counts.items()))
            done = f"{ledger.lines} accepted, {nemesis.kills} kills, {len(nemesis.stops)} STOPs"
            say(f"  {now - begun:4.0f} s  {done}, {troubles}")
        time.sleep(0.1)


def _drain(nemesis: Nemesis, within: float, say: Say) -> float:
    """All faults end; what is open must settle by itself. Returns how long that took on the protocol's clock, without
    the time that the machine was busy with others."""
    product = nemesis.product
    product.speed = bearable(product.speed)
    say(f"  calm: protocol {product.speed:.3g} times as fast")
    nemesis.calm()
    own, told = OwnTime(), 0.0
    while (left := _open(product.owner_url)) and own.pass_by() * product.speed < within:
        nemesis.tend(hostile=False)
        if own.seconds - told >= 1:
            told = own.seconds
            say(f"  {left} to settle")
        time.sleep(1)
    return own.pass_by() * product.speed


def _open(url: str) -> int:
    """What is due and not planned or written yet, and messages and mails that have not ended."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM reminder_clock WHERE next_at <= now() + interval '1 minute')"
            " + (SELECT count(*) FROM digest_wish WHERE next_at <= now() + interval '1 minute')"
            " + (SELECT count(*) FROM message WHERE state IN ('queued', 'leased', 'in_flight', 'uncertain'))"
            " + (SELECT count(*) FROM digest_mail WHERE state IN ('queued', 'in_flight'))"
            " + (SELECT count(*) FROM epoch WHERE held_since IS NOT NULL)"
        ).fetchone()
    assert row
    return int(row[0])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run faults", description=__doc__)
    parser.add_argument("--minutes", type=minutes, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--due", type=int, help="due moments (default: 1000 a minute)")
    parser.add_argument("--workers", type=int, default=5)
    parser.add_argument("--speed", type=float, default=10)
    parser.add_argument("--restores", type=int, help="copies brought back (default: one in ten minutes)")
    parser.add_argument("--keep", type=Path, help="a folder for the ledger and the logs")
    options = parser.parse_args(arguments)
    plan = Plan(
        seconds=options.minutes * 60,
        due=options.due or int(1000 * options.minutes),
        seed=options.seed,
        speed=options.speed,
        workers=options.workers,
        restores=int(options.minutes / 10) if options.restores is None else options.restores,
    )
    # Ended from outside it takes its database and its schedulers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = run(plan, folder, print_line)
    print_report(report)
    return 1 if report.verdict.broken or report.gave_up else 0


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_report(report: Report) -> None:
    verdict = report.verdict
    for broken in verdict.broken[:40]:
        print_line(f"BROKEN: {broken}")
    if len(verdict.broken) > 40:
        print_line(f"BROKEN: and {len(verdict.broken) - 40} more")
    for name, count in [*verdict.states.most_common(), *verdict.mails.most_common()]:
        print_line(f"  {count:6} {name}")
    if verdict.strays:
        passed = f"{len(verdict.stood_for)} moments are told as sent for one of them"
        print_line(f"{len(verdict.strays)} that were taken for no moment are forgotten; {passed}")
    if report.gave_up:
        print_line("GAVE UP waiting: what was open then is told above, with the state it was in")
    troubles = ", ".join(f"{count} {name}" for name, count in sorted(report.counts.items()))
    print_line(
        f"{report.kills} kills, {troubles}; settled after {report.settled_after / 60:.1f} minutes of the protocol"
    )
    print_line(verdict.line)
