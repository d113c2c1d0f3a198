"""Mail over SMTP: what each answer and each silence means, and that nothing goes in plain text that should not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP
from msgspec import structs

from scheduler.channels.base import Later, Outcome, Parcel, Refused, Sent, Unknown, Unreached
from scheduler.channels.email import EmailChannel
from scheduler.channels.turns import NO_TURN
from scheduler.circuit import tally
from scheduler.timing import NORMAL, Timing
from service.clock import monotonic, utc_now
from service.doctor import examine
from service.outbox.codes import Failure
from service.settings import MailServer as MailSettings
from tests import far_ends
from tests.key import KEY

pytestmark = pytest.mark.anyio

CERTIFICATE = Path(__file__).parent / "certificates" / "localhost.pem"
HANG_UP = ""
SILENT = "…"


def parcel(number: int = 0) -> Parcel:
    return Parcel(
        clinic_id=uuid4(),
        client_id=uuid4(),
        message_id=uuid4(),
        attempt_id=uuid4(),
        sent_from="clinic@northside.example",
        sent_to=f"maria{number}@mail.example",
        text=".A line that begins with a full stop,\nand Niño.\n",
        expires_at=utc_now() + timedelta(hours=4),
        callback_url="",
        send_before=monotonic() + 30,
        subject="Today's check-in",
        html="<p>Hello</p>",
        headers={"Message-ID": f"<{number}@app.example>", "List-Unsubscribe": f"<https://app.example/r/{'x' * 90}>"},
    )


@dataclass
class Script:
    """A mail server that says at each step what it was told to say, in order, and then that all is well.

    `room` is how many connections it takes at once. `heard` is every line but those of a mail.
    """

    greeting: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    login: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    room: int = 100
    open: int = 0
    heard: list[str] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.writers.append(writer)
        try:
            if self.open > self.room:
                writer.write(b"421 4.7.0 too many connections\r\n")
            elif await self._say(writer, self.greeting, "220 here"):
                await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        steps = {
            "EHLO": ([], "250-here\r\n250 AUTH PLAIN"),
            "AUTH": (self.login, "235 welcome"),
            "MAIL": (self.mail, "250 ok"),
            "RCPT": (self.rcpt, "250 ok"),
            "DATA": (self.data, "354 go on"),
            "QUIT": ([], "221 bye"),
        }
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            answers, usual = steps.get(line[:4], ([], "250 ok"))
            answer = await self._say(writer, answers, usual)
            if not answer:
                return
            if answer.startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                if not await self._say(writer, self.end, "250 taken"):
                    return

    async def _say(self, writer: asyncio.StreamWriter, answers: list[str], usual: str) -> str:
        answer = answers.pop(0) if answers else usual
        if answer == SILENT:
            await asyncio.sleep(60)
        if answer:
            writer.write(f"{answer}\r\n".encode())
        return answer

    def count(self, command: str) -> int:
        return sum(line.startswith(command) for line in self.heard)


@asynccontextmanager
async def talking_to(script: Script, timing: Timing = NORMAL, user: str | None = None) -> AsyncIterator[EmailChannel]:
    server = await asyncio.start_server(script, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = EmailChannel(MailSettings("127.0.0.1", port, user, user, False, "a@b.example"), timing)
    try:
        yield channel
    finally:
        await channel.close()
        server.close()
        for writer in script.writers:
            writer.transport.abort()


NO_SUCH_USER = "550 5.1.1 no such user"
ANSWERS: Sequence[tuple[dict[str, list[str]], Outcome]] = [
    # Before DATA nothing can have been taken.
    ({"greeting": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"greeting": ["554 5.7.1 you are blocked"]}, Later(60.0, "5.7.1")),
    ({"mail": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"rcpt": [HANG_UP]}, Unreached("SMTPServerDisconnected")),
    ({"rcpt": ["what?"]}, Unreached("SMTPResponseException")),
    # From DATA on it may have been.
    ({"data": [HANG_UP]}, Unknown("SMTPServerDisconnected")),
    ({"end": [HANG_UP]}, Unknown("SMTPServerDisconnected")),
    ({"end": ["what?"]}, Unknown("SMTPResponseException")),
    # A refusal is certain wherever it comes.
    ({"mail": ["421 4.3.2 closing"]}, Later(None, "4.3.2")),
    ({"end": ["421 closing"]}, Later(None, "421")),
    ({"rcpt": ["451 4.7.1 greylisted"]}, Later(None, "4.7.1", whole_sender=False)),
    ({"rcpt": ["452 4.2.2 mailbox full"]}, Later(None, "4.2.2", whole_sender=False)),
    ({"data": ["450 try again"]}, Later(None, "450", whole_sender=False)),
    ({"rcpt": [NO_SUCH_USER]}, Refused("5.1.1", "5.1.1 no such user", 550, failure=Failure.INVALID_ADDRESS)),
    ({"rcpt": ["550 <m@x>: Recipient address rejected: User unknown"]},
     Refused("550", "<m@x>: Recipient address rejected: User unknown", 550, failure=Failure.INVALID_ADDRESS)),
    ({"rcpt": ["552 5.2.2 mailbox full"]}, Refused("5.2.2", "5.2.2 mailbox full", 552)),
    ({"rcpt": ["550 5.7.1 rejected by policy"]}, Refused("5.7.1", "5.7.1 rejected by policy", 550)),
    ({"rcpt": ["554 5.7.1 Relay access denied"]}, Later(60.0, "5.7.1")),
    ({"end": ["554 5.6.0 bad content"]}, Refused("5.6.0", "5.6.0 bad content", 554)),
    # One clinic's sender may not write: that clinic's mail waits, and nobody else's.
    ({"mail": ["550 5.1.8 sender domain not found"]}, Later(60.0, "5.1.8", whole_sender=False)),
    (
        {"mail": ["530 5.7.0 Authentication required"]},
        Later(60.0, "5.7.0", whole_sender=False, own_login=True),
    ),
    ({}, Sent("<0@app.example>")),
]  # fmt: skip


async def test_each_answer_means_one_thing_and_the_next_mail_goes_through() -> None:
    for said, meant in ANSWERS:
        script = Script(**said)  # type: ignore[arg-type]
        async with talking_to(script) as channel:
            assert await channel.send(parcel()) == meant, said
            assert await channel.send(parcel(1)) == Sent("<1@app.example>"), said


async def test_a_refused_login_is_our_own_trouble_and_is_tried_again() -> None:
    """The circuit opens at once for it, and says so to staff; nothing was announced, so nothing can have been taken."""
    script = Script(login=["535 5.7.8 wrong user or password"])
    async with talking_to(script, user="clinic") as channel:
        refused = await channel.send(parcel())
        assert refused == Later(60.0, "5.7.8", whole_sender=False, own_login=True)
        assert tally([refused]).login
        assert script.count("MAIL") == 0
        assert await channel.send(parcel(1)) == Sent("<1@app.example>")


async def test_what_is_left_of_a_refused_mail_is_taken_back_before_the_next() -> None:
    script = Script(rcpt=[NO_SUCH_USER])
    async with talking_to(script) as channel:
        await channel.send(parcel())
        await channel.send(parcel(1))
    assert [line[:4] for line in script.heard] == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_a_kept_connection_that_has_died_costs_no_mail_its_certainty() -> None:
    script = Script()
    async with talking_to(script) as channel:
        await channel.send(parcel())
        for answer in (HANG_UP, "421 4.4.2 timeout, closing"):
            # It dies only when the next mail is announced: nobody can know before.
            script.mail.append(answer)
            assert isinstance(await channel.send(parcel()), Sent)
    # Two mails of three were announced twice, on a new connection; nobody asked first whether the old one lives.
    assert (script.count("MAIL"), script.count("EHLO"), script.count("NOOP")) == (5, 3, 0)


async def test_mails_go_side_by_side_on_as_many_connections_as_the_server_wants() -> None:
    crowd = Script(room=3)
    async with talking_to(crowd) as channel:
        outcomes = await asyncio.gather(*(channel.send(parcel(number)) for number in range(40)))
    assert {type(outcome) for outcome in outcomes} == {Sent}
    assert crowd.count("EHLO") == 3
    alone = Script()
    async with talking_to(alone) as channel:
        for number in range(5):
            await channel.send(parcel(number))
    assert alone.count("EHLO") == 1


async def test_a_silent_server_is_waited_for_no_longer_than_the_flight() -> None:
    hasty = replace(NORMAL.faster(15), quarantine=100)
    for script, meant in ((Script(rcpt=[SILENT]), Unreached), (Script(end=[SILENT]), Unknown)):
        async with talking_to(script, hasty) as channel:
            late = structs.replace(parcel(), send_before=monotonic() + hasty.last_call)
            assert isinstance(await channel.send(late), meant)
            assert monotonic() < late.send_before + hasty.last_call
            too_late = structs.replace(parcel(), send_before=monotonic() - 0.01)
            assert await channel.send(too_late) == NO_TURN
            assert script.count("MAIL") == 1


async def test_an_address_or_header_that_cannot_be_written_is_refused_before_the_wire() -> None:
    script = Script()
    async with talking_to(script) as channel:
        for wrong in (
            structs.replace(parcel(), sent_to="niño@mail.example"),
            structs.replace(parcel(), subject="a\r\nBcc: b@c.example"),
        ):
            assert isinstance(await channel.send(wrong), Refused)
    assert script.heard == []


@asynccontextmanager
async def sealed_server(*, from_the_first_byte: bool) -> AsyncIterator[tuple[int, far_ends.MailServer]]:
    """Shows a certificate for `localhost` that it made itself."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    mail, loop = far_ends.MailServer(), asyncio.get_running_loop()
    starttls = None if from_the_first_byte else context
    server = await loop.create_server(
        lambda: SMTP(mail, loop=loop, tls_context=starttls, hostname="localhost"),
        "127.0.0.1",
        ssl=context if from_the_first_byte else None,
    )
    try:
        yield server.sockets[0].getsockname()[1], mail
    finally:
        server.close()


