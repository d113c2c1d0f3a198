"""Scripted far ends on loopback: an SMS provider speaking the Twilio wire format, and a mail server.

Both keep an append-only ledger of what they accepted: the truth about what was sent.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl

import httpx
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.clock import utc_now

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "auth-token-of-the-tests"

Fault = Literal["none", "drop_after_accept", "500_after_accept", "500", "429", "html", "refuse_21211", "refuse_21610"]


@dataclass(frozen=True)
class Scripted:
    """An answer of any status and content, in place of the provider's own. Nothing is accepted."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    whole: bool = True
    """False: the connection ends before as much has come as was promised."""


def error(status: int, code: int, message: str = "no") -> Scripted:
    return Scripted(status, json.dumps({"code": code, "message": message, "status": status}).encode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class SmsProvider:
    """`accepted` is the ledger. `faults` are played one request each, in order, then none."""

    port: int = field(default_factory=free_port)
    accepted: list[dict[str, str]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    scripted: list[Scripted] = field(default_factory=list)
    date: str | None = None
    """What its answers say the time is, when it is not the true one."""
    thinks: float = 0
    """Seconds before each answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        raw = await body_of(receive)
        await asyncio.sleep(self.thinks)
        if self.scripted:
            await _play(self.scripted.pop(0), send)
            return
        status, body, headers = self._answer(scope, raw)
        headers = [*headers, (b"date", (self.date or format_datetime(utc_now(), usegmt=True)).encode())]
        if status == 0:
            # Promises more than it sends: the connection ends in the middle of the answer.
            await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"999")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise ConnectionResetError
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Mapping[str, Any], raw: bytes) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        plain = [(b"content-type", b"application/json")]
        if not _authorised(scope) or scope["path"] != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return 401, b'{"code": 20003}', plain
        if scope["method"] == "GET":
            wanted = parse_qs(scope["query_string"].decode()).get("To", [""])[0]
            return 200, json.dumps({"messages": self.listed(wanted)}).encode(), plain
        if (b"content-type", b"application/x-www-form-urlencoded") not in scope["headers"]:
            return 400, b'{"code": 21604}', plain
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        self.requests.append(form)
        return self._post(form, self.next_fault(), plain)

    def next_fault(self) -> Fault:
        return self.faults.pop(0) if self.faults else "none"

    def listed(self, number: str) -> list[dict[str, str]]:
        return [entry for entry in self.accepted if entry["to"] == number]

    def _post(
        self, form: dict[str, str], fault: Fault, plain: list[tuple[bytes, bytes]]
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if fault == "429":
            return 429, b'{"code": 20429}', [*plain, (b"retry-after", b"1")]
        if fault == "500":
            return 500, b'{"code": 20500}', plain
        if fault.startswith("refuse_"):
            return 400, json.dumps({"code": int(fault[7:]), "message": "no"}).encode(), plain
        entry = self.accept(form)
        if fault == "drop_after_accept":
            return 0, b"", plain
        if fault == "500_after_accept":
            return 500, b"", plain
        if fault == "html":
            return 200, b"<html>maintenance</html>", plain
        return 201, json.dumps(entry).encode(), plain

    def accept(self, form: dict[str, str]) -> dict[str, str]:
        entry = {
            "sid": f"SM{len(self.accepted):032x}",
            "status": "queued",
            "to": form["To"],
            "from": form["From"],
            "body": form["Body"],
            "date_created": format_datetime(utc_now()),
            "callback": form.get("StatusCallback", ""),
        }
        self.accepted.append(entry)
        return entry

    def report(self, entry: Mapping[str, str], status: str) -> httpx.Response:
        """What the provider posts to the message's status callback."""
        return signed_post(entry["callback"], {"MessageSid": entry["sid"], "MessageStatus": status})


async def _play(answer: Scripted, send: Any) -> None:
    """In pieces, as a network brings it."""
    length = [] if answer.whole else [(b"content-length", str(len(answer.body) + 1).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *length]})
    for start in range(0, len(answer.body), 1 << 20):
        await send({"type": "http.response.body", "body": answer.body[start : start + (1 << 20)], "more_body": True})
    if not answer.whole:
        raise ConnectionResetError
    await send({"type": "http.response.body", "body": b""})


def _authorised(scope: Mapping[str, Any]) -> bool:
    given = dict(scope["headers"]).get(b"authorization", b"").decode()
    expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    return hmac.compare_digest(given, f"Basic {expected}")


async def body_of(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            return body


def signature(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and the sorted names and values, in base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def signed_post(url: str, form: Mapping[str, str], token: str = TOKEN) -> httpx.Response:
    headers = {"X-Twilio-Signature": signature(url, form, token)}
    return httpx.post(url, data=dict(form), headers=headers, trust_env=False, verify=False, timeout=10)


@contextmanager
def running_sms_provider() -> Iterator[SmsProvider]:
    provider = SmsProvider()
    with running_app(provider, provider.port):
        yield provider


@contextmanager
def running_app(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        loop="asyncio",
        log_level="critical",
        lifespan="off",
        date_header=not isinstance(app, SmsProvider),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)


@dataclass
class MailServer:
    """`accepted` is the ledger: envelope recipient and message, in order. `answers` replace the 250 of a DATA,
    `recipients` that of a RCPT."""

    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: list[str | bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def listed(self, address: str) -> list[EmailMessage]:
        return [letter for recipient, letter in self.accepted if recipient == address]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        if self.answers:
            return self.answers.pop(0)
        parsed = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.accepted.append((envelope.rcpt_tos[0], parsed))
        return "250 OK"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    mail = MailServer(port=free_port())
    controller = Controller(mail, hostname="127.0.0.1", port=mail.port)
    controller.start()
    try:
        yield mail
    finally:
        # Time to notice that its callers have hung up: a server stopped before would leave their sockets open.
        time.sleep(0.2)
        controller.stop()
