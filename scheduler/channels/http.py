"""The only place that makes an HTTP client, so that its successor is one import away."""

import logging

import httpx

# httpx writes whole addresses at INFO; they hold account ids and phone numbers.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


def http_client(auth: tuple[str, str]) -> httpx.AsyncClient:
    """Never retries: only we know what is safe to send again."""
    return httpx.AsyncClient(
        auth=auth,
        timeout=httpx.Timeout(10.0, connect=3.0),
        transport=httpx.AsyncHTTPTransport(retries=0, limits=httpx.Limits(max_connections=20)),
        follow_redirects=False,
        trust_env=False,
    )
