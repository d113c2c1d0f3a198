"""The numbers that a clinic's rules go by: for its owner."""

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.actions.settings import set_limits
from service.review.guards import own_form
from service.review.pages.staff import Done, status_words
from service.review.views.limits import limits_view, typed

TEMPLATE = "review/limits.html"


@get("/settings/limits", include_in_schema=False)
async def limits_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = replace(await limits_view(session, staff), status=status_words(staff, done))
    return page(TEMPLATE, locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/settings/limits", include_in_schema=False)
async def save_limits(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await set_limits(session, typed(form), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await limits_view(session, staff, form, {problem.pointer for problem in refused.problems})
        shown = page(TEMPLATE, locale=staff.person.locale, status_code=422, view=view, csrf=staff.csrf, band=staff.band)
        return shown
    return Redirect("/settings/limits?done=settings", status_code=303)


handlers = [limits_page, save_limits]
