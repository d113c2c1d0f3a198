"""Whether a request was meant for us, and sent by a page of ours."""

from urllib.parse import urlsplit

from litestar.exceptions import ClientException

from service.accounts.guards import AnyRequest
from service.errors import Forbidden


def check_host(request: AnyRequest) -> None:
    """Answers to our own names only: a forged Host header ends up in links and caches."""
    own = urlsplit(request.app.state.settings.public_url).hostname
    if _host_name(request.headers.get("host", "")) not in (own, "127.0.0.1", "localhost"):
        raise ClientException("unknown host")


def _host_name(host: str) -> str | None:
    """None for a host, or a port of it, that cannot be read."""
    try:
        parts = urlsplit(f"//{host}")
        return None if parts.port == 0 else parts.hostname
    except ValueError:
        return None


def check_same_origin(request: AnyRequest) -> None:
    """Refuses a state-changing request that another site's page sent. Programs send no Origin and pass."""
    origin = request.headers.get("origin")
    if request.method in ("GET", "HEAD", "OPTIONS") or origin is None:
        return
    try:
        sender = urlsplit(origin).netloc
    except ValueError:
        raise Forbidden from None
    if sender not in (request.headers.get("host"), request.app.state.settings.host):
        raise Forbidden
