"""The only place that makes an HTTP client, so that its successor is one import away."""

import logging

import httpx

from scheduler.timing import Timing

# httpx writes whole addresses at INFO; they hold account ids and phone numbers.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


def http_client(auth: tuple[str, str], timing: Timing) -> httpx.AsyncClient:
    """Never retries: only we know what is safe to send again."""
    return httpx.AsyncClient(
        auth=auth,
        timeout=httpx.Timeout(timing.read, connect=timing.connect),
        transport=httpx.AsyncHTTPTransport(retries=0, limits=httpx.Limits(max_connections=20)),
        follow_redirects=False,
        trust_env=False,
    )
