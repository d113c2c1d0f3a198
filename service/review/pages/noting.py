"""Staff note on a client's page what the client told them."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.review.actions.noting import note_for
from service.review.guards import own_form
from service.review.pages.again import client_again
from service.review.views.noting import read


@post("/clients/{client_id:uuid}/diary", include_in_schema=False)
async def note_for_client(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await note_for(session, await record_of(session, staff, client_id), read(form), staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "noting", form, refused)
    return Redirect(f"/clients/{client_id}?done=noted#entries", status_code=303)


handlers = [note_for_client]
