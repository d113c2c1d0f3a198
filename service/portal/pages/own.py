"""How and when we write to the person, chosen by the person: every part a form of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import post, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response

from service.accounts.guards import AnyCaller, AnyRequest, Caller, check_form, record_of
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.portal.actions import own
from service.portal.guards import form_of, own_page
from service.portal.pages.own_view import Typed, checked, settings_view
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules import Form, Reader
from service.reminders.tables import KINDS

URL = "/reminders"
PLACES = ("reach", "quiet", "pause", "stop", "start", *KINDS)

Keep = Callable[[ClinicSession, Client, Reader], Awaitable[None]]


@route(URL, http_method=READ)
async def show_settings(client: AnyCaller, saved: FromQuery[str] = "") -> Response[str]:
    return await _shown(client, saved=saved if saved in PLACES else "")


@post(f"{URL}/reach")
async def save_reach(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, "reach", lambda s, own_, say: own.keep_reach(s, own_, form, say, client.now))


@post(f"{URL}/of/{{kind:str}}")
async def save_reminder(request: AnyRequest, kind: FromPath[str], client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, kind, lambda s, own_, say: own.keep_reminder(s, own_, kind, form, say, client.now))


@post(f"{URL}/of/{{kind:str}}/text", status_code=200)
async def show_text(request: AnyRequest, kind: FromPath[str], client: AnyCaller) -> Response[str]:
    """What would arrive with what is typed now. Keeps nothing."""
    form = form_of(request)
    check_form(client, dict(form.pairs))
    async with client.tx() as session:
        person = await record_of(session, client, client.person.id)
        reminder, quiet = await own.reminder_of(session, person, kind), await own.quiet_of(session, person)
    return await _shown(client, typed=Typed(kind, form, checked(form, reminder, reader_of(person), quiet)))


@post(f"{URL}/quiet")
async def save_quiet(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, "quiet", lambda s, own_, say: own.keep_quiet(s, own_, form, say, client.now))


@post(f"{URL}/pause")
async def save_pause(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, "pause", lambda s, own_, say: own.keep_pause(s, own_, form, say, client.now))


@post(f"{URL}/stop")
async def stop(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, "stop", lambda s, own_, _: own.stop_all(s, own_, client.now))


@post(f"{URL}/start")
async def start(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    return await _kept(client, form, "start", lambda s, own_, say: own.start_again(s, own_, form, say, client.now))


async def _kept(client: Caller, form: Form, place: str, keep: Keep) -> Response[Any]:
    """Back to the page, or the page again with what was typed and what would be right beside it."""
    check_form(client, dict(form.pairs))
    try:
        async with client.tx() as session:
            person = await record_of(session, client, client.person.id)
            reader = reader_of(person)
            await keep(session, person, reader)
    except Refused as refused:
        problems = {name: reader.say(message) for name, message in own.problems_of(refused)}
        return await _shown(client, typed=Typed(place, form, problems))
    return Redirect(f"{URL}?saved={place}#{place}", status_code=303)


async def _shown(client: Caller, *, saved: str = "", typed: Typed | None = None) -> Response[str]:
    async with client.tx() as session:
        person = await record_of(session, client, client.person.id)
        view = await settings_view(session, person, client.settings.public_url, client.now, saved=saved, typed=typed)
    status_code = 422 if typed and typed.problems else 200
    return own_page("portal/reminders.html", client, person, view, status_code=status_code)


handlers = [show_settings, save_reach, save_reminder, show_text, save_quiet, save_pause, stop, start]
