"""What is written down and counted of each request: its route, never its path, which may hold somebody's key."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from litestar.enums import HttpMethod
from litestar.types import Message, Scope, Send

from service import logs
from service.clock import monotonic
from service.metrics import REQUESTS, RUNNING, SECONDS

GIVEN_UP: Final = 0
"""The status of a request whose asker left before there was an answer."""

NO_ROUTE: Final = "none"
_METHODS: Final = frozenset(HttpMethod)
_SILENT: Final = ("/health", "/static/{path:path}")
"""Asked for many times a day, and nobody's doing."""

logger = logs.logger("requests")


@dataclass
class Watched:
    method: str
    scope: Scope
    status: int = GIVEN_UP

    def sending(self, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return told

    @property
    def route(self) -> str:
        return str(cast(dict[str, Any], self.scope).get("path_template") or NO_ROUTE)


@contextmanager
def watched(method: str, scope: Scope) -> Iterator[Watched]:
    """`scope` is the one that the router writes the route into."""
    request, started = Watched(method if method in _METHODS else "OTHER", scope), monotonic()
    with logs.in_request(secrets.token_hex(8)), RUNNING.track_inprogress():
        try:
            yield request
        finally:
            _tell(request, monotonic() - started)


def _tell(request: Watched, seconds: float) -> None:
    told = {"method": request.method, "route": request.route, "status": request.status}
    REQUESTS.labels(**told).inc()
    SECONDS.labels(request.route).observe(seconds)
    if request.route not in _SILENT or request.status >= 500:
        logger.info("answered", **told, ms=round(seconds * 1000, 1))
