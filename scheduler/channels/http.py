"""The only place that makes an HTTP client, so that its successor is one import away; and how its answers are read."""

import logging
from typing import Any, Final

import httpx

from scheduler.timing import Timing

# httpx writes whole addresses at INFO; they hold account ids and phone numbers.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

NEVER_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Raised before any byte of the request was written."""

_LONGEST_ANSWER: Final = 1_000_000


def http_client(auth: tuple[str, str], timing: Timing) -> httpx.AsyncClient:
    """Never retries: only we know what is safe to send again."""
    return httpx.AsyncClient(
        auth=auth,
        timeout=httpx.Timeout(timing.read, connect=timing.connect),
        transport=httpx.AsyncHTTPTransport(retries=0, limits=httpx.Limits(max_connections=20)),
        follow_redirects=False,
        trust_env=False,
    )


def json_in(answer: httpx.Response) -> dict[str, Any]:
    """An answer we cannot read says nothing: HTML, half a JSON, ten megabytes."""
    if len(answer.content) > _LONGEST_ANSWER:
        return {}
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def seconds_to_wait(answer: httpx.Response) -> float | None:
    try:
        return float(answer.headers["retry-after"])
    except (KeyError, ValueError):
        return None
