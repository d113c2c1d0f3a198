"""A clinic's owner takes all that is kept of a client along, or erases it. Both ask for the owner's password again."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts import queries as accounts
from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import PASSWORD_LIMIT, Right
from service.accounts.sign_in import count_try, password_matches
from service.diary.entries import today_of
from service.errors import Refused
from service.page import page
from service.records.actions.erasing import erase
from service.records.actions.export import own_tables
from service.records.rules import zip_of
from service.review.guards import Typed, bar_of, own_form
from service.review.schemas.forms import Field
from service.review.schemas.records import RecordView
from service.words import translator

TRIES_A_DAY: Final = 20
"""Of a password, signing in included."""


@get("/clients/{client_id:uuid}/record", include_in_schema=False)
async def record_page(client_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    staff.require(Right.WHOLE_RECORD)
    return _page(staff, await _view(staff, client_id))


@post("/clients/{client_id:uuid}/record/file", include_in_schema=False)
async def take_record(
    request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller
) -> Response[bytes] | Response[str]:
    """As an answer and never a link: there is nothing that somebody else could open later."""
    staff.require(Right.WHOLE_RECORD)
    form = await own_form(request, staff)
    view = await _view(staff, client_id)
    try:
        await _confirm_password(staff, form)
    except Refused as refused:
        return _page(staff, _refused(staff, view, form, refused, "file"))
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        tables = await own_tables(session, client, staff.now)
        day = today_of(client, staff.now)
    words = translator(staff.person.locale).gettext("This is all that the clinic keeps of this client here.")
    packed = await asyncio.to_thread(zip_of, tables, words + "\n")
    # No name: a list of downloads is seen by others.
    headers = {"Content-Disposition": f'attachment; filename="record-{day.isoformat()}.zip"'}
    return Response(packed, media_type="application/zip", headers=headers, status_code=200)


@post("/clients/{client_id:uuid}/record/erase", include_in_schema=False)
async def erase_record(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.WHOLE_RECORD)
    form = await own_form(request, staff)
    view = await _view(staff, client_id)
    try:
        if form.one("confirm") != view.name:
            raise Refused.one("/confirm", "differs", "Type the name as it stands here.")
        await _confirm_password(staff, form)
        async with staff.tx() as session:
            await erase(session, client_id, staff.now)
    except Refused as refused:
        return _page(staff, _refused(staff, view, form, refused, "erase"))
    return Redirect("/caseload?done=erased", status_code=303)


async def _confirm_password(staff: Caller, form: Typed) -> None:
    """Raises Refused for another than their own, and TooMany when it was tried too often."""
    password = dict(form.pairs).get("password", "")[: PASSWORD_LIMIT + 1]
    async with staff.tx() as session:
        own = await accounts.staff(session, staff.person.id)
    async with staff.edge.database.installation_tx() as connection:
        await count_try(connection, ["password", own.email.lower()], TRIES_A_DAY, timedelta(days=1), staff.now)
    if not await password_matches(own.password_hash, password):
        raise Refused.one("/password", "password", "This is not your password.")


async def _view(staff: Caller, client_id: UUID) -> RecordView:
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        asked = (await accounts.erasures_asked(session, [client.id])).get(client.id)
        return RecordView(
            bar=await bar_of(session, staff),
            client_id=client.id,
            name=client.name,
            url=f"/clients/{client.id}/record",
            asked_on=asked.asked_at.astimezone(ZoneInfo(client.zone)).date() if asked else None,
        )


def _refused(staff: Caller, view: RecordView, form: Typed, refused: Refused, tried: str) -> RecordView:
    say = translator(staff.person.locale).gettext
    wrong = {problem.pointer: say(problem.message) for problem in refused.problems}
    return replace(
        view,
        tried=tried,
        confirm=Field(form.one("confirm"), wrong.get("/confirm")),
        password_problem=wrong.get("/password"),
    )


def _page(staff: Caller, view: RecordView) -> Response[str]:
    return page(
        "review/record.html",
        locale=staff.person.locale,
        status_code=422 if view.tried else 200,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [record_page, take_record, erase_record]
