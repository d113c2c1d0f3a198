"""Who works at a clinic: for its owner. And the page on which whoever is asked to join chooses a password."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts import queries as accounts
from service.accounts.guards import AnyCaller, AnyEdge, AnyRequest, Caller, Edge
from service.accounts.rules import Right, password_problems
from service.accounts.sign_in import count_try, hash_password, read_token
from service.database.tenancy import Across, Actor, ClinicSession
from service.errors import FieldProblem, Refused
from service.page import language_of, page
from service.review.actions import team as actions
from service.review.guards import Typed, proved_form, typed
from service.review.pages.staff import Done
from service.review.queries.team import usable_invite, works_elsewhere
from service.review.rules.team import INVITES_A_DAY
from service.review.schemas.team import JoinView
from service.review.views.team import member_view, team_view
from service.words import translator

JOINS_A_DAY: Final = 20
_DAY = timedelta(days=1)
_DONE: Final = {
    "invited": "The invitation is on its way.",
    "role": "Saved. It holds from their next page on.",
    "ended": "They can sign in no more.",
    "reset": "Their ways to sign in are taken away. They add another one after their password.",
}


@get("/team", include_in_schema=False)
async def team_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = replace(await team_view(session, staff), status=_said(staff, done))
    return page("review/team.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/team", include_in_schema=False)
async def invite(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await proved_form(request, staff)
    asked = actions.Asked(
        form.one("name"),
        form.one("email"),
        form.one("role"),
        staff.person.name,
        staff.person.id,
        staff.settings.secret_key,
    )
    try:
        async with staff.tx() as session:
            await actions.invite(session, asked, staff.now)
            await _count_invite(session, staff)
    except Refused as refused:
        async with staff.tx() as session:
            view = await team_view(session, staff, form, refused.problems)
        return page(
            "review/team.html", locale=staff.person.locale, status_code=422, view=view, csrf=staff.csrf, band=staff.band
        )
    return Redirect("/team?done=invited", status_code=303)


async def _count_invite(session: ClinicSession, staff: Caller) -> None:
    """In the transaction of the mail: one that was refused fills nobody's mailbox, and tells of nobody but the team."""
    parts = ["invite", staff.person.clinic_id.hex]
    await count_try(await session.connection(), parts, INVITES_A_DAY, _DAY, staff.now)


@get("/team/{staff_id:uuid}", include_in_schema=False)
async def member_page(staff_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = await member_view(session, staff, staff_id)
    return page("review/member.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/team/{staff_id:uuid}/invite", include_in_schema=False)
async def invite_again(request: AnyRequest, staff_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SETTINGS)
    await proved_form(request, staff)
    async with staff.tx() as session:
        await actions.invite_again(
            session, staff_id, staff.person.name, staff.person.id, staff.settings.secret_key, staff.now
        )
        await _count_invite(session, staff)
    return Redirect("/team?done=invited", status_code=303)


@post("/team/{staff_id:uuid}/factors", include_in_schema=False)
async def reset_factors(request: AnyRequest, staff_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.SETTINGS)
    await proved_form(request, staff)
    async with staff.tx() as session:
        await actions.reset_factors(session, staff_id, staff.now)
    return Redirect("/team?done=reset", status_code=303)


@post("/team/{staff_id:uuid}/role", include_in_schema=False)
async def change_role(request: AnyRequest, staff_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await proved_form(request, staff)
    try:
        async with staff.tx() as session:
            await actions.change_role(session, staff_id, form.one("role"), _heir(form), staff.now)
    except Refused as refused:
        return await _refused(staff, staff_id, form, refused)
    return Redirect("/team?done=role", status_code=303)


@post("/team/{staff_id:uuid}/end", include_in_schema=False)
async def end_work(request: AnyRequest, staff_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await proved_form(request, staff)
    try:
        async with staff.tx() as session:
            await actions.end_work(session, staff_id, _heir(form), staff.now)
    except Refused as refused:
        return await _refused(staff, staff_id, form, refused)
    return Redirect("/team?done=ended", status_code=303)


async def _refused(staff: Caller, staff_id: UUID, form: Typed, refused: Refused) -> Response[str]:
    async with staff.tx() as session:
        view = await member_view(session, staff, staff_id, form, refused.problems)
    return page(
        "review/member.html", locale=staff.person.locale, status_code=422, view=view, csrf=staff.csrf, band=staff.band
    )


def _heir(form: Typed) -> UUID | None:
    try:
        return UUID(form.one("heir"))
    except ValueError:
        return None


def _said(staff: Caller, done: str) -> str | None:
    return translator(staff.person.locale).gettext(_DONE[done]) if done in _DONE else None


@get("/staff/join/{token:str}", include_in_schema=False)
async def join_page(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[str]:
    return await _join_page(request, edge, token)


@post("/staff/join/{token:str}", include_in_schema=False)
async def join(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[str] | Redirect:
    form = dict(typed(request).pairs)
    password = form.get("password", "")
    known = read_token(token)
    async with edge.database.installation_tx() as connection:
        await count_try(connection, ["join", token], JOINS_A_DAY, _DAY, edge.now)
    problems = password_problems(password)
    if not problems and form.get("again", "") != password:
        problems = [FieldProblem("/again", "differs", "Type the same password twice.")]
    if problems or known is None:
        return await _join_page(request, edge, token, problems)
    view = await _view(edge, token)
    if view is None or view.elsewhere:
        return await _join_page(request, edge, token)
    # Between two transactions: it costs a third of a second by design.
    password_hash = await asyncio.to_thread(hash_password, password)
    clinic_id, token_hash = known
    async with edge.database.clinic_tx(clinic_id, Actor("link", None, "link")) as session:
        link = await usable_invite(session, token_hash, edge.now)
        if link is not None:
            await actions.join(session, link, password_hash, edge.now)
    return Redirect("/staff/sign-in", status_code=303) if link else await _join_page(request, edge, token)


async def _join_page(
    request: AnyRequest, edge: Edge, token: str, problems: list[FieldProblem] | None = None
) -> Response[str]:
    """The same for a link that was used, has run out, was taken back or never was."""
    locale = language_of(request.headers.get("accept-language"))
    say = translator(locale).gettext
    view = await _view(edge, token)
    if view is None:
        return page("review/join.html", locale=locale, status_code=410, view=JoinView())
    told = {problem.pointer: say(problem.message) for problem in problems or ()}
    view = replace(view, password_problem=told.get("/password"), again_problem=told.get("/again"))
    return page("review/join.html", locale=locale, status_code=422 if told else 200, view=view)


async def _view(edge: Edge, token: str) -> JoinView | None:
    known = read_token(token)
    if known is None:
        return None
    clinic_id, token_hash = known
    async with edge.database.clinic_tx(clinic_id, Actor("link", None, "link")) as session:
        link = await usable_invite(session, token_hash, edge.now)
        if link is None:
            return None
        person, clinic = await accounts.staff(session, link.staff_id), await accounts.clinic(session)
    async with edge.database.across_clinics(Across.FIND_ADDRESS) as connection:
        elsewhere = await works_elsewhere(connection, person.email, clinic_id)
    return JoinView(
        url=f"/staff/join/{token}",
        name=person.name,
        email=person.email,
        clinic_name=clinic.name,
        elsewhere=elsewhere,
    )


handlers = [team_page, invite, member_page, invite_again, reset_factors, change_role, end_work, join_page, join]
