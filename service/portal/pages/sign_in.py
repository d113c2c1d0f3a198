"""Signing in with a code. The pages say the same whether or not anybody has the address."""

from collections.abc import Sequence
from typing import Any

from litestar import post, route
from litestar.response import Redirect, Response

from service.accounts import rules as people
from service.accounts import sign_in as sessions
from service.accounts.guards import AnyCaller, AnyEdge, AnyRequest, check_form
from service.accounts.guards.former import end_former
from service.accounts.guards.sent import sent_form
from service.accounts.routes import cleaned_address, client_signed_in, code_asked
from service.errors import Refused, SignInNeeded
from service.page import language_of, page
from service.portal import guards
from service.portal.pages.carrying import remember, typed_page
from service.portal.pages.today import READ
from service.portal.rules.typed import carried, typed_in
from service.portal.schemas.sign_in import EnterCodeView, SignInView
from service.words import translator

LONGEST_ADDRESS = 320
LONGEST_NAME = 200
ADDRESS_HINT = "Write your number with its country code, such as +1 202 555 0142, or your email."


@route("/sign-in", http_method=READ)
async def ask_address(request: AnyRequest) -> Response[str]:
    return _address_page(request, SignInView())


def sign_in_again(request: AnyRequest) -> Response[str] | None:
    """For a form of a client's page that came when the session had ended. None when there is nothing to carry."""
    sent = sent_form(request)
    typed = typed_in(request.scope["path"], sent.carried) if sent else None
    return _address_page(request, SignInView(typed=typed.hidden), 401) if typed else None


@post("/sign-in")
async def send_code(request: AnyRequest, edge: AnyEdge) -> Response[str]:
    form = guards.form_of(request)
    address, typed = form.one("address"), carried(form)
    hidden = typed.hidden if typed else ()
    if form.one("again"):
        return _address_page(request, SignInView(typed=hidden))
    if len(address) > LONGEST_ADDRESS or not (_email(address) or _phone(address)):
        problem = _say(request, ADDRESS_HINT)
        return _address_page(request, SignInView(address=address, problem=problem, typed=hidden), 422)
    answer = _code_page(request, address, typed=hidden)
    if typed:
        remember(answer, edge.settings, typed)
    answer.background = await code_asked(edge, address, guards.marks_of(request))
    return answer


@route("/sign-in/code", http_method=READ)
async def ask_code(request: AnyRequest) -> Redirect:
    """The address is not kept in the browser, so a page that was reloaded asks for it again."""
    return Redirect("/sign-in")


@post("/sign-in/code")
async def check_code(request: AnyRequest, edge: AnyEdge) -> Response[Any]:
    form = guards.form_of(request)
    address, code = form.one("address")[:LONGEST_ADDRESS], "".join(form.one("code").split())
    user_agent, first_name = request.headers.get("user-agent", ""), form.one("first_name")[:LONGEST_NAME]
    typed = carried(form)
    hidden = typed.hidden if typed else ()
    try:
        signed_in = await client_signed_in(edge, address, code, user_agent, first_name, guards.marks_of(request))
    except SignInNeeded:
        return _code_page(request, address, "The code did not match. Check the message and try again.", typed=hidden)
    except Refused as refused:
        [problem] = refused.problems
        is_shared = problem.pointer == "/first_name"
        return _code_page(request, address, problem.message, code if is_shared else None, first_name, hidden)
    is_client = signed_in.kind == "client"
    shown = await typed_page(edge, signed_in.person_id, signed_in.token, typed) if is_client else None
    answer = shown or Redirect("/today", status_code=303)
    await end_former(request, edge)
    guards.sign_in(answer, edge.settings, signed_in.token)
    guards.carry(answer, edge.settings, "")
    guards.know_device(answer, request, cleaned_address(address))
    return answer


@post("/sign-out")
async def sign_out(request: AnyRequest, caller: AnyCaller) -> Redirect:
    check_form(caller, dict((guards.form_of(request)).pairs))
    async with caller.tx() as session:
        await sessions.end_session(session, caller.person.session_id, caller.now)
    answer = Redirect("/sign-in", status_code=303)
    guards.sign_out(answer, caller.settings)
    return answer


def _address_page(request: AnyRequest, view: SignInView, status_code: int = 200) -> Response[str]:
    return page("portal/sign_in.html", locale=_language(request), status_code=status_code, view=view)


def _code_page(
    request: AnyRequest,
    address: str,
    problem: str | None = None,
    right_code: str | None = None,
    first_name: str = "",
    typed: Sequence[tuple[str, str]] = (),
) -> Response[str]:
    """With a right code, that of an address of two people, the page asks which of them signs in."""
    # Everything shown comes from what was typed: it cannot tell whether anybody has the address.
    number = _say(request, "the number that ends in %(end)s") % {"end": address[-2:]}
    view = EnterCodeView(
        sent_to=address if _email(address) else number,
        address=address,
        by_text=not _email(address),
        problem=_say(request, problem) if problem else None,
        right_code=right_code,
        first_name=first_name,
        typed=typed,
    )
    status_code = 422 if problem else 200
    return page("portal/enter_code.html", locale=_language(request), status_code=status_code, view=view)


def _email(address: str) -> str | None:
    return people.clean_email(address)


def _phone(address: str) -> str | None:
    return people.phone_e164(address, "US")


def _language(request: AnyRequest) -> str:
    return language_of(request.headers.get("accept-language"))


def _say(request: AnyRequest, words: str) -> str:
    return translator(_language(request)).gettext(words)


handlers = [ask_address, send_code, ask_code, check_code, sign_out]
