"""A reminder that certainly did not arrive goes out once on its next channel; one in doubt never does."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.accounts.tables import Client, ContactPoint
from service.clock import utc_now
from service.conversation.actions import reports
from service.database.tenancy import SYSTEM, Actor
from service.reminders.actions import end_reminder
from service.reminders.queries import ledger
from service.reminders.rules import local_day
from tests.far_ends import MailServer, SmsProvider, error
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

PROVIDER = Actor("provider", None, "text")
BOTH = ("sms", "email")
SECRET = "s" * 40


async def tries(process: Notifier, client: Client) -> list[tuple[str, str, str | None]]:
    """Channel, state and reason of each message, in the order in which they were tried."""
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT channel, state, reason FROM message WHERE client_id = :id ORDER BY created_at, id"),
            {"id": client.id},
        )
        return [(row.channel, row.state, row.reason) for row in rows]


async def report(process: Notifier, client: Client, state: str, code: str | None = None) -> None:
    """What the provider says later about the text of this client."""
    clinic_id = process.team.clinic_id
    async with process.owner.installation_tx() as connection:
        attempt_id: UUID | None = await connection.scalar(
            text(
                "SELECT a.id FROM attempt a JOIN message m ON m.id = a.message_id"
                " WHERE m.client_id = :id AND m.channel = 'sms'"
            ),
            {"id": client.id},
        )
    assert attempt_id is not None
    async with process.database.clinic_tx(clinic_id, PROVIDER) as session:
        event_id = await reports.store_report(session, attempt_id, "SM77", state, code, utc_now())
        await reports.act_on_report(session, event_id, SECRET, utc_now())


async def tick(process: Notifier) -> None:
    """Twice: what a failure has queued goes out, and nothing comes after it."""
    await process.delivery.tick()
    await process.delivery.tick()


async def told(process: Notifier, client: Client) -> tuple[str, str | None, str | None, str | None]:
    """What the ledger tells staff: outcome, channel, and both tries in words."""
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        today = local_day(utc_now(), client.zone)
        [line] = await ledger(session, client.id, today, today)
        return line.outcome, line.channel, line.words, line.first_try


async def test_a_permanent_failure_of_a_text_is_one_mail(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.scripted.append(error(400, 21999))
    await tick(notifier_process)
    assert [recipient for recipient, _ in mail.accepted] == [
        point.address for point in await _points(notifier_process, client) if point.channel == "email"
    ]
    assert len(sms.requests) == 0 == len(sms.accepted)
    assert await tries(notifier_process, client) == [("sms", "failed", "refused"), ("email", "accepted", None)]
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert await told(notifier_process, client) == (
        "sent",
        "email",
        "Sent. No answer yet.",
        "Not sent: the message service refused it.",
    )


async def test_undelivered_told_twice_is_one_mail(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.queued(*BOTH)
    await notifier_process.delivery.tick()
    await report(notifier_process, client, "undelivered", "30006")
    await report(notifier_process, client, "failed", "30006")
    assert await notifier_process.ledger(client) == [("queued", None)]
    await tick(notifier_process)
    await report(notifier_process, client, "undelivered", "30003")
    await tick(notifier_process)
    assert len(mail.accepted) == 1
    assert await tries(notifier_process, client) == [("sms", "undelivered", "no_texts"), ("email", "accepted", None)]
    assert await notifier_process.ledger(client) == [("sent", None)]


async def test_proof_that_comes_before_the_mail_takes_it_back(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.scripted.append(error(400, 21999))
    marked = await notifier_process.mark_and_stand_still()
    await notifier_process.delivery._send(notifier_process.team.clinic_id, [marked])
    assert [state for _, state, _ in await tries(notifier_process, client)] == ["failed", "queued"]
    await report(notifier_process, client, "delivered")
    await tick(notifier_process)
    assert mail.accepted == []
    assert await tries(notifier_process, client) == [
        ("sms", "delivered", None),
        ("email", "suppressed", "sent_otherwise"),
    ]
    assert await told(notifier_process, client) == ("sent", "sms", "Delivered. No answer yet.", None)


async def test_proof_that_comes_after_the_mail_is_believed_and_nothing_more_is_sent(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.scripted.append(error(400, 21999))
    await tick(notifier_process)
    await report(notifier_process, client, "sent")
    await report(notifier_process, client, "undelivered", "30003")
    await tick(notifier_process)
    assert await tries(notifier_process, client) == [("sms", "undelivered", "unreachable"), ("email", "accepted", None)]
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert (len(mail.accepted), len(sms.accepted)) == (1, 0)


async def test_a_late_word_about_the_first_try_says_nothing_of_the_second(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.scripted.append(error(400, 21999))
    marked = await notifier_process.mark_and_stand_still()
    await notifier_process.delivery._send(notifier_process.team.clinic_id, [marked])
    await report(notifier_process, client, "undelivered", "30003")
    assert await notifier_process.ledger(client) == [("queued", None)]
    await tick(notifier_process)
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert len(mail.accepted) == 1


@pytest.mark.parametrize("stopped", BOTH)
async def test_after_a_stop_on_either_channel_nothing_is_tried(
    notifier_process: Notifier, mail: MailServer, stopped: str
) -> None:
    client = await notifier_process.queued(*BOTH)
    await notifier_process.delivery.tick()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        [point] = [p for p in await contact_points(session, client.id) if p.channel == stopped]
        await opt_out(session, point.id, "text", utc_now())
    await report(notifier_process, client, "undelivered", "30003")
    await tick(notifier_process)
    assert mail.accepted == []
    assert await tries(notifier_process, client) == [("sms", "undelivered", "unreachable")]
    assert await notifier_process.ledger(client) == [("failed", "unreachable")]


async def test_an_opt_out_at_the_provider_is_no_reason_to_mail(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.faults.append("refuse_21610")
    await tick(notifier_process)
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("suppressed", "opted_out")]


async def test_after_its_window_nothing_is_tried(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.queued(*BOTH)
    await notifier_process.delivery.tick()
    await notifier_process.shift(
        "UPDATE message SET due_at = now() - interval '5 h', expires_at = now() - interval '1 s' WHERE client_id = :id",
        id=client.id,
    )
    await report(notifier_process, client, "undelivered", "30036")
    await tick(notifier_process)
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("expired", "not_in_time")]


async def test_a_text_in_doubt_is_never_tried_by_mail(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.faults.append("500")
    await tick(notifier_process)
    assert await tries(notifier_process, client) == [("sms", "uncertain", "no_answer")]
    assert mail.accepted == []


async def test_a_reminder_that_wished_for_texts_alone_is_not_mailed(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued("sms")
    sms.scripted.append(error(400, 21999))
    await tick(notifier_process)
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("failed", "refused")]


async def test_a_second_try_ends_with_its_reminder(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    await notifier_process.delivery.tick()
    await report(notifier_process, client, "undelivered", "30003")
    team = notifier_process.team
    async with notifier_process.database.clinic_tx(team.clinic_id, team.therapist) as session:
        await end_reminder(session, client.id, "check_in", utc_now())
    await tick(notifier_process)
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("skipped", "changed")]


async def test_what_did_not_arrive_does_not_use_up_the_day(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.queued(*BOTH)
    await notifier_process.shift("UPDATE clinic SET texts_per_day = 1")
    await notifier_process.delivery.tick()
    await report(notifier_process, client, "undelivered", "30003")
    await tick(notifier_process)
    await notifier_process.shift("UPDATE clinic SET texts_per_day = 4")
    assert len(mail.accepted) == 1


async def test_when_both_channels_fail_the_ledger_tells_both(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued(*BOTH)
    sms.scripted.append(error(400, 21999))
    mail.answers.append("550 nobody here")
    await tick(notifier_process)
    assert await notifier_process.ledger(client) == [("failed", "refused")]
    assert await told(notifier_process, client) == (
        "failed",
        "email",
        *["Not sent: the message service refused it."] * 2,
    )


async def _points(process: Notifier, client: Client) -> Sequence[ContactPoint]:
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        return await contact_points(session, client.id)
