"""A clinic's owner takes all that is kept of a client along, or erases it. Both ask once more who it is."""

import asyncio
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts import queries as accounts
from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.diary.entries import today_of
from service.errors import Refused
from service.page import page
from service.records.actions.erasing import erase
from service.records.actions.export import own_tables
from service.records.rules import zip_of
from service.review.guards import Typed, bar_of, proved_form
from service.review.schemas.forms import Field
from service.review.schemas.records import RecordView
from service.words import translator


@get("/clients/{client_id:uuid}/record", include_in_schema=False)
async def record_page(client_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    staff.require(Right.WHOLE_RECORD)
    return _page(staff, await _view(staff, client_id))


@post("/clients/{client_id:uuid}/record/file", include_in_schema=False)
async def take_record(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[bytes]:
    """As an answer and never a link: there is nothing that somebody else could open later."""
    staff.require(Right.WHOLE_RECORD)
    await proved_form(request, staff)
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
    form = await proved_form(request, staff)
    view = await _view(staff, client_id)
    try:
        if form.one("confirm") != view.name:
            raise Refused.one("/confirm", "differs", "Type the name as it stands here.")
        async with staff.tx() as session:
            await erase(session, client_id, staff.now)
    except Refused as refused:
        return _page(staff, _refused(staff, view, form, refused))
    return Redirect("/caseload?done=erased", status_code=303)


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


def _refused(staff: Caller, view: RecordView, form: Typed, refused: Refused) -> RecordView:
    problem = translator(staff.person.locale).gettext(refused.problems[0].message)
    return replace(view, confirm=Field(form.one("confirm"), problem))


def _page(staff: Caller, view: RecordView) -> Response[str]:
    return page(
        "review/record.html",
        locale=staff.person.locale,
        status_code=422 if view.confirm.problem else 200,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [record_page, take_record, erase_record]
