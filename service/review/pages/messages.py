"""Staff write to a client, and say that they read what the client wrote."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.conversation.actions import thread
from service.errors import Refused
from service.page import page
from service.review import actions
from service.review.guards import own_form
from service.review.pages.staff import as_of, client_view
from service.words import translator


@post("/clients/{client_id:uuid}/messages", include_in_schema=False)
async def write_to_client(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id)
            written = await actions.write_to_client(
                session, client, form.one("entry"), form.one("text"), staff.settings.secret_key, staff.now
            )
    except Refused as refused:
        async with staff.tx() as session:
            view = await client_view(session, staff, client_id)
        problem = translator(staff.person.locale).gettext(refused.problems[0].message)
        view = replace(view, words=form.one("text"), problem=problem)
        return page("review/client.html", locale=staff.person.locale, status_code=422, view=view, csrf=staff.csrf)
    done = "announced" if written.announced else "kept"
    return Redirect(f"/clients/{client_id}?done={done}#messages", status_code=303)


@post("/clients/{client_id:uuid}/messages/read", include_in_schema=False)
async def mark_read(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        await thread.mark_read(session, client.id, "in", min(as_of(form), staff.now), staff.now)
    return Redirect(f"/clients/{client_id}?done=read#messages", status_code=303)


handlers = [write_to_client, mark_read]
