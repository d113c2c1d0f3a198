"""A provider behind TLS is asked only where somebody we trust vouches for its name; else nothing leaves, nothing is
lost, and the circuit says why."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from scheduler.channels.base import Outcome, Sent, Unreached
from scheduler.channels.sms import SmsChannel
from scheduler.timing import NORMAL
from service.clock import utc_now
from service.settings import SmsProvider as SmsSettings
from tests.far_ends import ACCOUNT, TOKEN
from tests.scheduler.conftest import Notifier
from tests.scheduler.test_answers import parcel

pytestmark = pytest.mark.anyio


@dataclass
class Authority:
    """Vouches for names. `roots` is what a machine that trusts it has in its list."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of nobody's")])

    @property
    def roots(self) -> Path:
        path = self.folder / "roots.pem"
        itself = x509.BasicConstraints(ca=True, path_length=None)
        path.write_bytes(self._signed(self.name, self.key, itself, days=1).public_bytes(serialization.Encoding.PEM))
        return path

    def context(self, host: str, days: int = 1) -> ssl.SSLContext:
        """What a server shows that is called `host`; with negative `days` it is over."""
        key, path = ec.generate_private_key(ec.SECP256R1()), self.folder / "server.pem"
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        shown = self._signed(name, key, x509.SubjectAlternativeName([x509.DNSName(host)]), days)
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, *form)
        path.write_bytes(pem + shown.public_bytes(serialization.Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, says: x509.ExtensionType, days: int
    ) -> x509.Certificate:
        now = utc_now()
        unsigned = x509.CertificateBuilder(self.name, name, key.public_key(), x509.random_serial_number())
        unsigned = unsigned.not_valid_before(now - timedelta(days=3)).not_valid_after(now + timedelta(days=days))
        return unsigned.add_extension(says, critical=True).sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def far_end(context: ssl.SSLContext | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Takes every text. Its port, and what was heard, by whoever was let in to speak."""
    heard = list[bytes]()
    answer = json.dumps({"sid": "SM1"}).encode()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10_000))
        writer.write(
            b"HTTP/1.1 201 Created\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (len(answer), answer)
        )
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()


def channel_to(host: str, port: int) -> SmsChannel:
    return SmsChannel(SmsSettings(f"https://{host}:{port}", ACCOUNT, TOKEN, "+13035550100"), NORMAL)


async def sent_to(host: str, port: int) -> Outcome:
    channel = channel_to(host, port)
    outcome = await channel.send(parcel())
    await channel.close()
    return outcome


async def test_a_text_goes_to_whoever_is_vouched_for_and_to_nobody_else(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with far_end(authority.context("localhost")) as (port, heard):
        assert await sent_to("localhost", port) == Unreached("invalid peer certificate: UnknownIssuer")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.roots))
        otherwise_named = await sent_to("127.0.0.1", port)
        assert isinstance(otherwise_named, Unreached)
        assert "certificate not valid for name" in otherwise_named.detail
        assert heard == []
        assert await sent_to("localhost", port) == Sent("SM1")
        assert len(heard) == 1
    async with far_end(authority.context("localhost", days=-1)) as (port, heard):
        over = await sent_to("localhost", port)
        assert isinstance(over, Unreached)
        assert "certificate expired" in over.detail
        assert heard == []
    async with far_end(None) as (port, heard):
        assert isinstance(await sent_to("localhost", port), Unreached)
        assert not any(b"POST" in words for words in heard)


async def test_while_nobody_vouches_for_it_the_circuit_says_so_and_every_text_waits(
    notifier_process: Notifier, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [await notifier_process.queued() for _ in range(5)]

    async def tick(port: int) -> None:
        channel = channel_to("localhost", port)
        await replace(notifier_process.delivery, channels={"sms": channel}).tick()
        await channel.close()

    async def found() -> tuple[list[tuple[str, int, int]], str | None]:
        messages = [await notifier_process.message(client) for client in clients]
        async with notifier_process.owner.installation_tx() as connection:
            detail = await connection.scalar(text("SELECT trouble_detail FROM sender_pace WHERE trouble = 'silent'"))
        return [(message.state, message.attempts, message.soft_fails) for message in messages], detail

    async with far_end(authority.context("localhost")) as (port, heard):
        await tick(port)
        # Not an attempt of any of them, and each tried once.
        assert await found() == ([("queued", 0, 1)] * 5, "invalid peer certificate: UnknownIssuer")
        assert heard == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.roots))
        await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s'")
        await notifier_process.shift("UPDATE sender_pace SET open_until = now() - interval '1 s'")
        await tick(port)
        await tick(port)
        assert await found() == ([("accepted", 1, 1)] * 5, None)
        assert len(heard) == 5
