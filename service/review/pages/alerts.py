"""An alert is done with a note, and a clinician clears a warning sign."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import NotFound, Refused
from service.review import actions
from service.review.guards import own_form
from service.review.pages.again import client_again
from service.review.pages.staff import as_of, rule_of


@post("/caseload/{client_id:uuid}/done", include_in_schema=False)
async def mark_done(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await record_of(session, staff, client_id)
            await actions.mark_done(session, client_id, rule_of(form), form.one("note"), as_of(form), staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "note", form, refused)
    return Redirect(f"/clients/{client_id}?done=done", status_code=303)


@post("/clients/{client_id:uuid}/red-flags", include_in_schema=False)
async def clear_red_flags(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        flag_ids = [UUID(flag_id) for flag_id in form.each("flag")]
    except ValueError:
        raise NotFound from None
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            await actions.clear_red_flags(session, client.id, flag_ids, form.one("note"), as_of(form), staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "note", form, refused)
    return Redirect(f"/clients/{client_id}?done=cleared", status_code=303)


handlers = [mark_done, clear_red_flags]
