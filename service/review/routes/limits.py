from litestar import get, patch
from litestar.params import JSONBody

from service.accounts.guards import AnyCaller
from service.accounts.rules import Right
from service.review.actions.settings import set_limits
from service.review.schemas.limits import LimitsIn, LimitsOut
from service.review.views.limits import limits_out, named


@get("/settings/limits", operation_id="getLimits", tags=["review"])
async def get_limits(staff: AnyCaller) -> LimitsOut:
    """The numbers that the clinic's rules go by."""
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        return await limits_out(session)


@patch("/settings/limits", operation_id="changeLimits", tags=["review"])
async def change_limits(data: JSONBody[LimitsIn], staff: AnyCaller) -> LimitsOut:
    """Each may only be made stricter than it comes; what is left out stays. The rules go by them from now on, for what
    was told before too."""
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        await set_limits(session, named(data), staff.now)
        return await limits_out(session)


handlers = [get_limits, change_limits]
