"""What a provider will not deliver is not sent again: the address, the sender or the words are left alone."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint
from service.clock import utc_now
from service.database.sealing import opened, packed
from service.database.tenancy import SYSTEM
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from tests.far_ends import MailServer, SmsProvider, error
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def _nothing_is_stopped(notifier_process: Notifier) -> None:
    await notifier_process.shift("DELETE FROM sending_stop")


async def _refuse(process: Notifier, sms: SmsProvider, code: int) -> None:
    """Somebody's check-in is refused with this code."""
    await process.queued()
    sms.scripted.append(error(400, code))
    await process.delivery.tick()


async def test_nothing_more_goes_to_an_address_that_does_not_work(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.queued("sms", "email")
    sms.faults.append("refuse_21211")
    await notifier_process.delivery.tick()
    await notifier_process.delivery.tick()
    assert len(mail.accepted) == 1
    await notifier_process.remind(client, "habit", "sms", "email")
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    await notifier_process.delivery.tick()
    assert (len(sms.requests), len(mail.accepted)) == (1, 2)
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        points = {point.channel: point.invalid_code for point in await contact_points(session, client.id)}
    assert points == {"sms": "21211", "email": None}


async def test_words_that_were_filtered_wait_and_others_go(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    await _refuse(notifier_process, sms, 30007)
    same, other = await notifier_process.client(), await notifier_process.client()
    await notifier_process.remind(same, "check_in", "sms", "email")
    await notifier_process.remind(other, "habit")
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(other) == [("sent", None)]
    assert [entry["To"] for entry in sms.requests] == [await _phone(notifier_process, other.id)]
    # The day's end is past every window: the next channel takes over at once.
    assert await notifier_process.ledger(same) == [("sent", None)]
    assert len(mail.accepted) == 1


async def test_a_sender_that_is_not_registered_sends_nothing_for_a_day(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    await _refuse(notifier_process, sms, 30034)
    client = await notifier_process.queued()
    await notifier_process.delivery.tick()
    assert sms.requests == []
    assert await notifier_process.ledger(client) == [("failed", "sender_stopped")]
    await notifier_process.shift("UPDATE sending_stop SET stopped_at = now() - interval '2 d', until_at = now()")
    again = await notifier_process.queued()
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(again) == [("sent", None)]


async def test_a_rate_that_is_too_high_only_delays(notifier_process: Notifier, sms: SmsProvider) -> None:
    await _refuse(notifier_process, sms, 30007)
    await notifier_process.shift(
        "UPDATE sending_stop SET kind = '*', failure = 'rate', until_at = now() + interval '15 min'"
    )
    client = await notifier_process.queued()
    await notifier_process.delivery.tick()
    message = await notifier_process.message(client)
    assert sms.requests == []
    assert (message.state, message.attempts) == ("queued", 0)
    assert timedelta(minutes=14) < message.due_at - utc_now() <= timedelta(minutes=15)


async def test_whoever_may_be_in_danger_is_answered_all_the_same(notifier_process: Notifier, sms: SmsProvider) -> None:
    await _refuse(notifier_process, sms, 30034)
    client = await notifier_process.client()
    now = utc_now()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        [point] = [p for p in await contact_points(session, client.id) if p.channel == "sms"]
        answer = Outgoing(
            client_id=client.id,
            contact_point_id=point.id,
            channel="sms",
            kind=MessageKind.NOT_WATCHED,
            dedupe_key=f"answer:{client.id}",
            due_at=now - timedelta(seconds=1),
            expires_at=now + timedelta(hours=4),
        )
        await enqueue(session, answer, now)
    await notifier_process.delivery.tick()
    assert len(sms.accepted) == 1


async def _phone(process: Notifier, client_id: object) -> str:
    async with process.owner.installation_tx() as connection:
        statement = f"SELECT {packed(ContactPoint, 'address', 'p')} FROM contact_point p"
        phone = await connection.scalar(
            text(f"{statement} WHERE client_id = :id AND channel = 'sms'"), {"id": client_id}
        )
        return str(opened(ContactPoint, "address", phone))
