"""Whoever recovers is killed at each of its arrows in turn: the hold stays, and the next one ends it as if nobody had
been there before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from itertools import count
from typing import Any

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
from tests.scheduler.watching import start

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
    always: dict[str, Any] = {"quiet_from": time(3), "quiet_until": time(3, 1), "week_text": False}
    team = await make_team(database, stocked=False, now=utc_now(), **always)
    process = start(urls, sms, team, None)
    people = process.people
    flying, forgotten, over = [await people.client() for _ in range(3)]
    for client, ago in ((flying, 60), (forgotten, 60), (over, 5 * 3600)):
        await people.remind(client, ago=ago)
    for arrow in count():
        await _was_restored(people, flying, [forgotten, over])
        try:
            with killed_at(arrow):
                await process.recovery.tick()
            break
        except Killed:
            with pytest.raises(Held):
                await people.delivery.tick()
        assert await process.recovery.tick() == 2, arrow
        assert [await _told(people, one) for one in (flying, forgotten)] == [("uncertain", "restored", 1, 1)] * 2, arrow
        assert await people.ledger(over) == [("expired", "uncertain")], arrow
    assert arrow == ARROWS
    assert sms.requests == []
    await process.close()


async def _was_restored(people: Notifier, flying: Client, forgotten: list[Client]) -> None:
    """One is being written to. Of the others the database forgot that their moment came."""
    for table in ("attempt", "link", "message", "occurrence", "send_fuse"):
        await people.shift(f"DELETE FROM {table}")
    await people.shift("UPDATE reminder_clock SET next_at = now() + interval '1 day'")
    await _comes_due(people, flying)
    await people.planner.tick()
    await people.mark_and_stand_still()
    for client in forgotten:
        await _comes_due(people, client)
    await people.shift(
        "UPDATE epoch SET held_since = now(), hold_reason = 'restored', known_until = now() - interval '1 s',"
        " asked_at = now()"
    )


async def _comes_due(people: Notifier, client: Client) -> None:
    """At its time of this day, which is over."""
    await people.shift(
        "UPDATE reminder_clock SET next_at = (SELECT date_trunc('day', now() AT TIME ZONE c.zone) + r.local_times[1]"
        "  FROM reminder r JOIN client c ON c.id = r.client_id WHERE r.client_id = :id) AT TIME ZONE :zone"
        " WHERE reminder_id = (SELECT id FROM reminder WHERE client_id = :id)",
        id=client.id,
        zone=client.zone,
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
