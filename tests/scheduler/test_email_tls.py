"""Mail over SMTP goes over TLS or not at all, to whom somebody vouches for, and the doctor says why it does not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from scheduler.channels.base import Outcome, Sent, Unreached
from scheduler.channels.email import EmailChannel
from scheduler.timing import NORMAL
from service.doctor import examine
from service.settings import MailServer as MailSettings
from tests import far_ends
from tests.key import KEY
from tests.scheduler.smtp import Script, parcel, talking_to

pytestmark = pytest.mark.anyio

CERTIFICATE = Path(__file__).parent / "certificates" / "localhost.pem"


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
