"""Each condition of the mark alone: nothing else may hide that one of them is missing."""

import asyncio
import hashlib

import pytest

from scheduler import claims
from scheduler.messages import Claimed, Marking, Ready
from scheduler.timing import NORMAL
from service.accounts.actions import opt_out
from service.clock import utc_now
from service.database.tenancy import SYSTEM, ClinicSession
from service.ids import new_id
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

WORDS = hashlib.sha256(b"words").digest()


async def _claimed(process: Notifier) -> Claimed:
    await process.queued()
    async with process.delivery.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        [message] = await claims.claim(session, "sms", "worker", 20, NORMAL.lease)
    return message


async def _marked(session: ClinicSession, message: Claimed) -> bool:
    ready = Ready(message, new_id(utc_now()), "twilio", WORDS, cap=4)
    said = await claims.mark(session, [ready], NORMAL.flight, utc_now().date())
    return said[message.id] is Marking.DONE


async def _mark(process: Notifier, message: Claimed) -> bool:
    async with process.delivery.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        return await _marked(session, message)


async def test_a_claimed_message_is_marked_once(notifier_process: Notifier) -> None:
    message = await _claimed(notifier_process)
    assert await _mark(notifier_process, message)
    assert not await _mark(notifier_process, message)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE message SET lease_token = lease_token + 1 WHERE id = :id",
        "UPDATE message SET state = 'queued' WHERE id = :id",
        "UPDATE message SET due_at = now() - interval '2 h', expires_at = now() - interval '1 s' WHERE id = :id",
        "UPDATE message SET attempts = max_attempts WHERE id = :id",
        "UPDATE contact_point SET opted_out_at = now() WHERE id IN (SELECT contact_point_id"
        " FROM message m WHERE m.id = :id)",
        "UPDATE contact_point SET verified_at = NULL WHERE id IN (SELECT contact_point_id"
        " FROM message m WHERE m.id = :id)",
        "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at,"
        " provider_message_id, body_sha256)"
        " SELECT clinic_id, id, id, 1, 0, 'twilio', now(), 'SM1', '' FROM message WHERE id = :id",
        # Another to the same address is on its way.
        "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, priority,"
        " state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks, created_at, updated_at)"
        " SELECT clinic_id, gen_random_uuid(), client_id, contact_point_id, channel, kind, params, 'other', priority,"
        " 'in_flight', due_at, expires_at, 1, 2, 0, 1, 0, created_at, updated_at FROM message WHERE id = :id",
    ],
)
async def test_each_condition_of_the_mark_holds_alone(notifier_process: Notifier, change: str) -> None:
    message = await _claimed(notifier_process)
    await notifier_process.shift(change, id=message.id)
    assert not await _mark(notifier_process, message)


async def test_two_claims_at_once_never_share_a_row(notifier_process: Notifier) -> None:
    for _ in range(6):
        await notifier_process.queued()
    database, clinic_id = notifier_process.delivery.database, notifier_process.team.clinic_id
    async with database.clinic_tx(clinic_id, SYSTEM) as one, database.clinic_tx(clinic_id, SYSTEM) as other:
        first = await claims.claim(one, "sms", "one", 3, NORMAL.lease)
        # The first transaction is still open: the second takes what is free, and does not wait.
        second = await asyncio.wait_for(claims.claim(other, "sms", "other", 6, NORMAL.lease), 3)
    assert len(first) == len(second) == 3
    assert not {message.id for message in first} & {message.id for message in second}


async def test_a_mark_waits_for_an_uncommitted_stop_and_then_finds_nothing(notifier_process: Notifier) -> None:
    message = await _claimed(notifier_process)
    clinic_id = notifier_process.team.clinic_id
    async with notifier_process.database.clinic_tx(clinic_id, SYSTEM) as stopping:
        await opt_out(stopping, message.contact_point_id, "text", utc_now())
        await stopping.flush()
        marking = asyncio.create_task(_mark(notifier_process, message))
        await asyncio.sleep(0.3)
        assert not marking.done()
    assert not await marking
