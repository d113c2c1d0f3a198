"""A text message provider and a mail server that misbehave by chance, and write down every message they accept.

The ledger is a file that is only ever appended to: it is the truth about what was sent, whatever happened after.
"""

import asyncio
import json
import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.clock import utc_now
from tests.far_ends import TOKEN, Fault, MailServer, SmsProvider, free_port, signature

FAULTS: dict[Fault, float] = {
    "drop_after_accept": 0.04,
    "500_after_accept": 0.03,
    "500": 0.03,
    "html": 0.02,
    "429": 0.002,
}
_STATUSES = ("sent", "delivered")


@dataclass(frozen=True)
class Accepted:
    """One line of the ledger. `key` leads to the message: the attempt of a text, the Message-ID of a mail."""

    at: datetime
    channel: str
    to: str
    key: str


class Ledger:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.lines = 0

    def write(self, channel: str, to: str, key: str) -> None:
        line = json.dumps({"at": utc_now().isoformat(), "channel": channel, "to": to, "key": key})
        with self._lock, self._path.open("a") as file:
            file.write(line + "\n")
            self.lines += 1

    def read(self) -> list[Accepted]:
        if not self._path.exists():
            return []
        lines = [json.loads(line) for line in self._path.read_text().splitlines()]
        return [Accepted(datetime.fromisoformat(x["at"]), x["channel"], x["to"], x["key"]) for x in lines]


@dataclass
class HostileProvider(SmsProvider):
    """Beside the faults: slow answers, a list that lags behind, callbacks doubled, shuffled or never sent."""

    ledger: Ledger = field(kw_only=True)
    chance: random.Random = field(kw_only=True)
    speed: float = field(kw_only=True)
    healed: bool = False
    by_number: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if not self.healed and self.chance.random() < 0.03:
            # Up to twice as long as a scheduler waits for a whole answer (15 s).
            await asyncio.sleep(self.chance.uniform(0, 30) / self.speed)
        await super().__call__(scope, receive, send)

    def next_fault(self) -> Fault:
        if self.healed:
            return "none"
        return self.chance.choices([*FAULTS, "none"], [*FAULTS.values(), 1 - sum(FAULTS.values())])[0]

    def listed(self, number: str) -> list[dict[str, str]]:
        """What was accepted in the last minute may be missing in the list."""
        lag = 0 if self.healed else self.chance.choice((0, 0, 60)) / self.speed
        now = utc_now().timestamp()
        return [entry for entry in self.by_number[number] if now - float(entry["accepted_at"]) >= lag]

    def accept(self, form: dict[str, str]) -> dict[str, str]:
        entry = super().accept(form) | {"accepted_at": str(utc_now().timestamp())}
        self.by_number[entry["to"]].append(entry)
        self.ledger.write("sms", entry["to"], entry["callback"].rsplit("/", 1)[-1])
        call = asyncio.get_running_loop().create_task(self._call_back(entry))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return entry

    async def _call_back(self, entry: Mapping[str, str]) -> None:
        if self.chance.random() < 0.5:
            return
        statuses = self.chance.choices(_STATUSES, k=self.chance.randrange(1, 4))
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
            for status in statuses:
                await asyncio.sleep(self.chance.uniform(0, 240) / self.speed)
                form = {"MessageSid": entry["sid"], "MessageStatus": status}
                headers = {"X-Twilio-Signature": signature(entry["callback"], form, TOKEN)}
                try:
                    await client.post(entry["callback"], data=form, headers=headers)
                except httpx.HTTPError:
                    # The pages are down with the database: a report that does not come is one of the faults.
                    return


@dataclass
class Line:
    """The provider's server, which can be taken off the network and put back."""

    provider: HostileProvider
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    def up(self) -> None:
        config = uvicorn.Config(
            self.provider,
            host="127.0.0.1",
            port=self.provider.port,
            loop="asyncio",
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def down(self) -> None:
        if self.server and self.thread:
            self.server.should_exit = True
            self.thread.join(10)
        self.server = self.thread = None


@dataclass
class HostileMailServer(MailServer):
    """May hang up after it has taken a mail, or ask to come again."""

    ledger: Ledger = field(kw_only=True)
    chance: random.Random = field(kw_only=True)
    healed: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        luck = 1.0 if self.healed else self.chance.random()
        if luck < 0.03:
            return "451 greylisted"
        answer = await super().handle_DATA(server, session, envelope)
        recipient, mail = self.accepted[-1]
        self.ledger.write("email", recipient, mail["Message-ID"].strip("<>").partition("@")[0])
        if luck < 0.06:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


@contextmanager
def hostile_far_ends(folder: Path, seed: int, speed: float) -> Iterator[tuple[Line, HostileMailServer, Ledger]]:
    ledger = Ledger(folder / "accepted.jsonl")
    line = Line(HostileProvider(ledger=ledger, chance=random.Random(seed), speed=speed))
    mail = HostileMailServer(ledger=ledger, chance=random.Random(seed + 1), port=free_port())
    controller = Controller(mail, hostname="127.0.0.1", port=mail.port)
    controller.start()
    line.up()
    try:
        yield line, mail, ledger
    finally:
        line.down()
        controller.stop()
