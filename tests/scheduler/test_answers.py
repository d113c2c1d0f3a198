"""Each answer of a provider, through the real channel: it was sent, later, refused, never reached, or nobody knows."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from socket import socket

import pytest

from scheduler.channels.base import CannotTell, Later, Outcome, Parcel, Refused, Sent, Unknown, Unreached
from scheduler.channels.sms import SmsChannel
from scheduler.timing import NORMAL
from service.clock import monotonic, utc_now
from service.ids import new_id
from service.outbox.codes import Failure
from service.settings import SmsProvider as SmsSettings
from tests.far_ends import ACCOUNT, TOKEN, Scripted, SmsProvider, error, free_port, running_sms_provider

pytestmark = pytest.mark.anyio

HTML = b"<html>maintenance</html>"
TEN_MEGABYTES = b'{"sid": "SM1", "padding": "' + b"x" * 10_000_000 + b'"}'


def refused(status: int, code: int, failure: Failure) -> Refused:
    return Refused(str(code), "no", status, failure)


def own(code: int) -> Later:
    return Later(None, str(code), whole_sender=False, own_login=True)


ANSWERS: dict[str, tuple[Scripted, Outcome]] = {
    "invalid number": (error(400, 21211), refused(400, 21211, Failure.INVALID_ADDRESS)),
    "takes no texts": (error(400, 21614), refused(400, 21614, Failure.INVALID_ADDRESS)),
    "opted out": (error(400, 21610), refused(400, 21610, Failure.OPTED_OUT)),
    "landline": (error(400, 21635), refused(400, 21635, Failure.INVALID_ADDRESS)),
    "our number is not ours": (error(400, 21606), refused(400, 21606, Failure.UNREGISTERED)),
    "not registered": (error(400, 30034), refused(400, 30034, Failure.UNREGISTERED)),
    "filtered": (error(400, 30007), refused(400, 30007, Failure.FILTERED)),
    "a code of next year": (error(400, 21999), refused(400, 21999, Failure.REFUSED)),
    "a code about this text with 403": (error(403, 21408), refused(403, 21408, Failure.REFUSED)),
    "too many requests": (
        Scripted(429, b'{"code": 20429}', ((b"retry-after", b"30"),)),
        Later(30.0, "20429"),
    ),
    "too many, until a date": (
        Scripted(429, HTML, ((b"retry-after", b"Wed, 21 Oct 2026 07:28:00 GMT"),)),
        Later(None, "429"),
    ),
    "too many, in no letters": (Scripted(429, b"", ((b"retry-after", b"\xff"),)), Later(None, "429")),
    "too many, without a number": (Scripted(429, b"", ((b"retry-after", b"nan"),)), Later(None, "429")),
    "queue is full": (error(400, 21611), Later(60.0, "21611")),
    "wrong login": (error(401, 20003), own(20003)),
    "wrong login by a gateway": (Scripted(401, HTML), own(401)),
    "account closed": (error(403, 20403), own(20403)),
    "forbidden": (Scripted(403, HTML), own(403)),
    "no such account": (error(404, 20404), own(20404)),
    "wrong address": (Scripted(404, HTML), own(404)),
    "refused by a gateway": (Scripted(400, HTML), Unknown("status 400", 400)),
    "a teapot": (Scripted(418), Unknown("status 418", 418)),
    "a code that is no number": (Scripted(400, b'{"code": "\\u0000"}'), Unknown("status 400", 400)),
    "a redirect": (
        Scripted(302, b"", ((b"location", b"http://elsewhere.example/"),)),
        Unknown("status 302, code None", 302),
    ),
    "failure of theirs": (error(500, 20500), Unknown("status 500, code 20500", 500)),
    "failure of theirs with a code we know": (error(503, 21211), Unknown("status 503, code 21211", 503)),
    "a status that nobody knows": (Scripted(599, HTML), Unknown("status 599, code None", 599)),
    "a status that cannot be": (Scripted(799, HTML), Unknown("connection closed before message completed")),
    "a page instead of an answer": (Scripted(200, HTML), Unknown("answer without a sid", 200)),
    "half an answer": (
        Scripted(201, b'{"sid": "SM1', whole=False),
        Unknown("end of file before message length reached"),
    ),
    "half an answer with the right length": (Scripted(201, b'{"sid": "SM'), Unknown("answer without a sid", 201)),
    "ten megabytes": (Scripted(201, TEN_MEGABYTES), Unknown("answer without a sid", 201)),
    "packed": (Scripted(201, b"\x1f\x8b", ((b"content-encoding", b"gzip"),)), Unknown("answer without a sid", 201)),
    "deep": (Scripted(201, b"[" * 100_000), Unknown("answer without a sid", 201)),
    "a list": (Scripted(201, b'["SM1"]'), Unknown("answer without a sid", 201)),
    "an id that no database takes": (Scripted(201, b'{"sid": "SM\\u0000"}'), Unknown("answer without a sid", 201)),
    "an id that is none": (Scripted(201, b'{"sid": {"a": 1}}'), Unknown("answer without a sid", 201)),
    "taken": (Scripted(201, b'{"sid": "SM1", "code": null}'), Sent("SM1")),
    "words that no database takes": (
        Scripted(400, b'{"code": 21999, "message": "a\\u0000b\\ud800"}'),
        Refused("21999", "ab?", 400, Failure.REFUSED),
    ),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[SmsProvider]:
    with running_sms_provider() as running:
        yield running


@pytest.fixture
async def channel(provider: SmsProvider) -> AsyncIterator[SmsChannel]:
    made = SmsChannel(SmsSettings(provider.url, ACCOUNT, TOKEN, "+13035550100"), NORMAL)
    yield made
    await made.close()


def parcel() -> Parcel:
    now = utc_now()
    return Parcel(
        clinic_id=new_id(now),
        client_id=new_id(now),
        message_id=new_id(now),
        attempt_id=new_id(now),
        sent_from="+13035550100",
        sent_to="+13035550101",
        text="words",
        expires_at=now + timedelta(hours=1),
        callback_url="http://127.0.0.1:9/hook",
        send_before=monotonic() + 60,
    )


async def test_what_became_of_it_is_said_in_one_of_five_words(channel: SmsChannel, provider: SmsProvider) -> None:
    for what, (answer, outcome) in ANSWERS.items():
        provider.scripted.append(answer)
        assert await channel.send(parcel()) == outcome, what


async def test_a_connection_that_is_cut_after_the_request_leaves_it_open(
    channel: SmsChannel, provider: SmsProvider
) -> None:
    provider.faults.append("drop_after_accept")
    before = len(provider.accepted)
    assert await channel.send(parcel()) == Unknown("end of file before message length reached")
    assert len(provider.accepted) == before + 1


async def test_where_nobody_opens_the_connection_nothing_was_sent() -> None:
    with socket() as busy, socket() as first, socket() as second:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(busy.getsockname())
        waiting = SmsChannel(
            SmsSettings(f"http://127.0.0.1:{busy.getsockname()[1]}", ACCOUNT, TOKEN, "+13035550100"), NORMAL.faster(3)
        )
        assert await waiting.send(parcel()) == Unreached("deadline has elapsed")
        await waiting.close()


async def test_what_never_left_is_never_reached(provider: SmsProvider) -> None:
    closed = SmsChannel(SmsSettings(f"http://127.0.0.1:{free_port()}", ACCOUNT, TOKEN, "+13035550100"), NORMAL)
    assert await closed.send(parcel()) == Unreached("Connection refused (os error 111)")
    await closed.close()


async def test_a_list_that_makes_no_sense_tells_nothing(channel: SmsChannel, provider: SmsProvider) -> None:
    lists = (
        Scripted(200, HTML),
        Scripted(200, b'{"messages": 7}'),
        Scripted(200, TEN_MEGABYTES),
        Scripted(401, b'{"messages": []}'),
        Scripted(200, b'{"messages": [', whole=False),
    )
    for answer in lists:
        provider.scripted.append(answer)
        found = await channel.look_up("+13035550101", b"", utc_now(), frozenset())
        assert found == CannotTell(can_ever_tell=True), answer.body[:20]
