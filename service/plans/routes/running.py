"""A running plan is paused, resumed and ended."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.plans import actions
from service.plans.schemas import EndIn, PauseIn
from service.plans.schemas.starting import ResumeIn


@post("/clients/{client_id:uuid}/plan/pauses", operation_id="pausePlan", status_code=204, tags=["plans"])
async def pause(client_id: FromPath[UUID], data: JSONBody[PauseIn], staff: AnyCaller) -> None:
    until = None if data.until_day is UNSET else data.until_day
    reason = None if data.reason is UNSET else data.reason
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await actions.pause(session, client_id, data.from_day, until, reason, staff.now)


@post("/clients/{client_id:uuid}/plan/end", operation_id="endPlan", status_code=204, tags=["plans"])
async def end(client_id: FromPath[UUID], data: JSONBody[EndIn], staff: AnyCaller) -> None:
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await actions.end(session, client_id, data.last_day, staff.now)


@post("/clients/{client_id:uuid}/plan/resume", operation_id="resumePlan", status_code=204, tags=["plans"])
async def resume_plan(client_id: FromPath[UUID], data: JSONBody[ResumeIn], staff: AnyCaller) -> None:
    """Ends the pause that holds on that day, and takes back those that come after it."""
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await actions.resume(session, client_id, data.from_day, staff.now)


handlers = [pause, resume_plan, end]
