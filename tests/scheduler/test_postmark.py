"""Mail through the API: what each answer means, and what the provider's own list can prove."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from msgspec import structs

from scheduler.channels.base import CannotTell, Found, Later, Outcome, Refused, Sent, Unknown, Unreached
from scheduler.channels.postmark import PostmarkChannel
from scheduler.timing import NORMAL
from service.clock import utc_now
from service.outbox.codes import Failure
from service.settings import MailProvider as MailSettings
from tests.far_ends import body_of, free_port, running_app
from tests.scheduler.smtp import parcel

pytestmark = pytest.mark.anyio

TOKEN = "server-token-of-the-tests"


@dataclass
class MailProvider:
    """`answers` are played one request each, status and body, in order; then everything is taken."""

    port: int = field(default_factory=free_port)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    headers: list[dict[bytes, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        raw = await body_of(receive)
        self.headers.append(dict(scope["headers"]))
        status, body = self._answer(scope, raw)
        headers = [(b"content-type", b"application/json"), (b"retry-after", b"7")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Mapping[str, Any], raw: bytes) -> tuple[int, bytes]:
        if dict(scope["headers"]).get(b"x-postmark-server-token") != TOKEN.encode():
            return 401, b'{"ErrorCode": 10, "Message": "no"}'
        if self.answers:
            return self.answers.pop(0)
        if scope["path"] == "/messages/outbound":
            return 200, json.dumps({"Messages": self._listed(parse_qs(scope["query_string"].decode()))}).encode()
        mail = json.loads(raw) | {"MessageID": f"pm-{len(self.accepted)}", "ReceivedAt": utc_now().isoformat()}
        self.accepted.append(mail)
        return 200, json.dumps({"ErrorCode": 0, "MessageID": mail["MessageID"], "Message": "OK"}).encode()

    def _listed(self, wanted: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        """As documented, the filter by metadata may also be left to whoever asks."""
        return [mail for mail in self.accepted if mail["To"] == wanted["recipient"][0]]


@pytest.fixture(scope="module")
def provider() -> Iterator[MailProvider]:
    made = MailProvider()
    with running_app(made, made.port):
        yield made


@pytest.fixture
async def channel(provider: MailProvider) -> AsyncIterator[PostmarkChannel]:
    for record in (provider.accepted, provider.answers, provider.headers):
        record.clear()
    made = PostmarkChannel(MailSettings(f"http://127.0.0.1:{provider.port}", TOKEN, "a@b.example"), NORMAL)
    yield made
    await made.close()


async def test_a_mail_carries_its_words_its_headers_and_the_way_back(
    provider: MailProvider, channel: PostmarkChannel
) -> None:
    sent = parcel()
    assert await channel.send(sent) == Sent("pm-0")
    [mail] = provider.accepted
    assert (mail["To"], mail["TextBody"], mail["HtmlBody"]) == (sent.sent_to, sent.text, sent.html)
    headers = {header["Name"]: header["Value"] for header in mail["Headers"]}
    assert headers == dict(sent.headers) | {"X-PM-KeepID": "true"}
    assert (mail["Metadata"]["clinic"], mail["Metadata"]["attempt"]) == (str(sent.clinic_id), str(sent.attempt_id))
    assert (mail["TrackOpens"], mail["TrackLinks"]) == (False, "None")
    assert all(len(value) <= 80 for value in mail["Metadata"].values())
    assert b"authorization" not in provider.headers[0]


def refusal(code: int) -> bytes:
    return json.dumps({"ErrorCode": code, "Message": "no"}).encode()


ANSWERS: list[tuple[int, bytes, Outcome]] = [
    (429, b"", Later(7.0, "429")),
    (401, refusal(10), Later(60.0, "10")),
    (422, refusal(400), Later(60.0, "400")),
    (422, refusal(405), Later(60.0, "405")),
    (422, refusal(100), Later(60.0, "100")),
    (422, refusal(406), Refused("406", "no", 422, failure=Failure.INVALID_ADDRESS)),
    (422, refusal(300), Refused("300", "no", 422)),
    (413, b"<html>", Refused("413", "", 413)),
    (500, refusal(0), Unknown("status 500", 500)),
    (503, b"", Unknown("status 503", 503)),
    (200, b"<html>maintenance</html>", Unknown("answer without a message id", 200)),
    (200, refusal(300), Unknown("answer without a message id", 200)),
    (302, b"", Unknown("status 302", 302)),
    (200, b'{"ErrorCode": 0, "MessageID": "pm\\u0000"}', Unknown("answer without a message id", 200)),
    (422, b'{"ErrorCode": 300, "Message": "n\\u0000o \\ud800"}', Refused("300", "no ?", 422)),
]


async def test_each_answer_means_one_thing(provider: MailProvider, channel: PostmarkChannel) -> None:
    for status, body, meant in ANSWERS:
        provider.answers.append((status, body))
        assert await channel.send(parcel()) == meant, (status, body)
    gone = PostmarkChannel(MailSettings(f"http://127.0.0.1:{free_port()}", TOKEN, "a@b.example"), NORMAL)
    assert await gone.send(parcel()) == Unreached("Connection refused (os error 111)")
    await gone.close()


async def test_the_providers_list_proves_what_was_sent_and_never_what_was_not(
    provider: MailProvider, channel: PostmarkChannel
) -> None:
    sent, other = parcel(), structs.replace(parcel(), text="Other words.\n")
    words = hashlib.sha256(sent.text.encode()).digest()
    nothing = CannotTell(can_ever_tell=True)

    async def found(since: int = 0, *spoken_for: str) -> object:
        return await channel.look_up(sent.sent_to, words, utc_now() + timedelta(minutes=since), frozenset(spoken_for))

    assert await found() == nothing
    await channel.send(other)
    assert await found() == nothing
    await channel.send(sent)
    assert await found() == Found("pm-1")
    assert await found(0, "pm-1") == nothing
    assert await found(30) == nothing
    for status, body in ((500, b""), (200, b"[]"), (200, b'{"Messages": [1, {"MessageID": "x", "Metadata": null}]}')):
        provider.answers.append((status, body))
        assert await found() == nothing
