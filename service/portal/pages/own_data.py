"""Everything we keep of the person as a file, and the wish to be forgotten."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

from litestar import post, route
from litestar.params import FromQuery
from litestar.response import Redirect, Response

from service.accounts import queries as people
from service.accounts.actions.own import ask_erasure, keep_record
from service.accounts.guards import AnyCaller, AnyRequest, Caller, check_form, record_of
from service.accounts.sign_in import count_try
from service.diary.entries import today_of
from service.portal.guards import form_of, own_page
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules import Form
from service.portal.schemas.own import OwnDataView
from service.records.actions.export import own_tables
from service.records.rules import zip_of

DATA = "/my-data"
_FILES_A_DAY = 10


@route(DATA, http_method=READ)
async def show_data(client: AnyCaller, saved: FromQuery[str] = "") -> Response[str]:
    told: dict[str, Literal["asked", "kept"]] = {"asked": "asked", "kept": "kept"}
    return await _data_page(client, saved=told.get(saved))


@post(f"{DATA}/file")
async def send_file(request: AnyRequest, client: AnyCaller) -> Response[bytes]:
    """As an answer and never a link: there is nothing that somebody else could open later."""
    await _checked(request, client)
    whose = ["export", str(client.person.clinic_id), str(client.person.id)]
    async with client.edge.database.installation_tx() as connection:
        await count_try(connection, whose, _FILES_A_DAY, timedelta(days=1), client.now)
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        tables = await own_tables(session, own, client.now)
    words = reader_of(own).say("This is all that your clinic keeps of you here. Each table is a file.")
    packed = await asyncio.to_thread(zip_of, tables, words + "\n")
    name = f"my-data-{today_of(own, client.now).isoformat()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(packed, media_type="application/zip", headers=headers, status_code=200)


@post(f"{DATA}/forget")
async def forget_me(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    """The first press asks whether it is meant; the second tells the clinic."""
    form = await _checked(request, client)
    if form.one("sure") != "yes":
        return await _data_page(client, asking=True)
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        await ask_erasure(session, own.id, client.now)
    return Redirect(f"{DATA}?saved=asked#forget", status_code=303)


@post(f"{DATA}/keep")
async def keep_me(request: AnyRequest, client: AnyCaller) -> Redirect:
    """Takes the wish back; taken back already, there is nothing to do."""
    await _checked(request, client)
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        await keep_record(session, own.id, client.now)
    return Redirect(f"{DATA}?saved=kept#forget", status_code=303)


async def _checked(request: AnyRequest, client: Caller) -> Form:
    form = form_of(request)
    check_form(client, dict(form.pairs))
    return form


async def _data_page(
    client: Caller, *, saved: Literal["asked", "kept"] | None = None, asking: bool = False
) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        clinic = await people.clinic(session)
        asked = (await people.erasures_asked(session, [own.id])).get(own.id)
    view = OwnDataView(
        clinic_name=clinic.short_name,
        help_phone=clinic.phone,
        asked_on=reader_of(own).local(asked.asked_at).date() if asked else None,
        asking=asking and asked is None,
        saved=saved if (saved == "asked") == (asked is not None) else None,
    )
    return own_page("portal/own_data.html", client, own, view)


handlers = [show_data, send_file, forget_me, keep_me]
