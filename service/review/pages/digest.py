"""When a member of staff hears by mail who needs them first."""

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.actions import digests
from service.review.guards import own_form
from service.review.pages.staff import Done, status_words
from service.review.views.digest import digest_view, read


@get("/digest", include_in_schema=False)
async def digest_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await digest_view(session, staff)
    view = replace(view, status=status_words(staff, done))
    return page("review/digest.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/digest", include_in_schema=False)
async def set_digest(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await digests.set_digest(session, staff.person.id, read(form), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await digest_view(session, staff, form, refused.problems)
        return page(
            "review/digest.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect("/digest?done=digest", status_code=303)


@post("/digest/stop", include_in_schema=False)
async def stop_digest(request: AnyRequest, staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    await own_form(request, staff)
    async with staff.tx() as session:
        await digests.stop_digest(session, staff.person.id, staff.now)
    return Redirect("/digest?done=no_digest", status_code=303)


handlers = [digest_page, set_digest, stop_digest]
