"""Staff write to a client, say that they read what the client wrote, and read the texts that are nobody's for sure."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.audit.actions import look
from service.conversation.actions import thread, unplaced
from service.errors import NotFound, Refused
from service.page import page
from service.review import actions
from service.review.actions.overdue import leave_text_unsent
from service.review.guards import bar_of, own_form, texts_for
from service.review.pages.again import client_again
from service.review.pages.staff import Done, as_of, rule_of, status_words
from service.review.schemas import TextsView
from service.review.views.texts import unplaced_texts


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
            if form.has("seen"):
                await actions.mark_seen(session, client_id, rule_of(form), as_of(form), staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "message", form, refused)
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


@get("/texts", include_in_schema=False)
async def texts_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    """Texts that are nobody's for sure."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        look(session, staff.now, "unplaced_text")
        view = TextsView(await bar_of(session, staff), await unplaced_texts(session, staff), status_words(staff, done))
    return page("review/texts.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/texts/{text_id:uuid}/seen", include_in_schema=False)
async def mark_text_seen(request: AnyRequest, text_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    await own_form(request, staff)
    async with staff.tx() as session:
        if text_id not in [row.id for row, _ in await texts_for(session, staff)]:
            raise NotFound
        await unplaced.mark_seen(session, text_id, staff.now)
        await leave_text_unsent(session, text_id, staff.now)
    return Redirect("/texts?done=seen", status_code=303)


handlers = [write_to_client, mark_read, texts_page, mark_text_seen]
