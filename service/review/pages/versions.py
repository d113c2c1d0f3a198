"""The versions of a client's plans, and how two of them differ."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.page import page
from service.review.views.compared import compared


@get("/clients/{client_id:uuid}/plan/versions", include_in_schema=False)
async def versions_page(
    client_id: FromPath[UUID],
    staff: AnyCaller,
    old: FromQuery[str] = "",
    new: FromQuery[str] = "",
) -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.SEE_RECORD)
        view = await compared(session, staff, client, old, new)
    return page("review/versions.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


handlers = [versions_page]
