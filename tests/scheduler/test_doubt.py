"""What nobody knows the end of is settled by evidence: found, proven absent, or never sent again."""

from datetime import timedelta
from email.utils import format_datetime

import psycopg
import pytest
from sqlalchemy import event, text

from scheduler import evidence
from scheduler.channels.base import Found
from scheduler.evidence import Doubtful
from scheduler.timing import NORMAL
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from tests.conftest import Urls
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


async def test_a_text_of_ours_that_is_recorded_while_it_is_found_never_stands_for_a_forgotten_one(
    notifier_process: Notifier, urls: Urls
) -> None:
    """The words of one are forgotten since a restore. Another of the same phone is taken by the provider, found there,
    and recorded between the two questions whose it is."""
    client = await notifier_process.client()
    await notifier_process.remind(client, "habit", ago=120)
    await notifier_process.planner.tick()
    [forgotten] = await _doubted_after_a_restore(notifier_process)
    await notifier_process.remind(client)
    await notifier_process.planner.tick()
    ours = await notifier_process.mark_and_stand_still()
    recorded = False

    def record(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal recorded
        if ("body_sha256 <> ''" not in statement and "known(id)" not in statement) or recorded:
            return
        recorded = True
        with psycopg.connect(urls.owner) as connection:
            values = ("SM-ours", ours.message.id)
            connection.execute("UPDATE attempt SET provider_message_id = %s WHERE message_id = %s", values)
            connection.execute("UPDATE message SET state = 'accepted' WHERE id = %s", values[1:])

    engine = notifier_process.reconciler.database.engine.sync_engine
    async with notifier_process.reconciler.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        event.listen(engine, "after_cursor_execute", record)
        await notifier_process.reconciler._weigh(session, forgotten, Found("SM-ours"))
        event.remove(engine, "after_cursor_execute", record)
    assert recorded
    async with notifier_process.owner.installation_tx() as connection:
        state = text("SELECT state, checks FROM message WHERE id = :id")
        assert tuple((await connection.execute(state, {"id": forgotten.id})).one()) == ("uncertain", 0)


async def _doubted_after_a_restore(process: Notifier) -> list[Doubtful]:
    await process.shift(
        "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256)"
        " SELECT clinic_id, gen_random_uuid(), id, 1, 1, 'twilio', now(), '' FROM message WHERE state = 'queued'"
    )
    await process.shift(
        "UPDATE message SET state = 'uncertain', reason = 'restored', attempts = 1, check_at = now() - interval '1 s'"
        " WHERE state = 'queued'"
    )
    async with process.reconciler.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        return await evidence.uncertain(session, 10, NORMAL.quarantine, NORMAL.lease)


async def _time_to_check(process: Notifier, minutes_ago: int = 3) -> None:
    await process.shift(
        "UPDATE attempt SET started_at = started_at - make_interval(mins => :minutes)"
        " WHERE message_id IN (SELECT id FROM message WHERE state = 'uncertain')",
        minutes=minutes_ago,
    )
    await process.shift("UPDATE message SET check_at = now() - interval '1 s' WHERE state = 'uncertain'")
