"""The API's own description: an OpenAPI file, and a page that renders it without anything from elsewhere."""

from typing import Any

from litestar import Response, Router, get

from service.accounts.guards import AnyRequest
from service.exchange.rules import complete
from service.page import language_of, page


@get("/v1/openapi.json", include_in_schema=False, media_type="application/json")
async def openapi_file(request: AnyRequest) -> dict[str, Any]:
    return complete(request.app.openapi_schema.to_schema())


@get("/docs/api", include_in_schema=False)
async def api_page(request: AnyRequest) -> Response[str]:
    locale = language_of(request.headers.get("accept-language"))
    return page("exchange/api.html", locale=locale, view=complete(request.app.openapi_schema.to_schema()))


routers = [Router("/", route_handlers=[openapi_file, api_page])]
