"""Today as a client would see it with a plan that nobody has sent yet, for who is writing it."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from litestar import Response

from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.catalogue.queries.media import current_media
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.page import page
from service.plans.queries import Content
from service.portal.pages.showing import today_view
from service.portal.queries import everything_of

# Nothing on this page may be sent, whatever is pressed: it is staff who look at it, and they look only.
_LOOK_ONLY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; script-src 'none'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


async def as_the_client_sees_it(
    session: ClinicSession, client: Client, drafted: Content, band: str, now: datetime
) -> Response[str]:
    """On the plan's first day, or today where it has begun by then. `band` says what this is, to who looks at it."""
    zone = ZoneInfo(client.zone)
    begins = datetime.combine(drafted.version.starts_on, time(12), zone)
    at = begins if drafted.version.starts_on > now.astimezone(zone).date() else now
    clinic = await find_clinic(session)
    found = await everything_of(session, client, clinic, today_of(client, at), at)
    record = replace(found.record, plans=[*found.record.plans, drafted])
    view = today_view(replace(found, record=record, media=await current_media(session)), clinic, at)
    headers = {"Content-Security-Policy": _LOOK_ONLY}
    return page("portal/preview.html", locale=client.locale, headers=headers, view=view, band=band)
