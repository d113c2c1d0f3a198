"""The only place that makes an HTTP client, so that its successor is one import away.

aiohttp, by measurement (`bench/README.md`): many requests at once cost httpx ten times as much.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from scheduler.timing import Timing

# It writes addresses when it is asked to; they hold account ids and phone numbers.
logging.getLogger("aiohttp").setLevel(logging.WARNING)

LONGEST_ANSWER: Final = 1_000_000
"""Bytes. A list of a hundred texts is a tenth of that; what is longer is no answer of an API."""

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


@dataclass(slots=True)
class HttpClient:
    """Never retries what is not safe to send again, follows nothing, and reads no more than an answer may be long."""

    auth: tuple[str, str] | None
    timing: Timing
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    async def ask(self, method: str, url: str, **request: Any) -> Answer:
        """`request`: `data` (a form), `json`, `params` or `headers`. Raises NeverReached or NoAnswer."""
        try:
            async with self._opened().request(method, url, allow_redirects=False, **request) as response:
                return Answer(response.status, await _body(response), response.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NeverReached(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from error

    def _opened(self) -> aiohttp.ClientSession:
        """Made when it is first needed: it belongs to the event loop that runs then."""
        if self._session is None:
            login = {"Authorization": aiohttp.encode_basic_auth(*self.auth)} if self.auth else {}
            self._session = aiohttp.ClientSession(
                # Nothing is unpacked: what came packed all the same is not an answer we can read.
                headers={"Accept-Encoding": "identity", **login},
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(
                    total=self.timing.answer, sock_connect=self.timing.connect, sock_read=self.timing.read
                ),
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
