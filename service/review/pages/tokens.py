"""Tokens with which programs use the API: for an owner."""

from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.accounts.sign_in import tokens as actions
from service.errors import Refused
from service.page import page
from service.review.guards import proved_form
from service.review.pages.staff import Done
from service.review.schemas.tokens import TokensView
from service.review.views.tokens import new_token, tokens_view
from service.words import translator

_DONE: Final = {"revoked": "Revoked. It opens nothing any more."}


def _page(staff: Caller, view: TokensView, status_code: int = 200) -> Response[str]:
    return page(
        "review/tokens.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


@get("/tokens", include_in_schema=False)
async def tokens_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    said = translator(staff.person.locale).gettext(_DONE[done]) if done in _DONE else None
    async with staff.tx() as session:
        view = replace(await tokens_view(session, staff), status=said)
    return _page(staff, view)


@post("/tokens", include_in_schema=False)
async def make_token(request: AnyRequest, staff: AnyCaller) -> Response[str]:
    """Answered with the page that shows it, and no address to come back to."""
    staff.require(Right.SETTINGS)
    form = await proved_form(request, staff)
    try:
        async with staff.tx() as session:
            token = await actions.make_token(session, staff.person.id, new_token(form), staff.now)
            return _page(staff, replace(await tokens_view(session, staff), token=token))
    except Refused as refused:
        async with staff.tx() as session:
            view = await tokens_view(session, staff, form, refused.problems)
        return _page(staff, view, 422)


@post("/tokens/{token_id:uuid}/revoke", include_in_schema=False)
async def revoke_token(request: AnyRequest, token_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SETTINGS)
    await proved_form(request, staff)
    async with staff.tx() as session:
        await actions.revoke_token(session, token_id, staff.now)
    return Redirect("/tokens?done=revoked", status_code=303)


handlers = [tokens_page, make_token, revoke_token]
