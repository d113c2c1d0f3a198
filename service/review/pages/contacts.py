"""A wrong number is mended, and one that was called dead is tried again."""

from typing import Literal
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from service.accounts.actions import addresses
from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import Refused
from service.review.guards import own_form
from service.review.pages.again import client_again


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
        return await client_again(staff, client_id, f"contact-{channel}", form, refused)
    return Redirect(f"/clients/{client_id}?done=contact#contacts", status_code=303)


handlers = [mend_contact]
