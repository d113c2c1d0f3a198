"""The shared rate of a sender: whatever eight processes want, never more than half again of a second's worth, and
nearly all of it used."""

import heapq
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from scheduler import pace
from service.database.tenancy import Database

pytestmark = pytest.mark.anyio

RATE, SECONDS, PROCESSES = 100.0, 20.0, 8
START = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


async def test_eight_processes_share_a_rate_of_100_and_never_pass_150_in_any_second(notifier: Database) -> None:
    """By a clock of the test's: each process takes room for a batch, waits as it is told, sends late by up to a fifth
    of a second, and takes room again."""
    chance, sent = Random(5), list[float]()
    turns = [(chance.random(), process) for process in range(PROCESSES)]
    while turns[0][0] < SECONDS:
        now, process = heapq.heappop(turns)
        wanted = chance.randint(1, pace.at_once(RATE))
        async with notifier.installation_tx() as connection:
            wait = await pace.take(connection, "shared", wanted, RATE, START + timedelta(seconds=now), ahead=5)
        if wait is None:
            heapq.heappush(turns, (now + 0.1, process))
            continue
        goes = now + wait + chance.uniform(0, 0.2)
        sent += [goes] * wanted
        heapq.heappush(turns, (goes, process))
    sent.sort()
    whole = [at for at in sent if 1 <= at < SECONDS - 1]
    assert max(sum(start <= at < start + 1 for at in sent) for start in whole) <= 150
    assert len(whole) >= 0.98 * RATE * (SECONDS - 2)


async def test_a_sender_that_is_told_to_wait_has_no_room_until_then(notifier: Database) -> None:
    until = START + timedelta(seconds=30)
    async with notifier.installation_tx() as connection:
        assert await pace.take(connection, "held", 1, RATE, START, ahead=5) == 0
        await pace.hold(connection, "held", until)
        assert await pace.wait(connection, "held", START) == 30
        assert await pace.take(connection, "held", 1, RATE, START + timedelta(seconds=20), ahead=5) is None
        assert await pace.wait(connection, "held", until) == 0


async def test_a_new_rate_counts_from_the_next_batch_on(notifier: Database) -> None:
    async with notifier.installation_tx() as connection:
        assert await pace.take(connection, "slower", 25, RATE, START, ahead=5) == 0
        # 25 at a hundred a second are a quarter of a second; ten more at ten a second are one.
        assert await pace.take(connection, "slower", 10, 10, START, ahead=5) == pytest.approx(1.0)
