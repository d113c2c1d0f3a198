"""One page of facts before a visit, to be read in two minutes or printed; as a page and as a PDF."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from msgspec.structs import asdict

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic
from service.accounts.rules import Right
from service.page import page
from service.paper import paper
from service.remedies import day_read
from service.review.guards import bar_of
from service.review.schemas.summary import SummaryView
from service.review.views.papers import summary_told
from service.review.views.summary import summary


@get("/clients/{client_id:uuid}/summary", include_in_schema=False)
async def summary_page(client_id: FromPath[UUID], staff: AnyCaller, since: FromQuery[str] = "") -> Response[str]:
    """`since` is the day of the last visit."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        found = await summary(session, staff, client, day_read(since, "/since") if since else None)
        view = SummaryView(**asdict(found), bar=await bar_of(session, staff))
    return page("review/summary.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/clients/{client_id:uuid}/summary.pdf", include_in_schema=False)
async def summary_paper(client_id: FromPath[UUID], staff: AnyCaller, since: FromQuery[str] = "") -> Response[bytes]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        found = await summary(session, staff, client, day_read(since, "/since") if since else None)
        told = summary_told(found, await clinic(session), staff.person.locale)
    return await paper("report.typ", told, {}, "summary", found.today)


handlers = [summary_page, summary_paper]
