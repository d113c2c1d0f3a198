"""A clinic's set-up and its going live: for its owner."""

from datetime import timedelta
from typing import Final

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.accounts.sign_in import count_try
from service.errors import Refused
from service.page import page
from service.review.actions import set_up as actions
from service.review.guards import Typed, own_form, proved_form
from service.review.pages.staff import Done
from service.review.queries.set_up import known
from service.review.rules.set_up import PUT_AWAY, TESTS_A_DAY, Step
from service.review.views.set_up import facts_of, set_up_view
from service.words import translator

STEPS: Final = tuple(Step)
_DONE: Final = {
    "facts": "Saved.",
    "step": "Saved.",
    "test": "A test email is on its way to you. Look for it, then load this page again.",
    "live": "Your clinic is live. Messages go to your clients from now on. What was made in test mode is not sent.",
}


@get("/setup", include_in_schema=False)
async def set_up_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    said = translator(staff.person.locale).gettext(_DONE[done]) if done in _DONE else None
    async with staff.tx() as session:
        view = replace(await set_up_view(session, staff), status=said)
    return page("review/set_up.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@post("/setup", include_in_schema=False)
async def save_facts(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await own_form(request, staff)
    try:
        facts, quiet = facts_of(form)
        async with staff.tx() as session:
            await actions.save_facts(session, facts, quiet, staff.now)
    except Refused as refused:
        return await _refused(staff, refused, form)
    return Redirect("/setup?done=facts", status_code=303)


async def _refused(staff: Caller, refused: Refused, form: Typed | None = None) -> Response[str]:
    async with staff.tx() as session:
        view = await set_up_view(session, staff, form, refused.problems if form else ())
    if form is None:
        say = translator(staff.person.locale).gettext
        view = replace(view, problem=" ".join(say(problem.message) for problem in refused.problems))
    return page(
        "review/set_up.html",
        locale=staff.person.locale,
        status_code=422,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


@post("/setup/step", include_in_schema=False)
async def mark_step(request: AnyRequest, staff: AnyCaller) -> Redirect:
    """`skip` or `done` names the step; without either, the list is put away."""
    staff.require(Right.SETTINGS)
    form = await own_form(request, staff)
    async with staff.tx() as session:
        if form.one("skip") in STEPS:
            await actions.skip(session, Step(form.one("skip")), staff.now)
        elif form.one("done") in STEPS:
            await actions.mark_step(session, form.one("done"), staff.now)
        elif form.has("put_away"):
            await actions.mark_step(session, PUT_AWAY, staff.now)
    return Redirect("/caseload" if form.has("put_away") else "/setup?done=step", status_code=303)


@post("/setup/test", include_in_schema=False)
async def send_test(request: AnyRequest, staff: AnyCaller) -> Redirect:
    staff.require(Right.SETTINGS)
    await own_form(request, staff)
    async with staff.tx() as session:
        parts = ["test", staff.person.clinic_id.hex]
        await count_try(await session.connection(), parts, TESTS_A_DAY, timedelta(days=1), staff.now)
        await actions.send_test(session, staff.person.id, staff.now)
    return Redirect("/setup?done=test#messages", status_code=303)


@post("/setup/live", include_in_schema=False)
async def go_live(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    await proved_form(request, staff)
    try:
        async with staff.tx() as session:
            await actions.go_live(session, await known(session, staff.settings), staff.now)
    except Refused as refused:
        return await _refused(staff, refused)
    return Redirect("/setup?done=live", status_code=303)


handlers = [set_up_page, save_facts, mark_step, send_test, go_live]
