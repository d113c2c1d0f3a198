"""How a clinic's clients are asked: for its owner."""

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.actions.settings import set_settings
from service.review.guards import own_form
from service.review.pages.staff import Done, status_words
from service.review.views.settings import read, settings_view


@get("/settings", include_in_schema=False)
async def settings_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = replace(await settings_view(session, staff), status=status_words(staff, done))
    return page("review/settings.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/settings", include_in_schema=False)
async def save_settings(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await set_settings(session, read(form), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await settings_view(session, staff, form, refused.problems)
        return page(
            "review/settings.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect("/settings?done=settings", status_code=303)


handlers = [settings_page, save_settings]
