"""The only place that makes an HTTP client, so that its successor is one import away.

pyreqwest, by measurement (`docs/decisions/0062`): a request costs aiohttp twice as much, and httpx many times.
"""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from msgspec import Struct
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, RequestError
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from scheduler.channels.base import Outcome, Unknown, Unreached
from scheduler.channels.turns import NO_TURN, in_time
from scheduler.timing import Timing

LONGEST_ANSWER: Final = 1_000_000
"""Bytes. A list of a hundred texts is a tenth of that; what is longer is no answer of an API."""

AT_ONCE: Final = 192
"""Messages on their way. The others wait before there is a request: the library would count their wait into the time
of the exchange, and hold all that they will need."""

_KEPT_SECONDS: Final = 4.0
"""Shorter than servers keep a connection that says nothing, so that none is closed under a request."""

_NO_CONNECTION: Final = "client error (Connect)"
"""How the library says that there was no connection to write to. Whatever else it says, a request may have arrived: its
own classes of errors do not tell a refused connection from one that was cut while we waited for the answer."""


class NeverReached(Exception):
    """Not a byte of the request was written."""


class NoTurn(Exception):
    """The message waited for its turn for as long as it may begin."""


class NoAnswer(Exception):
    """The request may have arrived; what became of it is not known."""


class Answer(Struct, frozen=True):
    """`body` is empty when it was too long to be one."""

    status_code: int
    body: bytes
    told_to_wait: str = ""
    dated: str = ""

    @property
    def json(self) -> dict[str, Any]:
        """Empty where nobody can read it: HTML, half a JSON, ten megabytes."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after(self) -> float | None:
        """In seconds; None for a date, which is allowed and rare, and for what is no number."""
        return float(self.told_to_wait) if re.fullmatch("[0-9]{1,9}", self.told_to_wait) else None

    @property
    def date(self) -> datetime | None:
        """What time the provider says it is."""
        return date_in(self.dated)


def date_in(words: str) -> datetime | None:
    """None for what is no date. One without a zone, or with the unknown one (-0000), counts as UTC, never as the zone
    of this machine."""
    try:
        at = parsedate_to_datetime(words)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class HttpClient:
    """Never retries what is not safe to send again, follows nothing, and reads no more than an answer may be long."""

    auth: tuple[str, str] | None
    timing: Timing
    _client: Client | None = field(default=None, init=False)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)

    async def get(self, url: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Raises NeverReached or NoAnswer."""
        return await _asked(lambda: self._opened().get(url).query(params).headers(headers or {}))

    async def send_json(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], before: float) -> Answer:
        """Begins before that moment of the monotonic clock, or raises NoTurn; NeverReached and NoAnswer as `get`."""
        async with self._turn(before):
            return await _asked(lambda: self._opened().post(url).headers(headers).body_json(body))

    async def send_form(self, url: str, form: Mapping[str, str], before: float) -> Answer:
        """As `send_json`."""
        async with self._turn(before):
            return await _asked(lambda: self._opened().post(url).form(form))

    @asynccontextmanager
    async def _turn(self, before: float) -> AsyncIterator[None]:
        try:
            await in_time(self._turns.acquire, before)
        except TimeoutError as error:
            raise NoTurn from error
        try:
            yield
        finally:
            self._turns.release()

    def _opened(self) -> Client:
        """Made when it is first needed: it has a thread of its own."""
        if self._client is None:
            builder = ClientBuilder().user_agent("clamshell").no_proxy().follow_redirects(False)
            # Nothing is unpacked: what came packed all the same is not an answer we can read.
            builder = builder.gzip(False).brotli(False).zstd(False).deflate(False)
            builder = builder.default_headers({"Accept-Encoding": "identity", **self._login()})
            builder = builder.timeout(timedelta(seconds=self.timing.exchange))
            builder = builder.connect_timeout(timedelta(seconds=self.timing.connect))
            builder = builder.pool_idle_timeout(timedelta(seconds=_KEPT_SECONDS))
            self._client = builder.build()
        return self._client

    def _login(self) -> dict[str, str]:
        if self.auth is None:
            return {}
        return {"Authorization": f"Basic {b64encode(':'.join(self.auth).encode()).decode()}"}

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


async def outcome_of(sending: Awaitable[Answer], meaning: Callable[[Answer], Outcome]) -> Outcome:
    """What became of a message: what the answer means, or how far it came without one."""
    try:
        return meaning(await sending)
    except NoTurn:
        return NO_TURN
    except NeverReached as error:
        return Unreached(str(error))
    except NoAnswer as error:
        return Unknown(str(error))


async def _asked(written: Callable[[], RequestBuilder]) -> Answer:
    try:
        request = written().build_streamed()
    except ValueError as error:
        raise NeverReached(type(error).__name__) from error
    try:
        async with request as response:
            body = await response.body_reader.read(LONGEST_ANSWER + 1)
            short = bytes(body) if body is not None and len(body) <= LONGEST_ANSWER else b""
            return Answer(response.status, short, _header(response, "retry-after"), _header(response, "date"))
    except BuilderError as error:
        raise NeverReached(type(error).__name__) from error
    except RequestError as error:
        causes = [cause["message"] for cause in error.details["causes"] or ()]
        # The first of them repeats the address that was asked.
        detail = causes[-1] if causes[1:] else type(error).__name__
        raise (NeverReached if _NO_CONNECTION in causes else NoAnswer)(detail) from error


def _header(response: Response, name: str) -> str:
    try:
        return response.get_header(name) or ""
    except ValueError:
        # Not in letters that anybody reads.
        return ""


def http_client(auth: tuple[str, str] | None, timing: Timing) -> HttpClient:
    return HttpClient(auth, timing)
