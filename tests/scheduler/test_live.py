"""Nothing that was made in test mode leaves, then or later; what is made when the clinic is live does."""

import asyncio

import pytest

from scheduler.delivery import Delivery
from scheduler.process import make_channels
from scheduler.render import Renderer
from scheduler.timing import NORMAL
from service.settings import Settings
from tests.far_ends import MailServer, SmsProvider
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def live(process: Notifier, since: str) -> None:
    await process.shift(f"UPDATE clinic SET live_at = {since} WHERE clinic_id = :id", id=process.team.clinic_id)


async def test_in_test_mode_nothing_leaves_and_the_ledger_says_so(
    process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    await live(process, "NULL")
    client = await process.queued()
    await process.delivery.tick()
    message = await process.message(client)
    assert (message.state, message.reason, message.attempts) == ("suppressed", "test_mode", 0)
    assert await process.ledger(client) == [("suppressed", "test_mode")]
    assert (sms.requests, mail.accepted) == ([], [])


async def test_going_live_sends_nothing_that_waited_and_everything_that_comes_after(
    process: Notifier, sms: SmsProvider
) -> None:
    await live(process, "NULL")
    waited = await process.queued()
    await live(process, "now()")
    after = await process.queued()
    await process.delivery.tick()
    assert (await process.message(waited)).reason == "test_mode"
    assert (await process.message(after)).state == "accepted"
    assert len(sms.accepted) == 1


async def test_without_a_provider_the_test_inbox_takes_it_in_test_mode_too(process: Notifier, sms: SmsProvider) -> None:
    await live(process, "NULL")
    client = await process.queued()
    settings = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")
    notifier = process.delivery.database
    channels = make_channels(settings, notifier, NORMAL)
    await Delivery(notifier, channels, Renderer(settings), "worker", asyncio.Event()).tick()
    assert (await process.message(client)).state == "accepted"
    assert sms.requests == []
