"""A wrong number is mended, and one that was called dead is tried again."""

from typing import Literal
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from msgspec.structs import replace

from service.accounts.actions import addresses
from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.page import page
from service.review.guards import own_form
from service.review.pages.staff import client_view
from service.words import translator


@post("/clients/{client_id:uuid}/contacts/{channel:str}", include_in_schema=False)
async def mend_contact(
    request: AnyRequest, client_id: FromPath[UUID], channel: FromPath[Literal["sms", "email"]], staff: AnyCaller
) -> Response[str] | Redirect:
    """With an address, that one from now on; without, the one that is there is tried again."""
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id)
            if form.has("address"):
                await addresses.correct_address(session, client.id, channel, form.one("address"), staff.now)
            else:
                await addresses.try_again(session, client.id, channel, staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await client_view(session, staff, client_id)
        problem = translator(staff.person.locale).gettext(refused.problems[0].message)
        view = replace(view, contact_problem=problem)
        return page(
            "review/client.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect(f"/clients/{client_id}?done=contact#contacts", status_code=303)


handlers = [mend_contact]
