"""The form that prescribes."""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.errors import Conflict, Refused
from service.page import page
from service.review import actions
from service.review.actions.drafts import drop_draft, keep_draft
from service.review.guards import Typed, own_form, whole_number
from service.review.pages.stale import sent_by, stale_page
from service.review.queries.drafts import draft_of
from service.review.views import prescribe
from service.review.views.both import as_follow_up
from service.review.views.how_often import with_days
from service.review.views.starting import completed


@get("/clients/{client_id:uuid}/plan/new", include_in_schema=False)
async def plan_page(
    client_id: FromPath[UUID],
    staff: AnyCaller,
    start: Annotated[str, QueryParameter(name="from")] = "",
    swap: FromQuery[str] = "",
    into: Annotated[str, QueryParameter(name="for")] = "",
) -> Response[str] | Redirect:
    """`from` is `current`, `empty` or a choice of `start_page`; in a plan that has `swap`, `for` takes its place, or
    nothing does. Without any of them it goes on with what was left half done."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        if not start and not swap and await draft_of(session, client_id) is not None:
            return Redirect(f"/clients/{client_id}/plan/draft")
        view = await prescribe.opened(session, staff, client, start or "current", swap, into)
    return page("review/prescribe.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/clients/{client_id:uuid}/plan/new", include_in_schema=False)
async def send_plan(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """Starts a plan, or changes the running one from a day on; sets the reminders beside it."""
    staff.require(Right.PRESCRIBE)
    form = with_days(await own_form(request, staff))
    try:
        sent = await _sent(staff, client_id, form)
    except Refused as refused:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            view = await prescribe.again(session, staff, client, form, refused)
        return page(
            "review/prescribe.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    except Conflict:
        if not await _is_already_so(staff, client_id, form):
            return await _stale(staff, client_id, form)
        return Redirect(f"/clients/{client_id}?done=already", status_code=303)
    return Redirect(f"/clients/{client_id}?done={sent}", status_code=303)


async def _sent(staff: Caller, client_id: UUID, form: Typed, *, after_all: bool = False) -> actions.Sent:
    """`after_all`: as if it had been written after whatever runs now. Raises Conflict where that would change it."""
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        setting = await prescribe.setting_of(session, client, staff.now)
        if after_all:
            form = as_follow_up(form, setting, staff.person.locale)
        new = prescribe.read(form, setting, staff.person.locale)
        wanted = await completed(session, staff, client, new.prescription, form.one("start"), setting.running)
        sent = await actions.send_plan(session, client, replace(new, prescription=wanted), staff.now)
        if after_all and sent is not actions.Sent.UNCHANGED:
            raise Conflict
        await drop_draft(session, client_id)
    return sent


async def _is_already_so(staff: Caller, client_id: UUID, form: Typed) -> bool:
    """By the rule that leaves a plan alone when nothing differs. The button was pressed twice, or two had one mind."""
    try:
        await _sent(staff, client_id, form, after_all=True)
    except (Refused, Conflict):
        return False
    return True


async def _stale(staff: Caller, client_id: UUID, form: Typed) -> Response[str]:
    """What was written waits as a draft too, so that the page which shows both can be left."""
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        setting = await prescribe.setting_of(session, client, staff.now)
        if not sent_by(staff, setting):
            with suppress(Refused):
                await keep_draft(session, client_id, whole_number(form.one("version")) or 0, form.pairs, staff.now)
        return await stale_page(session, staff, setting, form)


handlers = [plan_page, send_plan]
