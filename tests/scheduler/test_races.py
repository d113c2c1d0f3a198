"""Two at once: what one process writes while another is in the middle of a transaction of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from scheduler.rhythm import Rhythm
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import Actor, Database
from service.reminders.actions import end_reminder, set_reminder
from service.reminders.pacing import let_go, put_off
from service.reminders.wishes import Wish
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def nobody_writes(owner: Database, table: str) -> AsyncIterator[None]:
    """Whoever comes to write into the table stands still in the middle of a transaction, until this ends."""
    async with owner.installation_tx() as connection:
        await connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


async def waits(owner: Database, count: int = 1) -> None:
    """Returns when so many stand still."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(4):
        while True:
            async with owner.installation_tx() as connection:
                if await connection.scalar(waiting) == count:
                    return
            await asyncio.sleep(0.02)


def hers(process: Notifier, client: Client) -> tuple[UUID, Actor]:
    return process.team.clinic_id, Actor("client", client.id, "text")


async def test_a_time_that_is_changed_while_it_is_planned_is_the_new_one(process: Notifier) -> None:
    client = await process.client()
    await process.remind(client, ago=-600)
    later = (utc_now() + timedelta(minutes=20)).astimezone(ZoneInfo(client.zone)).replace(microsecond=0)

    async def change() -> None:
        async with process.database.clinic_tx(*hers(process, client)) as session:
            wish = Wish("check_in", [later.time()], 127, ["sms"], later.date())
            await set_reminder(session, client, wish, utc_now())

    async with nobody_writes(process.owner, "link"):
        planning = asyncio.create_task(process.planner.tick())
        await waits(process.owner)
        changing = asyncio.create_task(change())
        await waits(process.owner, 2)
    await asyncio.gather(planning, changing)
    await process.planner.tick()
    assert await process.ledger(client) == [("queued", None)]
    assert (await process.message(client)).due_at == later


async def test_what_is_planned_while_its_reminder_ends_is_taken_back(process: Notifier) -> None:
    client = await process.client()
    await process.remind(client, ago=-600)

    async def end() -> None:
        async with process.database.clinic_tx(*hers(process, client)) as session:
            await end_reminder(session, client.id, "check_in", utc_now())

    async with nobody_writes(process.owner, "link"):
        planning = asyncio.create_task(process.planner.tick())
        await waits(process.owner)
        ending = asyncio.create_task(end())
        await waits(process.owner, 2)
    await asyncio.gather(planning, ending)
    assert await process.ledger(client) == []
    async with process.owner.installation_tx() as connection:
        clocks = "SELECT count(*) FROM reminder_clock k JOIN reminder r ON r.id = k.reminder_id WHERE r.client_id = :id"
        assert await connection.scalar(text(clocks), {"id": client.id}) == 0


async def _asked_again(process: Notifier) -> Client:
    """Somebody whose check-in was put off, to a moment that has come."""
    client = await process.client()
    await process.remind(client, ago=-7200)
    await Rhythm(process.planner.database, "s" * 40).tick()
    async with process.database.clinic_tx(*hers(process, client)) as session:
        assert (await put_off(session, client, "check_in", None, "sms", utc_now())).at is not None
    await process.shift(
        "UPDATE occurrence SET due_at = now() - interval '1 second' WHERE slot = -1 AND client_id = :id", id=client.id
    )
    await process.shift("UPDATE reminder_rhythm SET next_at = now() WHERE client_id = :id", id=client.id)
    return client


async def _skip(process: Notifier, client: Client) -> None:
    async with process.database.clinic_tx(*hers(process, client)) as session:
        await let_go(session, client, utc_now())


async def _again(process: Notifier, client: Client) -> tuple[str, str | None, str | None]:
    """The state and reason of what was put off, and the state of its message."""
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text(
                "SELECT o.state, o.reason, m.state AS message FROM occurrence o LEFT JOIN message m"
                " ON m.occurrence_id = o.id WHERE o.client_id = :id AND o.slot = -1"
            ),
            {"id": client.id},
        )
        row = rows.one()
        return row.state, row.reason, row.message


async def test_a_skip_while_it_is_asked_again_is_heard(process: Notifier) -> None:
    client = await _asked_again(process)
    async with nobody_writes(process.owner, "link"):
        looking = asyncio.create_task(Rhythm(process.planner.database, "s" * 40).tick())
        await waits(process.owner)
        skipping = asyncio.create_task(_skip(process, client))
        await waits(process.owner, 2)
    await asyncio.gather(looking, skipping)
    assert await _again(process, client) == ("skipped", "client_skipped", "suppressed")
    await process.delivery.tick()
    assert await _again(process, client) == ("skipped", "client_skipped", "suppressed")


async def test_what_is_let_go_while_somebody_is_looked_at_is_not_asked_again(process: Notifier) -> None:
    client = await _asked_again(process)
    async with process.database.clinic_tx(*hers(process, client)) as session:
        await let_go(session, client, utc_now())
        await asyncio.wait_for(Rhythm(process.planner.database, "s" * 40).tick(), 3)
    await process.shift("UPDATE reminder_rhythm SET next_at = now() WHERE client_id = :id", id=client.id)
    await Rhythm(process.planner.database, "s" * 40).tick()
    assert await _again(process, client) == ("skipped", "client_skipped", None)


@pytest.mark.parametrize("state", ["queued", "leased"])
async def test_a_skip_ends_what_was_tried_once(process: Notifier, state: str) -> None:
    client = await _asked_again(process)
    await Rhythm(process.planner.database, "s" * 40).tick()
    marked = await process.mark_and_stand_still()
    await process.shift("UPDATE message SET state = :state WHERE id = :id", id=marked.message.id, state=state)
    await _skip(process, client)
    assert await _again(process, client) == ("skipped", "client_skipped", "suppressed")


@pytest.mark.parametrize("state", ["in_flight", "uncertain"])
async def test_a_skip_while_it_is_in_doubt_keeps_it_from_a_second_try(process: Notifier, state: str) -> None:
    client = await _asked_again(process)
    await Rhythm(process.planner.database, "s" * 40).tick()
    marked = await process.mark_and_stand_still()
    await process.shift("UPDATE message SET state = :state WHERE id = :id", id=marked.message.id, state=state)
    await _skip(process, client)
    assert (await _again(process, client))[0::2] == ("queued", state)
    # Proven absent.
    await process.shift("UPDATE message SET state = 'queued' WHERE id = :id", id=marked.message.id)
    await process.delivery.tick()
    assert await _again(process, client) == ("skipped", "changed", "suppressed")
