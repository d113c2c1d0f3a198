"""Nothing lost, nothing twice: each message is accepted at most once, and every due moment ends with a reason."""

import asyncio
from dataclasses import replace

import pytest

from scheduler import claims
from scheduler.messages import Settlement
from scheduler.rounds import LeaseLost
from scheduler.timing import NORMAL
from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from service.reminders.actions import end_reminder
from tests.far_ends import MailServer, SmsProvider
from tests.scheduler.conftest import SENDER, Notifier

pytestmark = pytest.mark.anyio


async def test_a_due_reminder_is_sent_once(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    await notifier_process.delivery.tick()
    await notifier_process.delivery.tick()
    await notifier_process.planner.tick()
    message = await notifier_process.message(client)
    assert [entry["from"] for entry in sms.accepted] == [SENDER]
    assert message.state == "accepted"
    assert message.provider_message_id == sms.accepted[0]["sid"]
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert await notifier_process.attempts(message.id) == ["accepted"]


async def test_the_text_names_the_clinic_and_nothing_private(notifier_process: Notifier, sms: SmsProvider) -> None:
    await notifier_process.queued(name="Maria Lopez")
    await notifier_process.delivery.tick()
    body = sms.accepted[0]["body"]
    assert body.startswith("Northside: time for today's check-in.")
    assert "Maria" not in body
    assert "/r/" in body
    assert 1 <= int(sms.requests[0]["ValidityPeriod"]) <= 4 * 3600


async def test_mail_can_be_stopped_with_one_click(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.client(email="maria.mail@mail.example")
    await notifier_process.remind(client, "check_in", "email")
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    [(recipient, sent)] = mail.accepted
    assert recipient == "maria.mail@mail.example"
    assert sent["Subject"] == "Today's check-in"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["List-Unsubscribe"].startswith("<http://127.0.0.1:9/r/")
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]


async def test_a_worker_killed_before_its_mark_loses_nothing(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    clinic_id = notifier_process.team.clinic_id
    async with notifier_process.delivery.database.clinic_tx(clinic_id, SYSTEM) as session:
        assert await claims.claim(session, "sms", "killed", 20, NORMAL.lease)
    await notifier_process.delivery.tick()
    assert sms.accepted == []
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'leased'")
    await notifier_process.reconciler.tick()
    await notifier_process.delivery.tick()
    assert len(sms.accepted) == 1
    assert (await notifier_process.message(client)).state == "accepted"


async def test_too_many_requests_is_no_attempt(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    sms.faults.append("429")
    await notifier_process.delivery.tick()
    message = await notifier_process.message(client)
    assert (message.state, message.attempts) == ("queued", 0)
    await asyncio.sleep(1.1)
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(client)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_a_reminder_that_ended_between_tries_is_not_sent(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    sms.faults.append("429")
    await notifier_process.delivery.tick()
    async with notifier_process.database.clinic_tx(
        notifier_process.team.clinic_id, notifier_process.team.therapist
    ) as session:
        await end_reminder(session, client.id, "check_in", utc_now())
    await notifier_process.shift("DELETE FROM sender_pace")
    await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    await notifier_process.delivery.tick()
    assert sms.accepted == []
    assert await notifier_process.ledger(client) == [("skipped", "changed")]


async def test_an_unreachable_provider_is_tried_again(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    closed = replace(notifier_process.delivery)
    channel = closed.channels["sms"]
    right, channel._messages = channel._messages, "http://127.0.0.1:9/none"  # type: ignore[attr-defined]
    await closed.tick()
    channel._messages = right  # type: ignore[attr-defined]
    message = await notifier_process.message(client)
    assert (message.state, message.attempts, message.soft_fails) == ("queued", 0, 1)
    await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    await notifier_process.delivery.tick()
    assert len(sms.accepted) == 1
    assert await notifier_process.attempts(message.id) == ["never_reached", "accepted"]


async def test_tries_that_never_arrived_do_not_blow_the_fuse(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    for _ in range(6):
        sms.faults.append("429")
        await notifier_process.shift("UPDATE sender_pace SET next_free_at = now() - interval '1 s'")
        await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
        await notifier_process.delivery.tick()
        sms.faults.clear()
    await notifier_process.shift("UPDATE sender_pace SET next_free_at = now() - interval '1 s'")
    await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(client)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_what_would_come_after_its_window_is_over_now(notifier_process: Notifier, sms: SmsProvider) -> None:
    late, fine = await notifier_process.queued(), await notifier_process.queued()
    await notifier_process.shift(
        "UPDATE message SET expires_at = now() + interval '900 milliseconds' WHERE client_id = :id", id=late.id
    )
    sms.faults.extend(["429", "429"])
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(late) == [("expired", "late")]
    assert await notifier_process.attempts((await notifier_process.message(late)).id) == ["refused_not_processed"]
    assert (await notifier_process.message(fine)).state == "queued"


async def test_one_refused_recipient_does_not_hold_the_others_mail(
    notifier_process: Notifier, mail: MailServer
) -> None:
    for _ in range(2):
        await notifier_process.remind(await notifier_process.client(), "check_in", "email")
    await notifier_process.planner.tick()
    mail.answers.append("451 greylisted, come back")
    await notifier_process.delivery.tick()
    assert len(mail.accepted) == 1
    await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    await notifier_process.delivery.tick()
    assert len(mail.accepted) == 2


async def test_a_refusal_ends_with_its_reason(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    sms.faults.append("refuse_21211")
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(client)).state == "failed"
    assert await notifier_process.ledger(client) == [("failed", "invalid_address")]


async def test_the_providers_opt_out_is_ours(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    sms.faults.append("refuse_21610")
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(client) == [("suppressed", "opted_out")]
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        points = {p.channel: p.opted_out_how for p in await contact_points(session, client.id)}
    assert points == {"sms": "provider", "email": None}


async def test_stop_before_the_mark_wins(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        await opt_out(session, (await contact_points(session, client.id))[0].id, "text", utc_now())
    await notifier_process.delivery.tick()
    assert sms.accepted == []
    assert await notifier_process.ledger(client) == [("suppressed", "opted_out")]


async def test_what_is_done_already_is_not_asked_for(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    async with notifier_process.database.clinic_tx(
        notifier_process.team.clinic_id, notifier_process.team.therapist
    ) as session:
        await record_pain(session, client, NewPain(4), When(), utc_now())
    await notifier_process.delivery.tick()
    assert sms.accepted == []
    assert await notifier_process.ledger(client) == [("skipped", "done_today")]


async def test_what_was_due_too_long_ago_is_not_sent(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    await notifier_process.shift(
        "UPDATE message SET due_at = now() - interval '5 hours', expires_at = now() - interval '1 hour'"
        " WHERE state = 'queued'"
    )
    await notifier_process.delivery.tick()
    await notifier_process.reconciler.tick()
    assert sms.accepted == []
    assert await notifier_process.ledger(client) == [("expired", "outage")]


async def test_our_answers_do_not_use_up_a_days_reminders(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    message = await notifier_process.message(client)
    for number in range(4):
        await notifier_process.shift(
            "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key,"
            " priority, state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks,"
            " accepted_at, created_at, updated_at)"
            " SELECT clinic_id, md5(:key)::uuid, client_id, contact_point_id, channel,"
            " 'check_in_ack', '{}', :key, 5, 'accepted', now(), now() + interval '1 h', 1, 2, 0, 1, 0, now(), now(),"
            " now() FROM message WHERE id = :id",
            key=f"answer {number} {client.id}",
            id=message.id,
        )
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert len(sms.accepted) == 1


async def test_the_fuse_stops_our_own_bugs(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await notifier_process.queued()
    message = await notifier_process.message(client)
    await notifier_process.shift(
        "INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends)"
        " VALUES (:clinic, :point, (now() AT TIME ZONE 'UTC')::date, 'reminder', 4)",
        clinic=message.clinic_id,
        point=message.contact_point_id,
    )
    await notifier_process.delivery.tick()
    assert sms.accepted == []
    assert await notifier_process.ledger(client) == [("suppressed", "fuse")]


async def test_a_message_that_cannot_be_written_blocks_nobody(notifier_process: Notifier, sms: SmsProvider) -> None:
    broken, fine = await notifier_process.queued(), await notifier_process.queued()
    # The kind exists, and what its words need is not there.
    await notifier_process.shift(
        "UPDATE message SET kind = 'check_in_ack', occurrence_id = NULL WHERE client_id = :id", id=broken.id
    )
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(broken)).reason == "render"
    assert (await notifier_process.message(fine)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_a_message_that_cannot_be_handled_holds_up_nobody(notifier_process: Notifier, sms: SmsProvider) -> None:
    broken, fine = await notifier_process.queued(), await notifier_process.queued()
    await notifier_process.shift("UPDATE client SET zone = 'Mars/Olympus' WHERE id = :id", id=broken.id)
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(broken)).state == "failed"
    assert (await notifier_process.message(fine)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_two_workers_send_each_message_once(notifier_process: Notifier, sms: SmsProvider) -> None:
    clients = [await notifier_process.queued() for _ in range(12)]
    other = replace(notifier_process.delivery, worker="other", busy=asyncio.Lock())
    await asyncio.gather(notifier_process.delivery.tick(), other.tick())
    await notifier_process.delivery.tick()
    assert len(sms.accepted) == 12
    assert len({entry["to"] for entry in sms.accepted}) == 12
    for client in clients:
        assert await notifier_process.ledger(client) == [("sent", None)]


async def test_a_worker_that_lost_its_lease_keeps_evidence_and_stops(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await notifier_process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    await notifier_process.reconciler.tick()
    with pytest.raises(LeaseLost):
        await notifier_process.delivery._send(marked.parcel.clinic_id, [marked])
    message = await notifier_process.message(client)
    assert message.state == "accepted"
    assert await notifier_process.attempts(message.id) == ["accepted"]
    assert len(sms.accepted) == 1


async def test_a_stale_token_changes_nothing(notifier_process: Notifier) -> None:
    client = await notifier_process.queued()
    message = await notifier_process.message(client)
    async with notifier_process.delivery.database.clinic_tx(message.clinic_id, SYSTEM) as session:
        message.lease_token = 99
        stale = await claims.settle(session, [(message, Settlement("failed", "refused"))], "queued")
    assert not stale
    assert (await notifier_process.message(client)).state == "queued"
