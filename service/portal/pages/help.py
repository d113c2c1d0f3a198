"""How to reach the clinic, and whom to call in an emergency."""

from litestar import route
from litestar.response import Response
from msgspec import Struct

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic as find_clinic
from service.diary.entries import today_of
from service.portal.guards import own_page
from service.portal.pages.showing import reader_of, safety_of
from service.portal.pages.today import READ
from service.portal.queries import record_on
from service.portal.schemas import SafetyNotice
from service.progress.facts import warning_signs_of


class HelpView(Struct, frozen=True, kw_only=True):
    """`clinic` is its whole name; `emergency_number` is the one of its country."""

    clinic_name: str
    clinic: str
    help_phone: str
    emergency_number: str
    safety: SafetyNotice | None = None


@route("/help", http_method=READ)
async def show_help(client: AnyCaller) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        record = await record_on(session, own, today_of(own, client.now))
        signs = await warning_signs_of(session, own.id, record.diary, client.now)
        clinic = await find_clinic(session)
    view = HelpView(
        clinic_name=clinic.short_name,
        clinic=clinic.name,
        help_phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        safety=safety_of(record, signs, clinic, reader_of(own)),
    )
    return own_page("portal/help.html", client, own, view)


handlers = [show_help]
