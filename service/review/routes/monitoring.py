from datetime import date
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.review.actions import monitoring
from service.review.actions.monitoring import NewTime
from service.review.guards import Without
from service.review.schemas.monitoring import Ledger, StartIn, TimeIn
from service.review.views.monitoring import ledger


@get("/clients/{client_id:uuid}/monitoring", operation_id="getMonitoring", tags=["review"])
async def get_monitoring(
    client_id: FromPath[UUID], staff: AnyCaller, on: FromQuery[date | None] = None, without: Without = None
) -> Ledger:
    """Data days, minutes and talks of the 30 days and the calendar month that hold the day `on`, and which code these
    counts would support. Only in a clinic that turned it on."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return await ledger(session, staff, await record_of(session, staff, client_id), on, without or ())


@post("/clients/{client_id:uuid}/monitoring", operation_id="startMonitoring", status_code=204, tags=["review"])
async def start_monitoring(client_id: FromPath[UUID], data: JSONBody[StartIn], staff: AnyCaller) -> None:
    """30 days are counted from this day, and then the next 30. What is a day is fixed by the client's zone of now."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await monitoring.start(session, client, data.starts_on, staff.now)


@delete("/clients/{client_id:uuid}/monitoring", operation_id="endMonitoring", status_code=204, tags=["review"])
async def end_monitoring(client_id: FromPath[UUID], staff: AnyCaller) -> None:
    """Today is the last day."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await monitoring.end(session, client, staff.now)


@put(
    "/clients/{client_id:uuid}/monitoring/times/{time_id:uuid}",
    operation_id="noteMonitoringTime",
    status_code=204,
    tags=["review"],
)
async def note_time(
    client_id: FromPath[UUID], time_id: FromPath[UUID], data: JSONBody[TimeIn], staff: AnyCaller
) -> None:
    """Minutes of staff on a day. Sent twice, they are one."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        new = NewTime(time_id, data.day, data.minutes, data.is_live)
        await monitoring.note_time(session, client, new, staff.now)


@delete(
    "/clients/{client_id:uuid}/monitoring/times/{time_id:uuid}",
    operation_id="takeBackMonitoringTime",
    status_code=204,
    tags=["review"],
)
async def take_back_time(client_id: FromPath[UUID], time_id: FromPath[UUID], staff: AnyCaller) -> None:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await monitoring.take_back_time(session, client, time_id, staff.now)


handlers = [get_monitoring, start_monitoring, end_monitoring, note_time, take_back_time]
