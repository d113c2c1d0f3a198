"""A client is asked at one of their addresses whether the clinic may write there."""

from typing import Literal
from uuid import UUID, uuid5

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.conversation.actions.invites import invite, withdraw
from service.errors import Refused
from service.page import page
from service.review.guards import Typed, own_form
from service.review.pages.staff import client_view
from service.words import translator


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
        return await _refused(staff, client_id, refused)
    return Redirect(f"/clients/{client_id}?done=invited#contacts", status_code=303)


@post("/clients/{client_id:uuid}/invites/{invitation_id:uuid}/withdraw", include_in_schema=False)
async def withdraw_invite(
    request: AnyRequest, client_id: FromPath[UUID], invitation_id: FromPath[UUID], staff: AnyCaller
) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await withdraw(session, await record_of(session, staff, client_id), invitation_id, staff.now)
    except Refused as refused:
        return await _refused(staff, client_id, refused)
    return Redirect(f"/clients/{client_id}?done=withdrawn#contacts", status_code=303)


async def _refused(staff: Caller, client_id: UUID, refused: Refused) -> Response[str]:
    async with staff.tx() as session:
        view = await client_view(session, staff, client_id)
    return page(
        "review/client.html",
        locale=staff.person.locale,
        status_code=422,
        view=replace(view, contact_problem=translator(staff.person.locale).gettext(refused.problems[0].message)),
        csrf=staff.csrf,
        band=staff.band,
    )


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
