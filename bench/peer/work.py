"""What is the same for every peer: the request, when it is over, and what is told about it."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

AT_ONCE = 250
LINK = "http://127.0.0.1:9/r/0123456789ABCDEFGHIJKL"
PATH = "/2010-04-01/Accounts/AC1/Messages.json"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
CALLBACK = "http://127.0.0.1:9/hooks/sms/00000000-0000-0000-0000-000000000000/00000000-0000-0000-0000-000000000000"


@dataclass
class Work:
    dsn: str
    port: int
    due: int
    started: float = 0.0
    sent_at: list[float] = field(default_factory=list)
    all_sent: asyncio.Event = field(default_factory=asyncio.Event)
    http: aiohttp.ClientSession | None = None

    def form(self, number: int) -> bytes:
        """One text, in the words and with the length of ours."""
        form = {
            "To": f"+1{2_000_000_000 + number}",
            "From": "+13035550100",
            "Body": f"Northside: how is your hip today? Reply 0 to 10, or tap {LINK}",
            "StatusCallback": CALLBACK,
            "ValidityPeriod": "14000",
        }
        return urlencode(form).encode()

    async def send(self, number: int) -> None:
        url = f"http://127.0.0.1:{self.port}{PATH}"
        async with self._session().post(url, data=self.form(number), headers=HEADERS) as answer:
            assert answer.status == 201
            await answer.read()
        self.sent_at.append(time.monotonic())
        if len(self.sent_at) == self.due:
            self.all_sent.set()

    def _session(self) -> aiohttp.ClientSession:
        if self.http is None:
            self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
        return self.http

    async def close(self) -> None:
        if self.http is not None:
            await self.http.close()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory() -> float:
    """MB. From the kernel's own page of this program: `getrusage` counts what ran in the process before it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def tell(seconds: float, cpu: float, late: float) -> None:
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_memory(), "late": late}), flush=True)


async def _timed(step: Callable[[Work], Awaitable[None]], work: Work) -> None:
    work.started, before = time.monotonic(), cpu()
    await step(work)
    # Until the last text was out: how a queue then comes to rest is its own affair.
    seconds = max(work.sent_at, default=time.monotonic()) - work.started
    late = sorted(at - work.started for at in work.sent_at)
    tell(seconds, cpu() - before, late[int(len(late) * 0.99)] if late else 0.0)


async def _both(queue: Callable[[Work], Awaitable[None]], send: Callable[[Work], Awaitable[None]]) -> None:
    """Tells of the queueing, waits for a word, and tells of the sending."""
    work = Work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    await _timed(queue, work)
    await asyncio.to_thread(sys.stdin.readline)
    await _timed(send, work)
    await work.close()


def run(queue: Callable[[Work], Awaitable[None]], send: Callable[[Work], Awaitable[None]]) -> None:
    asyncio.run(_both(queue, send))
