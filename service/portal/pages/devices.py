"""Where the person is signed in, and who else gets in for them: helpers, whom they name and end themselves."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import post, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response

from service.accounts import queries as people
from service.accounts.actions.access import end_sessions
from service.accounts.guards import AnyCaller, AnyRequest, Caller, check_form, record_of
from service.accounts.tables import SignInSession
from service.errors import Refused
from service.ids import new_id
from service.intake.actions.helpers import NewHelper, end_helper, helper_token, name_helper
from service.intake.queries.helpers import helpers
from service.intake.rules.helpers import HELPER_YES, RELATIONS
from service.intake.tables import Helper
from service.portal.guards import form_of, own_page
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules import Form, Reader, id_of
from service.portal.rules.own import browser_words
from service.portal.schemas.devices import DevicesView, HandOver, HelperForm, HelperLine
from service.portal.schemas.own import Device

URL = "/devices"


@route(URL, http_method=READ)
async def show_devices(client: AnyCaller, saved: FromQuery[str] = "") -> Response[str]:
    return await _page(client, saved=saved if saved in ("yes", "ended") else "")


@post(f"{URL}/others")
async def sign_out_others(request: AnyRequest, client: AnyCaller) -> Redirect:
    await _checked(request, client)
    async with client.tx() as session:
        await end_sessions(session, "client", client.person.id, client.now, but=client.person.session_id)
    return Redirect(f"{URL}?saved=yes", status_code=303)


@post(f"{URL}/{{session_id:uuid}}")
async def sign_out_one(request: AnyRequest, session_id: FromPath[UUID], client: AnyCaller) -> Redirect:
    await _checked(request, client)
    async with client.tx() as session:
        await end_sessions(session, "client", client.person.id, client.now, one=session_id)
    return Redirect(f"{URL}?saved=yes", status_code=303)


@post(f"{URL}/helpers", status_code=200)
async def add_helper(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    """The link stands in the answer and nowhere else: whoever named the helper hands it over."""
    form = await _checked(request, client)
    try:
        async with client.tx() as session:
            own = await record_of(session, client, client.person.id)
            reader = reader_of(own)
            new = NewHelper(
                id_of(form.one("entry")) or new_id(client.now),
                form.one("name"),
                form.one("relation"),
                form.one("contact"),
                reader.say(HELPER_YES),
            )
            helper = await name_helper(session, own, new, client.settings.secret_key, client.now)
    except Refused as refused:
        return await _page(client, form=form, refused=refused)
    return await _page(client, made=hand_over(helper, reader, client))


def hand_over(helper: Helper, reader: Reader, caller: Caller) -> HandOver:
    """Sent from the phone of whoever holds it: we never write to somebody who did not ask us to."""
    link = f"{caller.settings.public_url}/r/{helper_token(caller.settings.secret_key, helper.id)}"
    words = quote(reader.say("Here is the link to help me with my plan: %(link)s") % {"link": link})
    by_text = "@" not in helper.contact
    target = f"sms:{helper.contact}?&body={words}" if by_text else f"mailto:{quote(helper.contact)}?body={words}"
    return HandOver(helper.name, link, target, by_text)


@post(f"{URL}/helpers/{{helper_id:uuid}}/end")
async def end_help(request: AnyRequest, helper_id: FromPath[UUID], client: AnyCaller) -> Redirect:
    await _checked(request, client)
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        await end_helper(session, own, helper_id, client.now)
    return Redirect(f"{URL}?saved=ended#helpers", status_code=303)


async def _checked(request: AnyRequest, client: Caller) -> Form:
    form = form_of(request)
    check_form(client, dict(form.pairs))
    return form


async def _page(
    client: Caller,
    *,
    saved: str = "",
    form: Form | None = None,
    refused: Refused | None = None,
    made: HandOver | None = None,
) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        clinic = await people.clinic(session)
        found = await people.open_sessions(session, own.id, client.now)
        named = await helpers(session, own.id, client.now)
    reader = reader_of(own)
    devices = sorted((_device(one, client, reader) for one in found), key=lambda device: not device.is_this)
    view = DevicesView(
        clinic_name=clinic.short_name,
        devices=devices,
        helpers=[_helper(one, reader) for one in named],
        form=_form(form, refused, reader, client),
        made=made,
        saved=saved,
    )
    return own_page("portal/devices.html", client, own, view, status_code=422 if refused else 200)


def _device(one: SignInSession, client: Caller, reader: Reader) -> Device:
    is_this = one.id == client.person.session_id
    since, seen = reader.local(one.created_at).date(), reader.local(one.seen_at).date()
    return Device(one.id, reader.read(browser_words(one.user_agent)), since, seen, is_this)


def _helper(one: Helper, reader: Reader) -> HelperLine:
    return HelperLine(
        one.id,
        one.name,
        reader.say(RELATIONS[one.relation]),
        one.contact,
        reader.local(one.created_at).date(),
        reader.local(one.expires_at).date(),
        reader.local(one.told_at).date() if one.told_at else None,
    )


def _form(form: Form | None, refused: Refused | None, reader: Reader, client: Caller) -> HelperForm:
    typed = form or Form([])
    problems = refused.problems if refused else []
    return HelperForm(
        entry=id_of(typed.one("entry")) or new_id(client.now),
        relations=[(code, reader.say(words)) for code, words in RELATIONS.items()],
        wording=reader.say(HELPER_YES),
        name=typed.one("name"),
        relation=typed.one("relation"),
        contact=typed.one("contact"),
        problems={one.pointer.strip("/"): reader.say(one.message) for one in problems},
    )


handlers = [show_devices, sign_out_others, sign_out_one, add_helper, end_help]
