"""Staff note on a client's page what the client told them."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.actions.noting import note_for
from service.review.guards import own_form
from service.review.pages.staff import client_view
from service.review.views.noting import noting, read
from service.words import translator


@post("/clients/{client_id:uuid}/diary", include_in_schema=False)
async def note_for_client(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await note_for(session, await record_of(session, staff, client_id), read(form), staff.now)
    except Refused as refused:
        locale = staff.person.locale
        async with staff.tx() as session:
            view = await client_view(session, staff, client_id)
        problem = translator(locale).gettext(refused.problems[0].message)
        view = replace(view, noting=noting(view.as_of.date(), locale, form, problem))
        return page("review/client.html", locale=locale, status_code=422, view=view, csrf=staff.csrf, band=staff.band)
    return Redirect(f"/clients/{client_id}?done=noted#entries", status_code=303)


handlers = [note_for_client]
