"""A check-in and a plan that come due together are one text."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text

from scheduler import claims
from scheduler.channels.base import Sent
from scheduler.marking import Marked
from scheduler.messages import Claimed
from service.accounts.tables import Client
from service.database.tenancy import SYSTEM, ClinicSession
from service.outbox.rules import Fuse
from service.outbox.tables import Message
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier
from tests.scheduler.days import do, planned
from tests.scheduler.test_purposes import used_up
from tests.scheduler.test_races import nobody_writes, waits

pytestmark = pytest.mark.anyio


async def test_a_check_in_and_the_plan_within_half_an_hour_are_one_text(process: Notifier, sms: SmsProvider) -> None:
    together, far, mailed, done = [await planned(process, 0) for _ in range(4)]
    # A minute ago, and in 20, 31 and 20 minutes.
    for client, channel, seconds in (
        (together, "sms", -1200),
        (far, "sms", -1860),
        (mailed, "email", -1200),
        (done, "sms", -1200),
    ):
        await process.remind(client, "check_in", channel)
        await process.remind(client, "plan", channel, ago=seconds)
    await process.planner.tick()
    await do(process, done, 0)
    await process.delivery.tick()
    assert await process.ledger(together) == [("sent", None), ("skipped", "bundled")]
    for client in (far, mailed, done):
        assert await process.ledger(client) == [("sent", None), ("queued", None)]
    said = sorted(text["body"].partition(". ")[0] for text in sms.accepted)
    assert said == ["Northside: time for today's check-in"] * 2 + ["Northside: time for today's check-in and plan"]
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT kind, state, reason FROM message WHERE client_id = :id ORDER BY due_at"), {"id": together.id}
        )
        assert [tuple(row) for row in rows] == [("bundle", "accepted", None), ("plan", "suppressed", "bundled")]


async def test_when_the_earlier_one_is_not_marked_the_later_one_stays_as_it_was(process: Notifier) -> None:
    client = await planned(process, 0)
    await process.remind(client, "check_in")
    await process.remind(client, "plan", ago=-1200)
    await process.planner.tick()
    await used_up(process, client, Fuse.REMINDER)
    await process.delivery.tick()
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT kind, state, reason FROM message WHERE client_id = :id ORDER BY created_at, kind"),
            {"id": client.id},
        )
        assert [tuple(row) for row in rows] == [("check_in", "suppressed", "fuse"), ("plan", "queued", None)]
    assert await process.ledger(client) == [("suppressed", "fuse"), ("queued", None)]


async def test_two_claimed_together_are_one_text_whichever_comes_first(process: Notifier, sms: SmsProvider) -> None:
    clients = [await planned(process, 0) for _ in range(3)]
    for client in clients:
        for kind in ("check_in", "plan"):
            await process.remind(client, kind, ago=60 if kind == "plan" else 50)
    await process.planner.tick()
    await process.delivery.tick()
    for client in clients:
        assert sorted(await process.ledger(client)) == [("sent", None), ("skipped", "bundled")]
    assert len(sms.accepted) == 3


async def test_two_that_a_batch_would_part_are_claimed_together(process: Notifier) -> None:
    for kinds in (("check_in", "plan"), ("plan", "check_in")):
        client = await planned(process, 0)
        for kind, ago in zip(kinds, (60, 50), strict=True):
            await process.remind(client, kind, ago=ago)
    await process.planner.tick()
    batches = []
    for _ in range(4):
        async with process.delivery.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
            batches.append(await claims.claim(session, "sms", "worker", 1, 60))
    assert [len(batch) for batch in batches] == [2, 2, 0, 0]
    marked = [await process.delivery.marker.mark(process.team.clinic_id, batch, 1e9) for batch in batches[:2]]
    assert [one.message.kind for some in marked for one in some] == ["bundle"] * 2


async def _pair(process: Notifier) -> tuple[Client, Message, Message]:
    """A check-in that is due, and a plan, the same morning, that comes in a minute."""
    client = await planned(process, 0)
    await process.remind(client, "check_in")
    await process.remind(client, "plan", ago=-60)
    await process.planner.tick()
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT * FROM message WHERE client_id = :id ORDER BY due_at"), {"id": client.id}
        )
        earlier, later = [Message(**row._mapping) for row in rows]
    return client, earlier, later


async def _comes_due(process: Notifier, message: Message) -> None:
    await process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE id = :id", id=message.id)


def _open(process: Notifier) -> AbstractAsyncContextManager[ClinicSession]:
    return process.delivery.database.clinic_tx(process.team.clinic_id, SYSTEM)


async def _mark(process: Notifier, claimed: Sequence[Claimed]) -> list[Marked]:
    return await process.delivery.marker.mark(process.team.clinic_id, claimed, 1e9)


async def _accepted(process: Notifier, marked: Sequence[Marked]) -> None:
    told = [(one, Sent(f"SM-{one.message.id}")) for one in marked]
    await process.delivery.recorder.record(process.team.clinic_id, told)


async def test_a_pair_that_two_processes_claim_at_once_is_two_texts_one_after_the_other(process: Notifier) -> None:
    client, earlier, later = await _pair(process)
    async with _open(process) as one:
        first = await claims.claim(one, "sms", "one", 1, 60)
        await _comes_due(process, later)
        async with _open(process) as two:
            second = await claims.claim(two, "sms", "two", 1, 60)
    assert [[message.id for message in some] for some in (first, second)] == [[earlier.id], [later.id]]
    # Both in the middle of their marks: the second waits for the phone, and then sees what is in flight to it.
    async with nobody_writes(process.owner, "attempt"):
        marking = [asyncio.create_task(_mark(process, first))]
        await waits(process.owner)
        marking.append(asyncio.create_task(_mark(process, second)))
        await waits(process.owner, 2)
    marked = await asyncio.gather(*marking)
    assert [[one.message.kind for one in some] for some in marked] == [["check_in"], []]
    await _accepted(process, marked[0])
    await _comes_due(process, later)
    async with _open(process) as two:
        again = await claims.claim(two, "sms", "two", 1, 60)
    await _accepted(process, await _mark(process, again))
    assert await process.ledger(client) == [("sent", None), ("sent", None)]


async def test_whoever_is_claimed_in_the_middle_of_a_mark_is_left_alone_by_it(process: Notifier) -> None:
    client, _, later = await _pair(process)
    async with _open(process) as one:
        first = await claims.claim(one, "sms", "one", 1, 60)
    await _comes_due(process, later)
    async with _open(process) as two:
        second = await claims.claim(two, "sms", "two", 1, 60)
        marked = await _mark(process, first)
    assert [message.id for message in second] == [later.id]
    assert [one.message.kind for one in marked] == ["check_in"]
    assert await _mark(process, second) == []
    assert await process.ledger(client) == [("queued", None), ("queued", None)]


async def test_what_a_mark_takes_along_nobody_else_claims(process: Notifier) -> None:
    client, _, later = await _pair(process)
    async with _open(process) as one:
        first = await claims.claim(one, "sms", "one", 1, 60)
    await _comes_due(process, later)
    async with nobody_writes(process.owner, "attempt"):
        marking = asyncio.create_task(_mark(process, first))
        await waits(process.owner)
        async with _open(process) as two:
            assert await claims.claim(two, "sms", "two", 1, 60) == []
    marked = await marking
    assert [one.message.kind for one in marked] == ["bundle"]
    await _accepted(process, marked)
    assert await process.ledger(client) == [("sent", None), ("skipped", "bundled")]
