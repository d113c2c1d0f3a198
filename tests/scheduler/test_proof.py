"""Proof that the provider took a message settles it, however late it is heard and whatever was thought meanwhile."""

import asyncio

import pytest
from sqlalchemy import text

from scheduler.channels.base import Sent, Unreached
from scheduler.marking import Marked
from scheduler.rounds import LeaseLost
from service.database.tenancy import SYSTEM
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def _record(process: Notifier, marked: Marked, outcome: Sent | Unreached) -> None:
    await process.delivery.recorder.record(marked.parcel.clinic_id, [(marked, outcome)])


async def _end_as(process: Notifier, marked: Marked, state: str, reason: str | None) -> None:
    """What others decided while the worker stood still."""
    await process.shift(
        "UPDATE message SET state = :state, reason = :reason, lease_token = lease_token + 1 WHERE id = :id",
        state=state,
        reason=reason,
        id=marked.message.id,
    )
    if reason:
        await process.shift(
            "UPDATE occurrence SET state = :state, reason = :reason WHERE id = :id",
            state=state,
            reason=reason,
            id=marked.message.occurrence_id,
        )


async def _prove_another_try(process: Notifier, marked: Marked, number: int = 2) -> None:
    """The provider has said that it took this one."""
    await process.shift(
        "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256,"
        " provider_message_id) SELECT clinic_id, md5(random()::text)::uuid, message_id, :number, 1, 'twilio', now(),"
        " body_sha256, 'SM-earlier' FROM attempt WHERE message_id = :id",
        id=marked.message.id,
        number=number,
    )


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("uncertain", None),
        ("expired", "uncertain"),
        ("expired", "outage"),
        ("expired", "late"),
        ("queued", None),
        ("suppressed", "opted_out"),
    ],
)
async def test_a_worker_that_comes_back_with_proof_is_believed_and_stops(
    notifier_process: Notifier, sms: SmsProvider, state: str, reason: str | None
) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await _end_as(notifier_process, marked, state, reason)
    with pytest.raises(LeaseLost):
        await _record(notifier_process, marked, Sent("SM1"))
    message = await notifier_process.message(client)
    assert (message.state, message.reason, message.provider_message_id) == ("accepted", None, "SM1")
    assert await notifier_process.ledger(client) == [("sent", None)]
    await notifier_process.delivery.tick()
    assert sms.accepted == []


async def test_proof_of_an_earlier_try_settles_the_message_when_a_later_one_never_arrived(
    notifier_process: Notifier,
) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await _prove_another_try(notifier_process, marked)
    await _record(notifier_process, marked, Unreached("ConnectError"))
    message = await notifier_process.message(client)
    assert (message.state, message.provider_message_id) == ("accepted", "SM-earlier")
    assert await notifier_process.ledger(client) == [("sent", None)]


async def test_a_worker_that_comes_back_without_proof_changes_nothing(notifier_process: Notifier) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await _end_as(notifier_process, marked, "expired", "uncertain")
    with pytest.raises(LeaseLost):
        await _record(notifier_process, marked, Unreached("ConnectError"))
    assert (await notifier_process.message(client)).state == "expired"
    assert await notifier_process.ledger(client) == [("expired", "uncertain")]


async def test_doubt_about_the_last_try_is_over_when_any_try_is_proven(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    # Tries are numbered from 1: the proven one was before.
    await _prove_another_try(notifier_process, marked, number=0)
    await notifier_process.shift(
        "UPDATE message SET state = 'uncertain', check_at = now() - interval '1 s' WHERE id = :id", id=marked.message.id
    )
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).provider_message_id == "SM-earlier"
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert sms.requests == []


async def test_what_somebody_else_holds_is_left_for_the_next_tick(notifier_process: Notifier) -> None:
    """Two who wait for each other's rows would wait in a ring."""
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s'")
    database, clinic_id = notifier_process.delivery.database, notifier_process.team.clinic_id
    async with database.clinic_tx(clinic_id, SYSTEM) as holding:
        held = text("SELECT 1 FROM message WHERE clinic_id = :clinic AND id = :id FOR UPDATE")
        await holding.execute(held, {"clinic": clinic_id, "id": marked.message.id})
        await asyncio.wait_for(notifier_process.reconciler.tick(), 3)
        assert (await notifier_process.message(client)).state == "in_flight"
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).state == "uncertain"
