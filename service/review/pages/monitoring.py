"""The ledger of remote therapeutic monitoring on one page, with the small forms that fill it."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec.structs import asdict, replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.queries import clinic
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Conflict, FieldProblem, Refused
from service.ids import new_id
from service.page import page
from service.paper import paper
from service.remedies import day_read
from service.review.actions import monitoring
from service.review.actions.monitoring import NewTime
from service.review.guards import Typed, Without, bar_of, own_form, whole_number
from service.review.pages.again import sent_as
from service.review.pages.staff import Done, status_words
from service.review.schemas.monitoring import LedgerView
from service.review.views.monitoring import ledger
from service.review.views.papers import ledger_told

_FIRST: Final = {
    "start": FieldProblem("/starts_on", "running", "It was started already, from the day at the top. End that first."),
    "time": FieldProblem("/minutes", "sent", "Other minutes were saved with this form before. Look at the list first."),
}
"""Where a button was pressed on a page that was not the newest any more."""


@get("/clients/{client_id:uuid}/monitoring", include_in_schema=False)
async def monitoring_page(
    client_id: FromPath[UUID], staff: AnyCaller, on: FromQuery[str] = "", without: Without = None, done: Done = ""
) -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await _view(session, staff, client_id, day_read(on, "/on") if on else None, without or ())
    view = replace(view, status=status_words(staff, done))
    return page("review/monitoring.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/clients/{client_id:uuid}/monitoring.pdf", include_in_schema=False)
async def monitoring_paper(
    client_id: FromPath[UUID], staff: AnyCaller, on: FromQuery[str] = "", without: Without = None
) -> Response[bytes]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        found = await ledger(session, staff, client, day_read(on, "/on") if on else None, without or ())
        told = ledger_told(found, await clinic(session), staff.person.locale)
    return await paper("report.typ", told, {}, "ledger", found.on)


async def _view(
    session: ClinicSession, staff: Caller, client_id: UUID, on: date | None, without: list[str] | tuple[()]
) -> LedgerView:
    found = await ledger(session, staff, await record_of(session, staff, client_id), on, without)
    return LedgerView(**asdict(found), bar=await bar_of(session, staff), entry=new_id(staff.now))


@post("/clients/{client_id:uuid}/monitoring/{what:str}", include_in_schema=False)
async def keep_monitoring(
    request: AnyRequest, client_id: FromPath[UUID], what: FromPath[str], staff: AnyCaller
) -> Response[str] | Redirect:
    """`what` is start, end, time or take_back."""
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            match what:
                case "start":
                    await monitoring.start(session, client, day_read(form.one("starts_on"), "/starts_on"), staff.now)
                case "end":
                    await monitoring.end(session, client, staff.now)
                case "time":
                    await monitoring.note_time(session, client, _new_time(form, client, staff.now), staff.now)
                case "take_back":
                    await monitoring.take_back_time(session, client, _id(form), staff.now)
                case _:
                    raise Refused.one("", "unknown", "Use the buttons of the page.")
    except (Refused, Conflict) as error:
        problems = error.problems if isinstance(error, Refused) else [_FIRST[what]]
        async with staff.tx() as session:
            view = await _view(session, staff, client_id, None, ())
        return page(
            "review/monitoring.html",
            locale=staff.person.locale,
            status_code=422 if isinstance(error, Refused) else 409,
            view=replace(view, sent=sent_as(what, form, problems, staff.person.locale)),
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect(f"/clients/{client_id}/monitoring?done=settings", status_code=303)


def _new_time(form: Typed, client: Client, now: datetime) -> NewTime:
    """Raises Refused with all that is wrong; an empty field of minutes is none of them."""
    minutes, wrong = whole_number(form.one("minutes") or "0"), []
    try:
        day = day_read(form.one("day"))
    except Refused as refused:
        day, wrong = today_of(client, now), refused.problems
    new = NewTime(_id(form), day, -1 if minutes is None else minutes, form.has("is_live"))
    wrong = [*wrong, *monitoring.time_problems(new, today_of(client, now))]
    if wrong:
        raise Refused(wrong)
    return new


def _id(form: Typed) -> UUID:
    try:
        return UUID(form.one("entry"))
    except ValueError:
        raise Refused.one("/entry", "id", "Use the form of the page.") from None


handlers = [monitoring_page, monitoring_paper, keep_monitoring]
