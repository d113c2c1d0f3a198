"""`./run fuzz --minutes N --seed S`: the API against its description, hostile bodies, bad rows and crowds.

The last line says how many of each were tried; the exit code is 1 when anything came through.
"""

import argparse
import asyncio
import gc
import random
import sys
from collections import Counter
from collections.abc import Iterator

import httpx

from service.app import create_app
from tests.conftest import Clock, serving
from tests.fuzz.contract import Contract
from tests.fuzz.hostile import MOST_MILLISECONDS, Hostile, targets
from tests.fuzz.site import Site, site
from tests.minutes import minutes
from tests.trust.bad_rows import bad_rows, kept, tables
from tests.trust.crowding import Crowd, five_connections

MOST_GROWTH = 50_000_000
CROWD = 1_000


def main() -> int:
    options = _options()
    # As `clamshell serve` does; what pytest needs otherwise (tests.conftest) would keep each error with its body.
    gc.freeze()
    gc.enable()
    with site() as made:
        say(f"seed {options.seed}")
        contract = Contract(made, options.seed)
        contract.run(options.minutes * 60)
        hostile = asyncio.run(_hostile(made, options.seed, options.bodies))
        tried, taken = kept(made.database_url, made.ours, _rows(made, options.seed, options.rows))
        crowd = asyncio.run(_crowd(made, options.seed, options.isolation))
    wrong = [*contract.wrong.values(), *hostile.wrong, *_memory(hostile), *sorted(set(taken)), *crowd.foreign]
    for line in wrong:
        say(line)
    answers = contract.asked + hostile.answers + crowd.answers
    by_status = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    say(f"answers: {by_status}; crowd: {dict(crowd.done)}")
    say(
        f"{contract.asked.total()} requests of the description, {hostile.answers.total()} hostile bodies "
        f"(slowest {hostile.slowest:.0f} ms, {hostile.grown / 1e6:.1f} MB more), {tried} bad rows, "
        f"{crowd.done.total()} requests of two clinics, {len(wrong)} wrong, {_server_errors(answers)} server errors"
    )
    return 1 if wrong else 0


def _server_errors(answers: Counter[int]) -> int:
    return sum(count for status, count in answers.items() if status >= 500)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run fuzz", description=__doc__)
    parser.add_argument("--minutes", type=minutes, default=5, help="for the API against its description")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bodies", type=int, default=2_000, help="hostile bodies")
    parser.add_argument("--rows", type=int, default=5_000, help="rows that cannot be right")
    parser.add_argument("--isolation", type=int, default=0, metavar="REQUESTS", help="of two clinics, in a crowd")
    return parser.parse_args()


async def _hostile(made: Site, seed: int, most: int) -> Hostile:
    hostile = Hostile(seed)
    where = targets(create_app(made.settings, five_connections(made.database_url)), made.ours)
    async with httpx.AsyncClient(base_url=made.url, timeout=20) as api:
        await hostile.run(api, where, await made.signed_in("therapist"), most)
    return hostile


def _memory(hostile: Hostile) -> Iterator[str]:
    if hostile.grown > MOST_GROWTH:
        yield f"{hostile.grown / 1e6:.0f} MB stayed in memory"
    if hostile.usual > MOST_MILLISECONDS:
        yield f"a hostile body takes {hostile.usual:.0f} ms"


def _rows(made: Site, seed: int, most: int) -> Iterator[tuple[str, str, dict[str, object]]]:
    return bad_rows(tables(made.owner_url, made.ours), made.theirs, random.Random(seed), most)


async def _crowd(made: Site, seed: int, requests: int) -> Crowd:
    database = five_connections(made.database_url)
    async with serving(made.settings, database, Clock()) as api:
        crowd = Crowd(database, api, (made.ours, made.theirs), seed, share=0.05)
        while crowd.done.total() < requests:
            await crowd.run(min(CROWD, requests - crowd.done.total()))
            crowd.number += 1
    await database.close()
    return crowd


if __name__ == "__main__":
    sys.exit(main())
