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
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import Conflict, Refused, Stale
from service.page import page
from service.review import actions
from service.review.actions.drafts import drop_draft, keep_draft
from service.review.guards import Typed, own_form, whole_number
from service.review.pages.stale import sent_by, stale_page
from service.review.queries.drafts import draft_of
from service.review.views import prescribe
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
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            setting = await prescribe.setting_of(session, client, staff.now)
            new = prescribe.read(form, setting, staff.person.locale)
            wanted = await completed(session, staff, client, new.prescription, form.one("start"), setting.running)
            sent = await actions.send_plan(session, client, replace(new, prescription=wanted), staff.now)
            await drop_draft(session, client_id)
    except (Refused, Conflict) as error:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            if isinstance(error, Stale):
                return await _stale(session, staff, client, form)
            view = await prescribe.again(session, staff, client, form, error)
        status_code = 422 if isinstance(error, Refused) else 409
        return page(
            "review/prescribe.html",
            locale=staff.person.locale,
            status_code=status_code,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect(f"/clients/{client_id}?done={sent}", status_code=303)


async def _stale(session: ClinicSession, staff: Caller, client: Client, form: Typed) -> Response[str]:
    """What was written waits as a draft too, so that the page which shows both can be left."""
    setting = await prescribe.setting_of(session, client, staff.now)
    if not sent_by(staff, setting):
        with suppress(Refused):
            await keep_draft(session, client.id, whole_number(form.one("version")) or 0, form.pairs, staff.now)
    return await stale_page(session, staff, setting, form)


handlers = [plan_page, send_plan]
