"""Tells an open caseload that it is not the newest any more."""

from typing import Annotated

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from service.accounts.guards import AnyCaller, AnyRequest
from service.accounts.rules import Right
from service.remedies import whole
from service.review.views.live import Live

Since = Annotated[str, QueryParameter(pattern=whole("[0-9a-f]{0,16}"), description="The pulse the page was made with.")]


@get("/caseload/live", include_in_schema=False, media_type="text/event-stream")
async def live_caseload(request: AnyRequest, staff: AnyCaller, since: FromQuery[Since] = "") -> Stream:
    staff.require(Right.SEE_RECORD)
    live: Live = request.app.state.live
    # A proxy that gathers an answer before it passes it on would pass on nothing.
    return Stream(live.told(live.listen(staff.person, since)), headers={"X-Accel-Buffering": "no"})


handlers = [live_caseload]
