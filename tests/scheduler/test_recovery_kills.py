"""Whoever recovers is killed at each of its arrows in turn: the hold stays, and the next one ends it as if nobody had
been there before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from itertools import count

import pytest
from sqlalchemy import text

from scheduler.failpoints import arm
from scheduler.rounds import Held
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import Database
from service.settings import Faults
from tests.conftest import Urls
from tests.far_ends import SmsProvider
from tests.make import make_team
from tests.scheduler.conftest import Notifier
from tests.scheduler.test_recovery import start

pytestmark = pytest.mark.anyio

ARROWS = 7
"""The row taken, all planned, doubts written, doubts committed, none left to write, the forgotten told, the end."""


class Killed(BaseException):
    """Nobody catches it, as nobody catches a SIGKILL."""


@contextmanager
def killed_at(arrow: int) -> Iterator[None]:
    passed = count()

    def kill(_pid: int, _number: int) -> None:
        if next(passed) == arrow:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.failpoints._armed", None)
        patch.setattr("scheduler.failpoints.os.kill", kill)
        arm(Faults(chances={"recovering.kill": 1.0}))
        yield


async def test_killed_at_any_arrow_it_leaves_the_hold_and_the_next_one_does_it_all(
    urls: Urls, database: Database, sms: SmsProvider
) -> None:
    team = await make_team(database, stocked=False, now=utc_now(), quiet_from=time(3), quiet_until=time(3, 1))
    process = start(urls, sms, team, None)
    people = process.people
    for arrow in count():
        waiting, flying, later, forgotten, over = everybody = [await people.client() for _ in range(5)]
        await _was_restored(people, everybody)
        try:
            with killed_at(arrow):
                await process.recovery.tick()
            break
        except Killed:
            with pytest.raises(Held):
                await people.delivery.tick()
        assert await process.recovery.tick() == 3, arrow
        found = [await _told(people, client) for client in (waiting, flying, later, forgotten)]
        doubted, untouched = ("uncertain", "restored", 1, 1), ("queued", None, 0, 0)
        assert found == [doubted, doubted, untouched, doubted], arrow
        assert await people.ledger(over) == [("expired", "uncertain")], arrow
        # The next arrow finds only its own people.
        await people.shift("UPDATE message SET state = 'expired', reason = 'late'")
    assert arrow == ARROWS
    assert sms.requests == []
    await process.close()


async def _was_restored(people: Notifier, everybody: list[Client]) -> None:
    """Of five people one has a message that waits, one is being written to, one comes later; of two the database forgot
    that a moment came, for one of them so long ago that its window is over."""
    waiting, flying, later, forgotten, over = everybody
    await people.remind(flying)
    await people.planner.tick()
    await people.mark_and_stand_still()
    for client, ago in ((waiting, 60), (later, -600)):
        await people.remind(client, ago=ago)
    await people.planner.tick()
    await people.remind(forgotten)
    await people.remind(over, ago=5 * 3600)
    await people.shift(
        "UPDATE epoch SET held_since = now(), hold_reason = 'restored', known_until = now() - interval '1 s',"
        " asked_at = now()"
    )


async def _told(people: Notifier, client: Client) -> tuple[str, str | None, int, int]:
    """Of the client's one message, with how many tries it counts and how many are kept."""
    async with people.owner.installation_tx() as connection:
        row = await connection.execute(
            text(
                "SELECT state, reason, attempts, (SELECT count(*) FROM attempt a WHERE a.message_id = m.id) AS kept"
                " FROM message m WHERE client_id = :id"
            ),
            {"id": client.id},
        )
        return tuple(row.one())
