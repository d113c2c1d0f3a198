"""Pictures of exercises. The drawn ones are the same for everybody, and tell nothing of who looks at them; a clinic's
own pictures and videos are for its signed-in people only."""

from uuid import UUID

from litestar import Response, Router, get, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.response import Stream

from service.accounts.guards import AnyCaller, AnyRequest
from service.catalogue.queries.media import media, parts
from service.catalogue.rules.media import Span, asked_span
from service.catalogue.views import file_name
from service.errors import NotFound
from service.pictures import pictures

_FOR_EVER = "max-age=31536000, immutable"


@get("/pictures/{name:str}", include_in_schema=False)
async def picture(name: FromPath[str]) -> Response[str]:
    if name not in pictures():
        raise NotFound
    # Its name is made from what it shows, so that it never changes.
    headers = {"Cache-Control": f"public, {_FOR_EVER}"}
    return Response(pictures()[name], media_type="image/svg+xml", headers=headers)


@route("/media/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def own_media(request: AnyRequest, name: FromPath[str], caller: AnyCaller) -> Response[bytes] | Stream:
    """All of it, or the bytes that a Range asks for (RFC 9110, 14)."""
    async with caller.tx() as session:
        row = await media(session, _id_in(name))
    if name != file_name(row):
        raise NotFound
    tag = f'"{row.sha256[:32]}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, {_FOR_EVER}",
        "Content-Type": row.content_type,
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": tag,
    }
    if tag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
        return Response(b"", status_code=304, headers=headers)
    asked = request.headers.get("range")
    if request.headers.get("if-range", tag) != tag:
        asked = None
    span = asked_span(asked, row.size)
    if span is None:
        return Response(b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{row.size}"})
    is_whole = span == Span(0, row.size - 1)
    if not is_whole:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{row.size}"
    headers["Content-Length"] = str(span.length)
    return Stream(parts(caller.tx, row.id, span), status_code=200 if is_whole else 206, headers=headers)


def _id_in(name: str) -> UUID:
    try:
        return UUID(hex=name.partition(".")[0])
    except ValueError:
        raise NotFound from None


routers = [Router("/", route_handlers=[picture, own_media])]
