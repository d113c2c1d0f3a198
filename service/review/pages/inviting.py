"""A client is asked at one of their addresses whether the clinic may write there."""

from typing import Literal
from uuid import UUID, uuid5

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.conversation.actions.invites import invite, withdraw
from service.errors import Refused
from service.review.guards import Typed, own_form
from service.review.pages.again import client_again


@post("/clients/{client_id:uuid}/invites", include_in_schema=False)
async def invite_client(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id)
            channel, invite_id = _channel(form), _id(form)
            await invite(session, client, channel, invite_id, staff.settings.secret_key, staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "contacts", form, refused)
    return Redirect(f"/clients/{client_id}?done=invited#contacts", status_code=303)


@post("/clients/{client_id:uuid}/invites/{invitation_id:uuid}/withdraw", include_in_schema=False)
async def withdraw_invite(
    request: AnyRequest, client_id: FromPath[UUID], invitation_id: FromPath[UUID], staff: AnyCaller
) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await withdraw(session, await record_of(session, staff, client_id), invitation_id, staff.now)
    except Refused as refused:
        return await client_again(staff, client_id, "contacts", form, refused)
    return Redirect(f"/clients/{client_id}?done=withdrawn#contacts", status_code=303)


def _channel(form: Typed) -> Literal["sms", "email"]:
    channel = form.one("channel")
    if channel not in ("sms", "email"):
        raise Refused.one("/channel", "unknown", "Use the buttons of the page.")
    return "sms" if channel == "sms" else "email"


def _id(form: Typed) -> UUID:
    """Made by the page, so that the button pressed twice is one invitation; another one for each channel."""
    try:
        return uuid5(UUID(form.one("entry")), form.one("channel"))
    except ValueError:
        raise Refused.one("/entry", "unknown", "Use the buttons of the page.") from None


handlers = [invite_client, withdraw_invite]
