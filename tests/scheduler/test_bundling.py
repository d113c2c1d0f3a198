"""A check-in and a plan that come due together are one text."""

import pytest
from sqlalchemy import text

from scheduler import claims
from service.database.tenancy import SYSTEM
from service.outbox.rules import Fuse
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier
from tests.scheduler.days import do, planned
from tests.scheduler.test_purposes import used_up

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
