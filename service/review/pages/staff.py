"""Where staff begin, the caseload, a client's page."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec.structs import asdict, replace

from service.accounts import actions as accounts_actions
from service.accounts import queries as accounts
from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id
from service.page import page
from service.review import actions
from service.review.actions.inviting import invite_new
from service.review.guards import Typed, bar_of, own_form, whole_number
from service.review.pages.said import DONE
from service.review.queries.person import beside
from service.review.queries.pulse import pulse
from service.review.rules import Rule, Tier
from service.review.rules.sorting import ALL, Listing, Sort, listing
from service.review.schemas import CaseloadView, ClientView
from service.review.schemas.stack import Kinds, Range
from service.review.views.add_client import add_client_view, new_client
from service.review.views.caseload import caseload
from service.review.views.client import timeline
from service.review.views.contexts import label_options
from service.review.views.entries import MOST_READ, MOST_SHOWN, of_kinds
from service.review.views.helping import helping
from service.review.views.noting import noting
from service.review.views.ready import ready_texts
from service.review.views.set_up import checklist
from service.review.views.why import why
from service.words import translator

SNOOZE_DAYS = (1, 30)
Done = Annotated[str, QueryParameter(description="What was done just now.")]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000, description="Use a whole number from 1.")]


def status_words(staff: Caller, done: str) -> str | None:
    return translator(staff.person.locale).gettext(DONE[done]) if done in DONE else None


@get("/staff", include_in_schema=False)
async def first_page(staff: AnyCaller) -> Redirect:
    """Where a member of staff begins."""
    return Redirect("/caseload" if staff.may(Right.SEE_RECORD) else "/clients/new", status_code=303)


@get("/caseload", include_in_schema=False)
async def caseload_page(
    staff: AnyCaller,
    tier: FromQuery[Tier | None] = None,
    sort: FromQuery[Sort] = Sort.NEED,
    page_number: PageNumber = 1,
    good: FromQuery[str] = "",
    done: Done = "",
) -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        # First: what is committed while the page is made is told of, if need be twice.
        known = await pulse(session)
        found = await caseload(session, staff, tier, sort, page_number)
        view = CaseloadView(
            **asdict(found),
            bar=await bar_of(session, staff),
            pulse=known,
            listing=Listing(tier, sort, found.part.page if found.part else 1, good == ALL),
            set_up=await checklist(session, staff),
            status=status_words(staff, done),
        )
    return page("review/caseload.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/caseload/{client_id:uuid}/seen", include_in_schema=False)
async def mark_seen(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        await actions.mark_seen(session, client_id, rule_of(form), as_of(form), staff.now)
    return _back(form, client_id, "seen")


@post("/caseload/{client_id:uuid}/snooze", include_in_schema=False)
async def snooze(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        clinic = await accounts.clinic(session)
        await actions.snooze(session, client_id, rule_of(form), as_of(form), _days(form), clinic.zone, staff.now)
    return _back(form, client_id, "snoozed")


def _back(form: Typed, client_id: UUID, done: str) -> Redirect:
    """To the list they came from, as it was cut and ordered."""
    if form.one("back") == "client":
        return Redirect(f"/clients/{client_id}?done={done}", status_code=303)
    query = listing(form.one("list")).query
    return Redirect(f"/caseload?{query}&done={done}" if query else f"/caseload?done={done}", status_code=303)


def rule_of(form: Typed) -> Rule:
    try:
        return Rule(form.one("rule"))
    except ValueError:
        raise Refused.one("/rule", "unknown", "Use the buttons of the page.") from None


def as_of(form: Typed) -> datetime:
    """When the page was made: what came in after it has not been seen."""
    try:
        read_at = datetime.fromisoformat(form.one("as_of"))
    except ValueError:
        read_at = None
    if read_at is None or read_at.tzinfo is None:
        raise Refused.one("/as_of", "time", "Use the buttons of the page.")
    return read_at


def _days(form: Typed) -> int:
    low, high = SNOOZE_DAYS
    days = whole_number(form.one("days"))
    if days is None or not low <= days <= high:
        raise Refused.one("/days", "range", "Use 1 to 30 days.")
    return days


@get("/clients/new", include_in_schema=False)
async def add_client_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.ADD_CLIENT)
    async with staff.tx() as session:
        view = await add_client_view(session, staff, status=status_words(staff, done))
    return page("review/add_client.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/clients/new", include_in_schema=False)
async def add_client(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.ADD_CLIENT)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            new = await new_client(session, staff, form)
            client_id = (await accounts_actions.add_client(session, new, staff.now)).id
            done = "shared" if await accounts.also_used_by(session, client_id) else "added"
            if form.has("invite"):
                await invite_new(session, client_id, staff.settings.secret_key, staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await add_client_view(session, staff, form, refused.problems)
        return page(
            "review/add_client.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    place = f"/clients/{client_id}" if staff.may(Right.SEE_RECORD) else "/clients/new"
    return Redirect(f"{place}?done={done}", status_code=303)


@get("/clients/{client_id:uuid}", include_in_schema=False)
async def client_page(
    client_id: FromPath[UUID],
    staff: AnyCaller,
    days: FromQuery[Range] = Range.TWO_MONTHS,
    kinds: FromQuery[Kinds] = Kinds.ALL,
    ready: FromQuery[str] = "",
    done: Done = "",
) -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await client_view(session, staff, client_id, days, kinds)
    words = next((text.words for text in view.ready if text.code == ready), "")
    view = replace(view, status=status_words(staff, done), words=words)
    return page("review/client.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


async def client_view(
    session: ClinicSession,
    staff: Caller,
    client_id: UUID,
    days: Range = Range.TWO_MONTHS,
    kinds: Kinds = Kinds.ALL,
) -> ClientView:
    client = await record_of(session, staff, client_id)
    found = await timeline(session, staff, client, days, MOST_SHOWN if kinds is Kinds.ALL else MOST_READ)
    # The charts begin on the first day that the scores are of.
    since = found.pain[0][0] if days is Range.FORTNIGHT else None
    shown = await beside(session, client_id, staff.now)
    return ClientView(
        **asdict(replace(found, entries=of_kinds(found.entries, kinds, since))),
        bar=await bar_of(session, staff),
        entry=new_id(staff.now),
        labels=label_options(shown.labels, staff.person.locale),
        noting=noting(staff.person.locale),
        helping=await helping(session, staff, client, shown.helpers),
        ready=ready_texts(client, await accounts.clinic(session), shown.ready),
        range=days,
        kinds=kinds,
    )


@get("/clients/{client_id:uuid}/why", include_in_schema=False)
async def why_page(client_id: FromPath[UUID], staff: AnyCaller, day: FromQuery[str | None] = None) -> Response[str]:
    """Why no message came on a day."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await why(session, staff, await record_of(session, staff, client_id), day)
    status_code = 200 if view.told else 422
    return page(
        "review/why.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [
    first_page,
    caseload_page,
    mark_seen,
    snooze,
    add_client_page,
    add_client,
    client_page,
    why_page,
]