@pytest.mark.parametrize("use_tls", [True, False], ids=["tls", "starttls"])
async def test_mail_goes_over_tls_or_not_at_all(monkeypatch: pytest.MonkeyPatch, use_tls: bool) -> None:
    async with sealed_server(from_the_first_byte=use_tls) as (port, mail):

        async def sent_to(host: str) -> Outcome:
            settings = MailSettings(host, port, None, None, use_tls, "a@b.example", start_tls=not use_tls)
            channel = EmailChannel(settings, NORMAL)
            outcome = await channel.send(parcel())
            await channel.close()
            return outcome

        # Nobody we trust vouches for it.
        assert isinstance(await sent_to("localhost"), Unreached)
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        # Now somebody does, and for this name only.
        assert isinstance(await sent_to("127.0.0.1"), Unreached)
        assert mail.accepted == []
        assert isinstance(await sent_to("localhost"), Sent)
        [(_, received)] = mail.accepted
        assert received["List-Unsubscribe"] == f"<https://app.example/r/{'x' * 90}>"
        body = received.get_body(("plain",))
        assert body is not None
        assert body.get_content().split("\r\n") == [".A line that begins with a full stop,", "and Niño.", ""]


async def test_a_server_that_offers_no_tls_gets_no_mail_and_no_password() -> None:
    for name, password in ((None, None), ("u", "p")):
        script = Script()
        server = await asyncio.start_server(script, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = MailSettings("127.0.0.1", port, name, password, False, "a@b.example", start_tls=True)
        channel = EmailChannel(settings, NORMAL)
        assert isinstance(await channel.send(parcel()), Unreached)
        assert {line[:4] for line in script.heard} == {"EHLO"}
        await channel.close()
        server.close()


async def test_the_doctor_says_why_a_server_gets_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(url: str) -> str:
        lines: list[str] = []
        environ = {
            "CLAMSHELL_SECRET_KEY": "k" * 32,
            "CLAMSHELL_DATA_KEY": KEY.text,
            "CLAMSHELL_SMTP_URL": url,
            "CLAMSHELL_MAIL_FROM": "a@b.example",
        }
        await examine(environ, lines.append)
        return next(line for line in lines if "the mail server" in line)

    async with sealed_server(from_the_first_byte=True) as (port, _):
        assert "shows no certificate that is trusted for its name" in await told(f"smtps://localhost:{port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert "answers, over TLS" in await told(f"smtps://localhost:{port}")
    script = Script(greeting=["554 5.7.1 you are blocked"])
    async with talking_to(script) as channel:
        port = channel._lanes[0].port or 0
        assert "turns us away: 554 5.7.1 you are blocked" in await told(f"smtp://127.0.0.1:{port}")
        assert "answers, in plain text" in await told(f"smtp://127.0.0.1:{port}")
