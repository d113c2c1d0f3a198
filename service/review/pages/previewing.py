"""What a client would see of the plan that is being written. Nothing is written down for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.page import page
from service.plans.actions.making import drafted
from service.plans.queries import Content
from service.review.guards import own_form
from service.review.views import plan_form, prescribe
from service.review.views.how_often import with_days
from service.review.views.starting import completed
from service.terms import said

Shown = Callable[[ClinicSession, Client, Content, str, datetime], Awaitable[Response[str]]]


@dataclass(frozen=True, slots=True)
class ClientsPage:
    """The page of a client with a plan that was not sent: it is not for staff to know how it is made."""

    shown: Shown


@post("/clients/{client_id:uuid}/plan/preview", include_in_schema=False)
async def preview(
    request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller, clients_page: NamedDependency[ClientsPage]
) -> Response[str]:
    """The form with what would be right, where it cannot be a plan yet."""
    staff.require(Right.PRESCRIBE)
    form, locale = with_days(await own_form(request, staff)), staff.person.locale
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        setting = await prescribe.setting_of(session, client, staff.now)
        try:
            wanted = plan_form.prescription(
                form, setting.running, setting.library, setting.habits, setting.today, locale
            )
            wanted = await completed(session, staff, client, wanted, form.one("start"), setting.running)
            content = await drafted(session, client_id, wanted, setting.running, staff.now)
        except Refused as refused:
            view = await prescribe.again(session, staff, client, form, refused)
            return page(
                "review/prescribe.html", locale=locale, status_code=422, view=view, csrf=staff.csrf, band=staff.band
            )
        parts = {"name": client.name, "day": max(content.version.starts_on, setting.today)}
        words = Sentence("As %(name)s will see it on %(day)s. It was not sent. Close this page to go back.", parts)
        return await clients_page.shown(session, client, content, said(words, locale), staff.now)


handlers = [preview]
