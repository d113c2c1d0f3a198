"""A provider is spoken to about so many messages at once; the others wait for their turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from msgspec import structs

from scheduler.channels import http
from scheduler.channels.base import Sent
from scheduler.channels.postmark import PostmarkChannel
from scheduler.channels.sms import SmsChannel
from scheduler.channels.turns import NO_TURN
from scheduler.timing import NORMAL, Timing
from service.clock import monotonic
from service.settings import MailProvider as MailSettings
from service.settings import SmsProvider as SmsSettings
from tests.far_ends import ACCOUNT, TOKEN, SmsProvider
from tests.scheduler.test_answers import parcel

pytestmark = pytest.mark.anyio


@pytest.fixture
def slow(sms: SmsProvider, monkeypatch: pytest.MonkeyPatch) -> SmsProvider:
    """Two at once, half a second each."""
    monkeypatch.setattr(http, "AT_ONCE", 2)
    monkeypatch.setattr(sms, "thinks", 0.5)
    return sms


@asynccontextmanager
async def talking_to(provider: SmsProvider, timing: Timing = NORMAL) -> AsyncIterator[SmsChannel]:
    channel = SmsChannel(SmsSettings(provider.url, ACCOUNT, TOKEN, "+13035550100"), timing)
    try:
        yield channel
    finally:
        await channel.close()


async def test_waiting_for_a_turn_takes_nothing_from_the_time_of_an_answer(slow: SmsProvider) -> None:
    async with talking_to(slow, replace(NORMAL, connect=0.4, read=1.4)) as channel:
        outcomes = await asyncio.gather(*(channel.send(parcel()) for _ in range(10)))
    # The last two of them began when the 1.8 s, in which an answer must have come, were over.
    assert {type(outcome) for outcome in outcomes} == {Sent}


async def test_what_has_no_turn_in_time_was_never_written(slow: SmsProvider) -> None:
    async with talking_to(slow) as channel:
        assert isinstance(await channel.send(parcel()), Sent)
        soon = monotonic() + 0.4
        outcomes = await asyncio.gather(*(channel.send(structs.replace(parcel(), send_before=soon)) for _ in range(5)))
        assert [type(outcome) for outcome in outcomes[:2]] == [Sent, Sent]
        assert outcomes[2:] == [NO_TURN, NO_TURN, NO_TURN]
        # Nobody's turn was lost with them.
        outcomes = await asyncio.gather(*(channel.send(parcel()) for _ in range(2)))
    assert {type(outcome) for outcome in outcomes} == {Sent}
    assert len(slow.requests) == 5


async def test_nothing_begins_when_its_time_is_over(sms: SmsProvider) -> None:
    late = structs.replace(parcel(), send_before=monotonic() - 0.01)
    mail = PostmarkChannel(MailSettings(sms.url, "token-of-the-tests", "clinic@clamshell.example"), NORMAL)
    async with talking_to(sms) as channel:
        assert (await channel.send(late), await mail.send(late)) == (NO_TURN, NO_TURN)
    await mail.close()
    assert sms.requests == []
