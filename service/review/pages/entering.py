"""Where staff come in: by a passkey, by a password and a second step, or by a link in an email and a second step."""

from typing import Final

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import DEVICE_COOKIE, AnyCaller, AnyEdge, AnyRequest, Edge, cookie_name, presented
from service.accounts.guards.former import end_former
from service.accounts.queries.factors import factors
from service.accounts.routes.staff import (
    NOBODY_YET,
    Entered,
    clinics_with,
    code_typed,
    first_step_done,
    half_of,
    passkey_shown,
    password_typed,
)
from service.accounts.rules import STAFF_SESSION, clean_email
from service.accounts.rules.factors import FactorKind
from service.accounts.sign_in import end_session, read_token
from service.accounts.sign_in.guesses import DEVICE_KNOWN, count_guess, is_known, with_mark
from service.accounts.sign_in.passkeys import to_enter
from service.errors import SignInNeeded, TooMany
from service.page import language_of, page
from service.review.actions.entering import send_sign_in_link, use_sign_in_link
from service.review.guards import own_form, typed
from service.review.schemas.forms import Field
from service.review.schemas.security import ByMailView, MailedView, SecondStepView, StaffSignInView
from service.settings import Settings
from service.words import translator

LONGEST_PASSWORD: Final = 1000
LOCKED: Final = "Too many tries for today. Use a passkey, or let us email you a link."


def _say(request: AnyRequest, msgid: str) -> str:
    return translator(language_of(request.headers.get("accept-language"))).gettext(msgid)


@get("/staff/sign-in", include_in_schema=False)
async def sign_in_page(request: AnyRequest, edge: AnyEdge) -> Response[str]:
    return _sign_in_page(request, edge, StaffSignInView())


def _sign_in_page(request: AnyRequest, edge: Edge, view: StaffSignInView, status_code: int = 200) -> Response[str]:
    locale = language_of(request.headers.get("accept-language"))
    view = replace(view, options=to_enter(edge.settings, edge.now))
    return page("review/sign_in.html", locale=locale, status_code=status_code, view=view)


@post("/staff/sign-in", include_in_schema=False)
async def sign_in(request: AnyRequest, edge: AnyEdge) -> Response[str] | Redirect:
    form = typed(request)
    email, password = form.one("email"), dict(form.pairs).get("password", "")
    try:
        if len(password) > LONGEST_PASSWORD:
            raise SignInNeeded
        user_agent, known = request.headers.get("user-agent", ""), _knows(request, edge, email)
        entered = await password_typed(edge, email, password, user_agent, known=known)
    except SignInNeeded:
        problem = _say(request, "This email and password do not go together. Check both and try again.")
        return _sign_in_page(request, edge, StaffSignInView(email=email, problem=problem), 401)
    except TooMany:
        return _sign_in_page(request, edge, StaffSignInView(email=email, problem=_say(request, LOCKED)), 429)
    return await _in(request, edge, entered)


def _knows(request: AnyRequest, edge: Edge, email: str) -> bool:
    marks = request.cookies.get(cookie_name(edge.settings, DEVICE_COOKIE), "")
    return is_known(edge.settings.secret_key, clean_email(email) or "", marks)


async def _in(request: AnyRequest, edge: Edge, entered: Entered) -> Redirect:
    """Only who came all the way in is known on this device from now on."""
    await end_former(request, edge)
    answer = Redirect("/staff/sign-in/second-step" if entered.is_half else "/staff", status_code=303)
    _set_cookie(answer, edge.settings, entered.token, int(STAFF_SESSION.total_seconds()))
    if not entered.is_half:
        name = cookie_name(edge.settings, DEVICE_COOKIE)
        marks = with_mark(edge.settings.secret_key, entered.email, request.cookies.get(name, ""))
        _set_cookie(answer, edge.settings, marks, int(DEVICE_KNOWN.total_seconds()), name)
    return answer


