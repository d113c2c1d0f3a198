"""What nobody knows the end of is settled by evidence: found, proven absent, or never sent again."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from service.clock import utc_now
from tests.far_ends import Fault, MailServer, SmsProvider
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def test_a_worker_killed_after_its_mark_is_never_sent_again_without_proof(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.queued()
    await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).state == "uncertain"
    for _ in range(3):
        await notifier_process.delivery.tick()
    assert sms.accepted == []


async def test_what_is_proven_absent_twice_is_sent_again(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    await notifier_process.reconciler.tick()
    await _time_to_check(notifier_process, minutes_ago=5)
    await notifier_process.reconciler.tick()
    await _time_to_check(notifier_process, minutes_ago=11)
    assert (await notifier_process.message(client)).state == "uncertain"
    await notifier_process.reconciler.tick()
    await notifier_process.delivery.tick()
    message = await notifier_process.message(client)
    assert len(sms.accepted) == 1
    assert (message.state, message.attempts) == ("accepted", 2)


@pytest.mark.parametrize("fault", ["drop_after_accept", "500_after_accept", "html"])
async def test_a_lost_answer_is_found_in_the_providers_list(
    notifier_process: Notifier, sms: SmsProvider, fault: Fault
) -> None:
    client = await notifier_process.queued()
    sms.faults.append(fault)
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(client)).state == "uncertain"
    await _time_to_check(notifier_process)
    await notifier_process.reconciler.tick()
    await notifier_process.delivery.tick()
    message = await notifier_process.message(client)
    assert len(sms.accepted) == 1
    assert (message.state, message.provider_message_id) == ("accepted", sms.accepted[0]["sid"])
    assert await notifier_process.ledger(client) == [("sent", None)]


async def test_clocks_that_differ_do_not_make_a_text_absent(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    sms.faults.append("drop_after_accept")
    await notifier_process.delivery.tick()
    early = format_datetime(utc_now() - timedelta(seconds=90))
    sms.accepted[0]["date_created"] = early
    await _time_to_check(notifier_process, minutes_ago=0)
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_mail_is_never_sent_a_second_time_without_proof(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.client()
    await notifier_process.remind(client, "check_in", "email")
    await notifier_process.planner.tick()
    await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    for _ in range(3):
        await notifier_process.reconciler.tick()
        await _time_to_check(notifier_process, minutes_ago=11)
        await notifier_process.delivery.tick()
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("expired", "uncertain")]


async def test_absence_is_proven_by_two_looks_and_ten_minutes(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    await notifier_process.reconciler.tick()
    for _ in range(3):
        await _time_to_check(notifier_process, minutes_ago=2)
        await notifier_process.reconciler.tick()
        assert (await notifier_process.message(client)).state == "uncertain", "the quarantine is not over"
    await notifier_process.shift("UPDATE message SET checks = 0 WHERE state = 'uncertain'")
    await _time_to_check(notifier_process, minutes_ago=20)
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).state == "uncertain", "one look is not two"
    await _time_to_check(notifier_process, minutes_ago=0)
    await notifier_process.reconciler.tick()
    assert (await notifier_process.message(client)).state == "queued"


async def _time_to_check(process: Notifier, minutes_ago: int = 3) -> None:
    await process.shift(
        "UPDATE attempt SET started_at = started_at - make_interval(mins => :minutes)"
        " WHERE message_id IN (SELECT id FROM message WHERE state = 'uncertain')",
        minutes=minutes_ago,
    )
    await process.shift("UPDATE message SET check_at = now() - interval '1 s' WHERE state = 'uncertain'")
