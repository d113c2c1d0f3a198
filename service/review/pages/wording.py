"""What clients' texts say and cost, for a clinic's owner. Trying another name saves nothing."""

from litestar import Response, get, post

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.page import page
from service.review.guards import Typed, own_form
from service.review.views.wording import wording_view


@get("/wording", include_in_schema=False)
async def wording_page(staff: AnyCaller) -> Response[str]:
    staff.require(Right.SETTINGS)
    return await _page(staff, Typed())


@post("/wording", include_in_schema=False, status_code=200)
async def try_wording(request: AnyRequest, staff: AnyCaller) -> Response[str]:
    staff.require(Right.SETTINGS)
    return await _page(staff, await own_form(request, staff))


async def _page(staff: Caller, form: Typed) -> Response[str]:
    async with staff.tx() as session:
        view = await wording_view(session, staff, form)
    code = 422 if view.short_name.problem else 200
    return page(
        "review/wording.html",
        locale=staff.person.locale,
        status_code=code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [wording_page, try_wording]
