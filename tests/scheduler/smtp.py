"""A mail server that follows a script, a channel that sends to it, and a mail to send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from scheduler.channels.base import Parcel
from scheduler.channels.email import EmailChannel
from scheduler.timing import NORMAL, Timing
from service.clock import monotonic, utc_now
from service.settings import MailServer as MailSettings

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
