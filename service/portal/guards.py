"""What a link may open, what a form of our own pages looks like, and whose page and cookie a signed-in client has."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.types import Message, Scope

from service.accounts.guards import (
    COOKIE,
    DEVICE_COOKIE,
    AnyRequest,
    Caller,
    Edge,
    band_of,
    cookie_name,
)
from service.accounts.guards.sent import sent_form
from service.accounts.queries import links
from service.accounts.rules import CLIENT_SESSION, SIGN_IN_LINK, LinkPurpose
from service.accounts.sign_in import hashed
from service.accounts.sign_in.guesses import DEVICE_KNOWN, with_mark
from service.accounts.tables import Client, Clinic, Link
from service.database.tenancy import Across, Actor, ClinicSession
from service.errors import Refused
from service.page import PERSON, Owner, page
from service.portal.rules import Form
from service.settings import Settings

_TYPED_COOKIE = "clamshell_typed"


async def usable_link(edge: Edge, token: str) -> Link | None:
    """The link of this token while it can be used; a sign-in link is used up by its first use."""
    link = await known_link(edge, token)
    if link is None or not links.usable(link, edge.now):
        return None
    return None if link.purpose == LinkPurpose.SIGN_IN and link.used_at else link


async def known_link(edge: Edge, token: str) -> Link | None:
    """The link of this token, also when it has run out."""
    token_hash = hashed(token)
    async with edge.database.across_clinics(Across.FIND_LINK) as connection:
        clinic_id = await links.clinic_with_link(connection, token_hash)
    if clinic_id is None:
        return None
    async with edge.database.clinic_tx(clinic_id, Actor("link", None, "link")) as session:
        return await links.link_by_token(session, token_hash)


def link_tx(edge: Edge, link: Link) -> AbstractAsyncContextManager[ClinicSession]:
    """A transaction of whoever holds the link: nobody is signed in by it."""
    is_helper = link.purpose == LinkPurpose.HELPER
    actor = Actor("helper", link.id, "link") if is_helper else Actor("link", link.client_id, "link")
    return edge.database.clinic_tx(link.clinic_id, actor)


def form_of(request: AnyRequest) -> Form:
    """The fields as sent. That they are UTF-8 without NUL was checked before any handler."""
    sent = sent_form(request)
    if sent is None:
        raise Refused.one("", "form", "Send a form in UTF-8.")
    return Form(sent.pairs)


def link_page(template: str, client: Client, clinic: Clinic, view: object, *, status_code: int = 200) -> Response[str]:
    """A page of whoever holds a link: nobody is signed in, and no phone keeps it."""
    band = band_of(clinic, client.locale)
    return page(template, locale=client.locale, status_code=status_code, view=view, band=band)


def own_page(template: str, client: Caller, own: Client, view: object, *, status_code: int = 200) -> Response[str]:
    """A page of whoever is signed in: a phone keeps what is told on it under their name."""
    owner = Owner(own.id, own.zone)
    return page(
        template,
        locale=own.locale,
        status_code=status_code,
        owner=owner,
        view=view,
        csrf=client.csrf,
        band=client.band,
    )


def sign_in(answer: Response[Any], settings: Settings, token: str) -> None:
    """Puts the session into the browser, out of reach of scripts."""
    answer.set_cookie(_cookie(settings, token, CLIENT_SESSION))


def marks_of(request: AnyRequest) -> str:
    """Who signed in on this device before: their tries are counted apart from a stranger's."""
    return request.cookies.get(cookie_name(request.app.state.settings, DEVICE_COOKIE), "")


def know_device(answer: Response[Any], request: AnyRequest, address: str) -> None:
    settings: Settings = request.app.state.settings
    marks = with_mark(settings.secret_key, address, marks_of(request))
    answer.set_cookie(_cookie(settings, marks, DEVICE_KNOWN, DEVICE_COOKIE))


def carry(answer: Response[Any], settings: Settings, sealed: str) -> None:
    """What was typed, until the link to sign in has run out; nothing takes it away."""
    answer.set_cookie(_cookie(settings, sealed, SIGN_IN_LINK if sealed else timedelta(), _TYPED_COOKIE))


def carried_by(request: AnyRequest) -> str:
    return request.cookies.get(cookie_name(request.app.state.settings, _TYPED_COOKIE), "")


def sign_out(answer: Response[Any], settings: Settings) -> None:
    # With all of its attributes: a browser ignores a `__Host-` cookie that lacks one, also to delete it.
    answer.set_cookie(_cookie(settings, "", timedelta()))


async def keep_signed_in(message: Message, scope: Scope) -> None:
    """The session slides on with every visit, and with every page of a person's own the cookie."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    request: AnyRequest = Request(scope)
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    if token and PERSON in headers:
        headers.add("Set-Cookie", _cookie(settings, token, CLIENT_SESSION).to_header(header=""))


def _cookie(settings: Settings, value: str, lifetime: timedelta, name: str = COOKIE) -> Cookie:
    return Cookie(
        cookie_name(settings, name),
        value=value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
