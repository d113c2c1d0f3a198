"""Pages, and the files they bring along, go out compressed to whoever can read that. The API is left as it is.

What a compressed page weighs tells something of what is in it. So that nobody can weigh a secret out of a page, no
page holds the same token twice (`csrf_token`) and none repeats what stands in its address: `docs/decisions/0031`.
"""

import zlib
from collections.abc import Iterable

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

_TEXT = ("text/", "image/svg+xml", "application/javascript", "application/json", "application/manifest+json")
_SMALLEST, _LARGEST = 800, 1_000_000
_QUICK, _SMALL = 4, 9
_KEPT = 64


class Compressing:
    """A middleware. Files of ours are pressed as small as can be, once: the same file is asked for again and again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files: dict[tuple[str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith("/v1/") or not _reads_gzip(scope["headers"]):
            await self._app(scope, receive, send)
            return
        start: HTTPResponseStartEvent | None = None
        pieces: list[bytes] = []

        async def gather(message: Message) -> None:
            """Holds back an answer that is to be compressed until all of it is there."""
            nonlocal start
            if message["type"] == "http.response.start" and _can_shrink(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            pieces.append(message["body"])
            if not message.get("more_body"):
                body = self._pressed(scope, start, b"".join(pieces))
                await send(start)
                await send({"type": "http.response.body", "body": body, "more_body": False})

        await self._app(scope, receive, gather)

    def _pressed(self, scope: Scope, start: HTTPResponseStartEvent, body: bytes) -> bytes:
        headers = MutableScopeHeaders.from_message(start)
        headers.extend_header_value("vary", "Accept-Encoding")
        if len(body) < _SMALLEST:
            return body
        key = (scope["path"], headers.get("etag", ""))
        if not (scope["path"].startswith("/static/") and key[1]):
            pressed = _gzip(body, _QUICK)
        elif key in self._files:
            pressed = self._files[key]
        else:
            pressed = _gzip(body, _SMALL)
            if len(self._files) < _KEPT:
                self._files[key] = pressed
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(pressed))
        return pressed


def _reads_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    said = b",".join(value for name, value in headers if name == b"accept-encoding").decode("latin-1").lower()
    offers = [offer.replace(" ", "").partition(";") for offer in said.split(",")]
    return any(coding.strip() == "gzip" and quality.rstrip("0.") != "q=" for coding, _, quality in offers)


def _can_shrink(start: HTTPResponseStartEvent) -> bool:
    """A part of a file (206) and an answer without a body (304) stay as they are, and so does a stream."""
    headers = MutableScopeHeaders.from_message(start)
    length = headers.get("content-length", "")
    return (
        start["status"] not in (204, 206, 304)
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(_TEXT)
        and length.isdecimal()
        and int(length) <= _LARGEST
    )


def _gzip(body: bytes, level: int) -> bytes:
    press = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return press.compress(body) + press.flush()
