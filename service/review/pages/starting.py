"""What a plan starts from, a clinic's templates, two plans beside each other, and a pause or the end of a plan."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import NotFound, Refused
from service.page import page
from service.plans.actions import end, pause, resume
from service.plans.actions.templates import copy_template, remove_template, rename_template, save_template
from service.plans.queries import running_content
from service.remedies import day_read
from service.review.guards import Typed, own_form, whole_number
from service.review.pages.again import client_again
from service.review.pages.staff import Done, status_words
from service.review.pages.stale import stale_page
from service.review.views import prescribe
from service.review.views.both import picked
from service.review.views.starting import start_view
from service.review.views.templates import templates_view

Act = Callable[[ClinicSession, Client, Typed], Awaitable[None]]


@get("/clients/{client_id:uuid}/plan/start", include_in_schema=False)
async def start_page(client_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    """A programme, a template, an earlier plan, or nothing."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        view = await start_view(session, staff, client, today_of(client, staff.now))
    return page("review/start.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/clients/{client_id:uuid}/plan/picked", include_in_schema=False)
async def picked_page(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    """Row by row from two plans: the form to look at once more. Nothing is sent here."""
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        setting = await prescribe.setting_of(session, client, staff.now)
        if whole_number(form.one("number")) != setting.version:
            return await stale_page(session, staff, setting, form)
        view = await prescribe.shown(session, staff, setting, picked(form, setting, staff.person.locale))
    return page("review/prescribe.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/templates", include_in_schema=False)
async def templates_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = replace(await templates_view(session, staff), status=status_words(staff, done))
    return page("review/templates.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/clients/{client_id:uuid}/plan/template", include_in_schema=False)
async def save(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """Keeps the version that the page showed as a template."""

    async def act(session: ClinicSession, client: Client, form: Typed) -> None:
        running = await running_content(session, client.id)
        found = [content for content in running if str(content.version.number) == form.one("number")]
        if not found:
            raise NotFound
        await save_template(session, form.one("name"), found[0], staff.now)

    return await _about_plan(request, client_id, staff, act, "template")


@post("/clients/{client_id:uuid}/plan/pause", include_in_schema=False)
async def pause_plan(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    async def act(session: ClinicSession, client: Client, form: Typed) -> None:
        until = _day(form, "until_day") if form.one("until_day") else None
        await pause(session, client.id, _day(form, "from_day"), until, None, staff.now)

    return await _about_plan(request, client_id, staff, act, "paused")


@post("/clients/{client_id:uuid}/plan/resume", include_in_schema=False)
async def resume_plan(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    async def act(session: ClinicSession, client: Client, form: Typed) -> None:
        await resume(session, client.id, _day(form, "from_day"), staff.now)

    return await _about_plan(request, client_id, staff, act, "resumed")


@post("/clients/{client_id:uuid}/plan/end", include_in_schema=False)
async def end_plan(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    async def act(session: ClinicSession, client: Client, form: Typed) -> None:
        await end(session, client.id, _day(form, "last_day"), staff.now)

    return await _about_plan(request, client_id, staff, act, "ended")


async def _about_plan(
    request: AnyRequest, client_id: UUID, staff: Caller, act: Act, done: str
) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await act(session, await record_of(session, staff, client_id, right=Right.PRESCRIBE), form)
    except Refused as refused:
        return await client_again(staff, client_id, done, form, refused)
    return Redirect(f"/clients/{client_id}?done={done}#plan", status_code=303)


def _day(form: Typed, name: str) -> date:
    return day_read(form.one(name), f"/{name}")


@post("/templates/{template_id:uuid}", include_in_schema=False)
async def rename(request: AnyRequest, template_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await rename_template(session, template_id, form.one("name"), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await templates_view(session, staff, template_id, form.one("name"), refused.problems)
        return page(
            "review/templates.html",
            locale=staff.person.locale,
            status_code=422,
            view=view,
            csrf=staff.csrf,
            band=staff.band,
        )
    return Redirect("/templates?done=renamed", status_code=303)


@post("/templates/{template_id:uuid}/copy", include_in_schema=False)
async def copy(request: AnyRequest, template_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.PRESCRIBE)
    await own_form(request, staff)
    async with staff.tx() as session:
        await copy_template(session, template_id, staff.now)
    return Redirect("/templates?done=copied", status_code=303)


@post("/templates/{template_id:uuid}/remove", include_in_schema=False)
async def remove(request: AnyRequest, template_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.PRESCRIBE)
    await own_form(request, staff)
    async with staff.tx() as session:
        await remove_template(session, template_id, staff.now)
    return Redirect("/templates?done=removed", status_code=303)


handlers = [
    start_page,
    picked_page,
    templates_page,
    save,
    pause_plan,
    resume_plan,
    end_plan,
    rename,
    copy,
    remove,
]
