"""The only place that makes an HTTP client, so that its successor is one import away.

aiohttp, by measurement (`bench/README.md`): many requests at once cost httpx ten times as much.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from yarl import URL

from scheduler.timing import Timing

LONGEST_ANSWER: Final = 1_000_000
"""Bytes. A list of a hundred texts is a tenth of that; what is longer is no answer of an API."""

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_CONNECTIONS: Final = 256
_KEPT_SECONDS: Final = 4.0
"""Shorter than servers keep a connection that says nothing, so that none is closed under a request."""


class NeverReached(Exception):
    """Not a byte of the request was written."""


class NoAnswer(Exception):
    """The request may have arrived; what became of it is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is empty when it was too long to be one."""

    status_code: int
    body: bytes
    headers: Mapping[str, str]

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
        value = self.headers.get("retry-after", "")
        return float(value) if re.fullmatch("[0-9]{1,9}", value) else None

    @property
    def date(self) -> datetime | None:
        """What time the provider says it is."""
        return date_in(self.headers.get("date", ""))


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
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    async def ask(self, method: str, url: str, **request: Any) -> Answer:
        """`request`: `json`, `params` or `headers`. Raises NeverReached or NoAnswer."""
        try:
            async with self._opened().request(method, url, allow_redirects=False, **request) as response:
                return Answer(response.status, await _body(response), response.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NeverReached(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from error

    async def send_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """POST. Written by yarl, which does it in C; aiohttp's own way costs as much as half a request."""
        return await self.ask("POST", url, data=URL.build(query=form).raw_query_string.encode(), headers=_FORM)

    def _opened(self) -> aiohttp.ClientSession:
        """Made when it is first needed: it belongs to the event loop that runs then."""
        if self._session is None:
            login = {"Authorization": aiohttp.encode_basic_auth(*self.auth)} if self.auth else {}
            self._session = aiohttp.ClientSession(
                # Nothing is unpacked: what came packed all the same is not an answer we can read.
                headers={"Accept-Encoding": "identity", **login},
                auto_decompress=False,
                # No clock for each read: setting and stopping one costs a fifth of a request.
                timeout=aiohttp.ClientTimeout(total=self.timing.exchange, sock_connect=self.timing.connect),
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEPT_SECONDS),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST_ANSWER:
            response.close()
            return b""
    return bytes(body)


def http_client(auth: tuple[str, str] | None, timing: Timing) -> HttpClient:
    return HttpClient(auth, timing)
