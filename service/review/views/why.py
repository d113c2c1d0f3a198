"""The question why no message came on a day, for one client."""

from uuid import UUID

from msgspec import Struct

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.remedies import day_read
from service.reminders.routes import ledger_day
from service.reminders.rules import local_day
from service.reminders.schemas import LedgerDayOut
from service.review.guards import bar_of
from service.review.schemas import StaffBar
from service.words import translator


class WhyView(Struct, frozen=True, kw_only=True):
    """`day` is as it was typed; `told` is missing when it is no day."""

    bar: StaffBar
    client_id: UUID
    name: str
    day: str
    told: LedgerDayOut | None = None
    problem: str | None = None


async def why(session: ClinicSession, staff: Caller, client: Client, typed: str | None) -> WhyView:
    """Without a day, today by the client's clock."""
    day = typed if typed is not None else local_day(staff.now, client.zone).isoformat()
    told, problem = None, None
    try:
        told = await ledger_day(session, staff, client, day_read(day))
    except Refused as refused:
        problem = translator(staff.person.locale).gettext(refused.problems[0].message)
    bar = await bar_of(session, staff)
    return WhyView(bar=bar, client_id=client.id, name=client.name, day=day, told=told, problem=problem)
