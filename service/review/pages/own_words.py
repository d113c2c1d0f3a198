"""An owner puts the texts of reminders into the clinic's own words, and keeps texts that are ready to send."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import LOCALES, Right
from service.accounts.sign_in import count_try
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.outbox.rules import MessageKind
from service.page import page
from service.review.actions.set_up import send_test
from service.review.actions.wording import (
    add_ready,
    change_ready,
    end_ready,
    move_ready,
    save_wording,
    usual_again,
)
from service.review.guards import Typed, own_form
from service.review.pages.staff import Done
from service.review.schemas.forms import Field
from service.review.schemas.wording import OneWordingView, ReadyView
from service.review.views.own_words import kind_of, one_wording, ready_view
from service.words import translator

TESTS_A_DAY: Final = 20
TEXTS_A_DAY: Final = 5
_SAVED: Final = {
    "saved": "Saved. Reminders that are planned from now on say it so.",
    "usual": "Our words are back.",
    "test": "The test is on its way to you.",
    "text": "The text is on its way to your phone.",
}
_READY: Final = {"add": "Added.", "save": "Saved.", "up": "Moved.", "down": "Moved.", "end": "It is offered no more."}


@get("/wording/of/{kind:str}", include_in_schema=False)
async def show_wording(
    kind: FromPath[str], staff: AnyCaller, language: FromQuery[str] = "", done: Done = ""
) -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = await one_wording(session, staff, kind_of(kind), _locale(staff, language), status=_SAVED.get(done))
    return _page(staff, "review/one_wording.html", view)


@post("/wording/of/{kind:str}", include_in_schema=False)
async def word_it(
    request: AnyRequest, kind: FromPath[str], staff: AnyCaller, language: FromQuery[str] = ""
) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form, asked, locale = await own_form(request, staff), kind_of(kind), _locale(staff, language)
    typed, do = form.one("words"), form.one("do")
    async with staff.tx() as session:
        view = await one_wording(session, staff, asked, locale, typed)
    view = replace(view, phone=Field(form.one("phone")))
    if do == "look" or (do != "usual" and view.shown is None):
        return _page(staff, "review/one_wording.html", view, 422 if view.words.problem and do != "look" else 200)
    try:
        async with staff.tx() as session:
            done = await _do(session, staff, form, asked, locale, view)
    except Refused as refused:
        if do != "text":
            raise
        problem = translator(staff.person.locale).gettext(refused.problems[0].message)
        return _page(staff, "review/one_wording.html", replace(view, phone=Field(form.one("phone"), problem)), 422)
    return Redirect(f"/wording/of/{kind}?language={locale}&done={done}", status_code=303)


async def _do(
    session: ClinicSession, staff: Caller, form: Typed, kind: MessageKind, locale: str, view: OneWordingView
) -> str:
    match form.one("do"):
        case "save":
            await save_wording(session, kind, locale, view.words.value, staff.now)
            return "saved"
        case "usual":
            await usual_again(session, kind, locale, staff.now)
            return "usual"
        case "test" if view.shown is not None:
            whose = ["test_text", str(staff.person.clinic_id), str(staff.person.id)]
            await count_try(await session.connection(), whose, TESTS_A_DAY, timedelta(days=1), staff.now)
            await send_test(session, staff.person.id, staff.now, view.shown.words)
            return "test"
        case "text" if view.shown is not None:
            whose = ["test_by_text", str(staff.person.clinic_id), str(staff.person.id)]
            await count_try(await session.connection(), whose, TEXTS_A_DAY, timedelta(days=1), staff.now)
            await send_test(session, staff.person.id, staff.now, view.shown.words, form.one("phone"))
            return "text"
    raise Refused.one("/do", "unknown", "Use the buttons of the page.")


@get("/wording/ready", include_in_schema=False)
async def show_ready(staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.SETTINGS)
    async with staff.tx() as session:
        view = await ready_view(session, staff, status=_READY.get(done))
    return _page(staff, "review/ready.html", view)


@post("/wording/ready", include_in_schema=False)
async def keep_ready(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SETTINGS)
    form = await own_form(request, staff)
    words = {locale: form.one(f"words_{locale}") for locale in LOCALES}
    about = _id(form)
    try:
        async with staff.tx() as session:
            await _keep(session, form.one("do"), about, words, staff)
    except Refused as refused:
        say = translator(staff.person.locale).gettext
        problems = {one.pointer.removeprefix("/words_"): say(one.message) for one in refused.problems}
        async with staff.tx() as session:
            view = await ready_view(session, staff, words, about, problems)
        return _page(staff, "review/ready.html", view, 422)
    return Redirect(f"/wording/ready?done={form.one('do')}", status_code=303)


async def _keep(session: ClinicSession, do: str, about: UUID, words: dict[str, str], staff: Caller) -> None:
    match do:
        case "add":
            await add_ready(session, about, words, staff.now)
        case "save":
            await change_ready(session, about, words, staff.now)
        case "up" | "down":
            await move_ready(session, about, -1 if do == "up" else 1, staff.now)
        case "end":
            await end_ready(session, about, staff.now)
        case _:
            raise Refused.one("/words_en", "unknown", "Use the buttons of the page.")


def _id(form: Typed) -> UUID:
    try:
        return UUID(form.one("text"))
    except ValueError:
        raise Refused.one("/text", "unknown", "Use the buttons of the page.") from None


def _locale(staff: Caller, language: str) -> str:
    return language if language in LOCALES else staff.person.locale


def _page(staff: Caller, template: str, view: OneWordingView | ReadyView, status_code: int = 200) -> Response[str]:
    return page(
        template, locale=staff.person.locale, status_code=status_code, view=view, csrf=staff.csrf, band=staff.band
    )


handlers = [show_wording, word_it, show_ready, keep_ready]
