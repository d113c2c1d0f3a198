"""The API's own description: an OpenAPI file, and a page that renders it without anything from elsewhere."""

from functools import lru_cache
from typing import Any

from litestar import Litestar, MediaType, Response, Router, get

from service.accounts.guards import AnyRequest
from service.exchange.rules import complete
from service.page import language_of, page


# What a process answers is the same for as long as it runs, and a quarter of a second's work.
@lru_cache(maxsize=1)
def _described(app: Litestar) -> dict[str, Any]:
    return complete(app.openapi_schema.to_schema())


@lru_cache(maxsize=2)
def _drawn(app: Litestar, locale: str) -> str:
    return page("exchange/api.html", locale=locale, view=_described(app)).content


@get("/v1/openapi.json", include_in_schema=False, media_type="application/json")
async def openapi_file(request: AnyRequest) -> dict[str, Any]:
    return _described(request.app)


@get("/docs/api", include_in_schema=False)
async def api_page(request: AnyRequest) -> Response[str]:
    drawn = _drawn(request.app, language_of(request.headers.get("accept-language")))
    return Response(drawn, media_type=MediaType.HTML)


routers = [Router("/", route_handlers=[openapi_file, api_page])]
