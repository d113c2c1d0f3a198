"""The question why no message came on a day, for one's own messages."""

from litestar import route
from litestar.params import FromQuery
from litestar.response import Response
from msgspec import Struct

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic as find_clinic
from service.errors import Refused
from service.portal.guards import own_page
from service.portal.pages.today import READ
from service.remedies import day_read
from service.reminders.routes import ledger_day
from service.reminders.rules import local_day
from service.reminders.schemas import LedgerDayOut
from service.words import translator


class WhyView(Struct, frozen=True, kw_only=True):
    """`day` is as it was typed; `told` is missing when it is no day."""

    clinic_name: str
    day: str
    told: LedgerDayOut | None = None
    problem: str | None = None


@route("/today/why", http_method=READ)
async def show_why(client: AnyCaller, day: FromQuery[str | None] = None) -> Response[str]:
    """Without a day, today by the client's clock."""
    told, problem = None, None
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        asked = day if day is not None else local_day(client.now, own.zone).isoformat()
        try:
            told = await ledger_day(session, client, own, day_read(asked))
        except Refused as refused:
            problem = translator(own.locale).gettext(refused.problems[0].message)
        clinic = await find_clinic(session)
    view = WhyView(clinic_name=clinic.short_name, day=asked, told=told, problem=problem)
    return own_page("portal/why.html", client, own, view, status_code=200 if told else 422)


handlers = [show_why]
