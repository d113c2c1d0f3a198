"""Somebody else was first: both plans are shown, and nothing that was written is lost."""

from litestar import Response

from service.accounts.guards import Caller
from service.database.tenancy import ClinicSession
from service.errors import Stale
from service.page import page
from service.review.guards import Typed
from service.review.views import prescribe
from service.review.views.both import both


def sent_by(staff: Caller, setting: prescribe.Setting) -> bool:
    """Whether the running version is this person's own: then a form of before is one that was sent twice."""
    return setting.running is not None and setting.running.version.created_by == staff.person.id


async def stale_page(
    session: ClinicSession, staff: Caller, setting: prescribe.Setting, form: Typed, status_code: int = 412
) -> Response[str]:
    """412, as the API answers, where something was sent. Where no plan runs any more, the form with a word about it."""
    view = await both(session, staff, setting, form)
    if view is not None:
        return page(
            "review/both.html",
            locale=staff.person.locale,
            status_code=status_code,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    again = await prescribe.again(session, staff, setting.client, form, Stale())
    return page(
        "review/prescribe.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=again,
        csrf=staff.csrf,
        band=staff.band,
    )
