"""A therapist turns on, or off, that a client sees their habits beside their pain."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.review.actions.links import show_links
from service.review.guards import own_form


@post("/clients/{client_id:uuid}/links", include_in_schema=False)
async def set_links(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    wish = {"yes": True, "no": False}.get(form.one("shown"))
    if wish is None:
        raise Refused.one("/shown", "unknown", "Use the buttons of the page.")
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await show_links(session, client, wish, staff.now)
    return Redirect(f"/clients/{client_id}?done=settings#links", status_code=303)


handlers = [set_links]