def _set_cookie(answer: Redirect, settings: Settings, value: str, seconds: int, name: str = "") -> None:
    """No seconds take it back; a browser heeds that only with the attributes it was set with."""
    answer.set_cookie(
        name or cookie_name(settings),
        value,
        max_age=seconds,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


@post("/staff/sign-in/passkey", include_in_schema=False)
async def enter_by_passkey(request: AnyRequest, edge: AnyEdge) -> Response[str] | Redirect:
    said = typed(request).one("passkey")
    try:
        half, _ = presented(request)
        entered = await passkey_shown(edge, said, request.headers.get("user-agent", ""), half or "")
    except SignInNeeded:
        problem = _say(request, "This passkey does not sign in here. Try again, or use your password.")
        return _sign_in_page(request, edge, StaffSignInView(problem=problem), 401)
    return await _in(request, edge, entered)


@get("/staff/sign-in/second-step", include_in_schema=False)
async def second_step_page(request: AnyRequest, edge: AnyEdge) -> Response[str] | Redirect:
    return await _second_page(request, edge)


async def _second_page(
    request: AnyRequest, edge: Edge, problem: str = "", status_code: int = 200
) -> Response[str] | Redirect:
    """Where the first step is too long ago it begins anew."""
    half = await half_of(edge, presented(request)[0] or "")
    if half is None:
        return Redirect("/staff/sign-in", status_code=303)
    _, staff = half
    async with edge.database.clinic_tx(staff.clinic_id, NOBODY_YET) as session:
        kinds = {one.kind for one in await factors(session, staff.id)}
    view = SecondStepView(
        options=to_enter(edge.settings, edge.now),
        has_app=FactorKind.APP in kinds,
        has_passkey=FactorKind.PASSKEY in kinds,
        problem=_say(request, problem) if problem else None,
    )
    locale = language_of(request.headers.get("accept-language"))
    return page("review/second_step.html", locale=locale, status_code=status_code, view=view)


@post("/staff/sign-in/second-step", include_in_schema=False)
async def second_step(request: AnyRequest, edge: AnyEdge) -> Response[str] | Redirect:
    code, token = typed(request).one("code"), presented(request)[0] or ""
    half = await half_of(edge, token)
    known = half is not None and _knows(request, edge, half[1].email)
    try:
        entered = await code_typed(edge, token, code, request.headers.get("user-agent", ""), known=known)
    except SignInNeeded:
        problem = "This code does not match, or was used before. Wait for the next one and try again."
        return await _second_page(request, edge, problem, 401)
    except TooMany:
        return await _second_page(request, edge, LOCKED_CODE, 429)
    return await _in(request, edge, entered)


LOCKED_CODE: Final = "Too many tries for today. Use a passkey, or ask an owner of your clinic."


@get("/staff/sign-in/by-mail", include_in_schema=False)
async def by_mail_page(request: AnyRequest) -> Response[str]:
    return page("review/by_mail.html", locale=language_of(request.headers.get("accept-language")), view=ByMailView())


@post("/staff/sign-in/by-mail", include_in_schema=False)
async def ask_by_mail(request: AnyRequest, edge: AnyEdge) -> Response[str]:
    """The same answer whether or not somebody has this email; the mail is queued once the answer is out."""
    locale = language_of(request.headers.get("accept-language"))
    raw = typed(request).one("email")
    email = clean_email(raw)
    if email is None:
        problem = _say(request, "Use an email address such as sam@clinic.example.")
        view = ByMailView(email=Field(raw, problem))
        return page("review/by_mail.html", locale=locale, status_code=422, view=view)
    async with edge.database.installation_tx() as connection:
        await count_guess(connection, "link by mail", email.lower(), edge.now, known=_knows(request, edge, email))
    answer = page("review/by_mail.html", locale=locale, view=ByMailView(email=Field(email), is_sent=True))
    answer.background = BackgroundTask(_send_links, edge, email)
    return answer


async def _send_links(edge: Edge, email: str) -> None:
    for clinic_id in await clinics_with(edge, email):
        async with edge.database.clinic_tx(clinic_id, NOBODY_YET) as session:
            await send_sign_in_link(session, email, edge.settings.secret_key, edge.now)


@get("/staff/sign-in/by-mail/{token:str}", include_in_schema=False)
async def mailed_page(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[str]:
    """Looking uses nothing up: mail servers look first."""
    return await _mailed(request, edge, token)


@post("/staff/sign-in/by-mail/{token:str}", include_in_schema=False)
async def enter_by_mail(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[str] | Redirect:
    known = read_token(token)
    if known is None:
        return await _mailed(request, edge, token)
    async with edge.database.clinic_tx(known[0], NOBODY_YET) as session:
        staff = await use_sign_in_link(session, known[1], edge.now, used=True)
        if staff is not None:
            entered = await first_step_done(session, staff, request.headers.get("user-agent", ""), edge)
    return await _in(request, edge, entered) if staff else await _mailed(request, edge, token)


async def _mailed(request: AnyRequest, edge: Edge, token: str) -> Response[str]:
    known, staff = read_token(token), None
    if known is not None:
        async with edge.database.clinic_tx(known[0], NOBODY_YET) as session:
            staff = await use_sign_in_link(session, known[1], edge.now)
    view = MailedView(url=request.url.path, name=staff.name) if staff else MailedView()
    locale = language_of(request.headers.get("accept-language"))
    return page("review/mailed.html", locale=locale, status_code=200 if staff else 410, view=view)


@post("/staff/sign-out", include_in_schema=False, before_second_factor=True)
async def sign_out(request: AnyRequest, staff: AnyCaller) -> Redirect:
    await own_form(request, staff)
    async with staff.tx() as session:
        await end_session(session, staff.person.session_id, staff.now)
    answer = Redirect("/staff/sign-in", status_code=303)
    _set_cookie(answer, staff.settings, "", 0)
    return answer


handlers = [
    sign_in_page,
    sign_in,
    enter_by_passkey,
    second_step_page,
    second_step,
    by_mail_page,
    ask_by_mail,
    mailed_page,
    enter_by_mail,
    sign_out,
]
