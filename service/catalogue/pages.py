"""Pictures of exercises. They are the same for everybody, and tell nothing of who looks at them."""

from litestar import Response, Router, get
from litestar.params import FromPath

from service.errors import NotFound
from service.figures import pictures


@get("/pictures/{name:str}", include_in_schema=False)
async def picture(name: FromPath[str]) -> Response[str]:
    if name not in pictures():
        raise NotFound
    # Its name is made from what it shows, so that it never changes.
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(pictures()[name], media_type="image/svg+xml", headers=headers)


routers = [Router("/", route_handlers=[picture])]
