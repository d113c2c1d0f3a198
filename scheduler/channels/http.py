"""The only place that makes an HTTP client, so that its successor is one import away."""

import logging
from dataclasses import dataclass
from typing import Any

import httpx

from scheduler.timing import Timing

# httpx writes whole addresses at INFO; they hold account ids and phone numbers.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

LONGEST_ANSWER = 1_000_000
"""Bytes. A list of a hundred texts is a tenth of that; what is longer is no answer of an API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is empty when it was too long to be one."""

    status_code: int
    body: bytes
    retry_after: str | None


async def ask(client: httpx.AsyncClient, method: str, url: str, **request: Any) -> Answer:
    """Reads no more than it may: whatever comes after that is never held in memory, and the connection is given up.

    Nothing is unpacked either: it is asked for plain, and what came packed is not an answer we can read.
    """
    async with client.stream(method, url, **request) as response:
        return Answer(response.status_code, await _body(response), response.headers.get("retry-after"))


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw(chunk_size=65_536):
        body += chunk
        if len(body) > LONGEST_ANSWER:
            return b""
    return bytes(body)


def http_client(auth: tuple[str, str], timing: Timing) -> httpx.AsyncClient:
    """Never retries: only we know what is safe to send again."""
    return httpx.AsyncClient(
        auth=auth,
        headers={"Accept-Encoding": "identity"},
        timeout=httpx.Timeout(timing.read, connect=timing.connect),
        transport=httpx.AsyncHTTPTransport(retries=0, limits=httpx.Limits(max_connections=20)),
        follow_redirects=False,
        trust_env=False,
    )
