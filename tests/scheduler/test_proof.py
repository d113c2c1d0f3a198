"""Proof that the provider took a message settles it, however late it is heard and whatever was thought meanwhile."""

import pytest

from scheduler.channels.base import Sent, Unreached
from scheduler.delivery import Marked
from scheduler.rounds import LeaseLost
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def _record(process: Notifier, marked: Marked, outcome: Sent | Unreached) -> None:
    await process.delivery._record(marked, outcome)


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
            "UPDATE occurrence SET state = 'expired', reason = :reason WHERE id = :id",
            reason=reason,
            id=marked.message.occurrence_id,
        )


@pytest.mark.parametrize(
    ("state", "reason"),
    [("uncertain", None), ("expired", "uncertain"), ("expired", "outage"), ("expired", "late"), ("queued", None)],
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
    await notifier_process.shift(
        "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256,"
        " provider_message_id) SELECT clinic_id, md5(random()::text)::uuid, message_id, 2, 1, 'twilio', now(),"
        " body_sha256, 'SM-earlier' FROM attempt WHERE message_id = :id",
        id=marked.message.id,
    )
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
