"""One table from errors to answers: problem+json (RFC 9457) for programs, a plain page with a way back for people."""

from math import ceil
from typing import Any

from litestar import Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.params import ParameterKwarg
from litestar.response import Redirect
from msgspec import Struct, to_builtins

from service import errors, logs
from service.accounts.guards import AnyRequest
from service.page import language_of, page
from service.portal.pages.sign_in import sign_in_again
from service.remedies import of_parameter
from service.review.pages.kept import Why, kept_page
from service.words import translator

logger = logs.logger("errors")


class Problem(Struct, omit_defaults=True, frozen=True):
    """RFC 9457 body. `errors` names each field and what would be right."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, Any]] = []
    request_id: str = ""


KINDS: dict[type[Exception], tuple[int, str, str]] = {
    errors.ReasonNeeded: (422, "reason-needed", "This needs a reason. Nothing was changed."),
    errors.Refused: (422, "refused", "Something in this request cannot be right."),
    errors.NotFound: (404, "not-found", "There is nothing here."),
    errors.SignInNeeded: (401, "sign-in-needed", "Please sign in."),
    errors.FactorNeeded: (403, "factor-needed", "Add a second way to sign in first, on the page Security."),
    errors.ProofNeeded: (403, "proof-needed", "Show once more that it is you."),
    errors.Forbidden: (403, "forbidden", "You may not do this."),
    errors.BadSignature: (403, "bad-signature", "The signature is not right."),
    errors.Stale: (412, "stale", "This changed since you read it. Read it again."),
    errors.IdTaken: (409, "id-taken", "This was sent before, and said something else. What came first is kept."),
    errors.PlanRuns: (409, "plan-runs", "A plan runs already. Change it, or end it first."),
    errors.Conflict: (409, "conflict", "Somebody else was first. Read it again."),
    errors.NotInstalled: (
        501,
        "not-installed",
        "PDFs are not set up here (the extra pdf, see the README). You can print the page.",
    ),
    errors.Unavailable: (503, "unavailable", "We could not make this just now. You can print the page."),
    errors.TooMany: (429, "too-many", "Too many tries. Please wait."),
}
HTTP_KINDS: dict[int, tuple[str, str]] = {
    400: ("bad-request", "We could not read this request."),
    404: ("not-found", "There is nothing here."),
    405: ("method-not-allowed", "This address does not take that method."),
    413: ("too-large", "This is too large. Send at most 1 MB."),
    415: ("media-type", "Send JSON as application/json."),
}
_FOR_PROGRAMS = ("/v1/", "/hooks/", "/media/", "/dev/inbox/messages", "/health")
"""Nobody reads what these answer as a page; a sign-in page in the place of a picture helps nobody."""
_STAFF_SIDE = (
    *(
        "/bulk",
        "/caseload",
        "/clients",
        "/dev/",
        "/digest",
        "/exercises",
        "/habits",
        "/security",
        "/settings",
        "/setup",
        "/staff",
    ),
    *("/team", "/templates", "/texts", "/tokens", "/wording"),
)
_CLIENTS, _STAFFS = "/sign-in", "/staff/sign-in"
_SIGNED_OUT = "You were signed out"
_GONE = "It was taken away, or it is somebody else's now."
_WRONG_ADDRESS = "This address asks for something we do not know."
"""People pick what stands in an address; the names of its parts say nothing to them."""
_UNKNOWN = (500, "server-error", "We could not do this. Nothing was changed. Please try again.")


def answer(request: AnyRequest, error: Exception) -> Response[Any]:
    """The one exception handler of the application."""
    problem = problem_of(request, error)
    if problem.status >= 500:
        problem = Problem(problem.type, problem.title, problem.status, request_id=logs.request_id() or "")
        logger.error("unexpected error", exc_info=error)
    if _wants_page(request):
        return _page(request, error, problem)
    return Response(
        to_builtins(problem),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=_headers(error),
    )


def problem_of(request: AnyRequest, error: Exception) -> Problem:
    for kind, (status, slug, title) in KINDS.items():
        if isinstance(error, kind):
            return Problem(_type(slug), title, status, errors=_field_errors(error))
    if isinstance(error, ValidationException):
        return Problem(_type("refused"), KINDS[errors.Refused][2], 422, errors=_validation_errors(request, error))
    if isinstance(error, HTTPException):
        return _http_problem(error)
    status, slug, title = _UNKNOWN
    return Problem(_type(slug), title, status)


def _http_problem(error: HTTPException) -> Problem:
    slug, title = HTTP_KINDS.get(error.status_code, HTTP_KINDS[400])
    if error.status_code >= 500:
        return Problem(_type(_UNKNOWN[1]), _UNKNOWN[2], 500)
    return Problem(_type(slug), title, error.status_code)


def _type(slug: str) -> str:
    return f"urn:clamshell:problem:{slug}"


def _field_errors(error: Exception) -> list[dict[str, Any]]:
    if not isinstance(error, errors.Refused):
        return []
    return [_field_error(problem) for problem in error.problems]


def _field_error(problem: errors.FieldProblem) -> dict[str, Any]:
    told: dict[str, Any] = {"pointer": problem.pointer, "code": problem.code, "message": problem.message}
    return told | {"source": list(problem.sources)} if problem.sources else told


def _validation_errors(request: AnyRequest, error: ValidationException) -> list[dict[str, Any]]:
    """Litestar's own checks of path and query parameters, which it calls as their functions do."""
    extra = error.extra if isinstance(error.extra, list) else []
    return [_parameter_error(request, str(e.get("key", "")), str(e.get("message", ""))) for e in extra]


def _parameter_error(request: AnyRequest, key: str, message: str) -> dict[str, Any]:
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key.partition(".")[0])
    if parameter is None:
        return {"pointer": f"/{key}", "code": "invalid", "message": message}
    asked = parameter.kwarg_definition
    described = (asked.name, asked.description) if isinstance(asked, ParameterKwarg) else (None, None)
    name, words = described[0] or key, of_parameter(parameter.annotation, described[1])
    return {"pointer": f"/{name}", "code": "invalid", "message": words or message}


def _headers(error: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers |= dict(error.headers)
    return headers


def _wants_page(request: AnyRequest) -> bool:
    return not request.scope["path"].startswith(_FOR_PROGRAMS) and "json" not in (
        request.headers.get("content-type", "")
    )


def _page(request: AnyRequest, error: Exception, problem: Problem) -> Response[Any]:
    if isinstance(error, errors.ProofNeeded):
        status_code = problem.status
        return page("review/prove.html", locale=error.locale, status_code=status_code, view=error.view, csrf=error.csrf)
    to = _way_in(request) if isinstance(error, errors.SignInNeeded) else None
    if isinstance(error, errors.FactorNeeded):
        to = "/security"
    if to and request.method in ("GET", "HEAD"):
        return Redirect(to)
    kept = sign_in_again(request) if to == _CLIENTS else _kept(request, error, problem, to)
    if kept is None and isinstance(error, errors.FactorNeeded):
        return Redirect("/security", status_code=303)
    return kept or _plain_page(request, error, problem)


def _way_in(request: AnyRequest) -> str:
    return _STAFFS if request.scope["path"].startswith(_STAFF_SIDE) else _CLIENTS


def _kept(request: AnyRequest, error: Exception, problem: Problem, to: str | None) -> Response[str] | None:
    say = translator(language_of(request.headers.get("accept-language"))).gettext
    told = [say(_GONE)] if isinstance(error, errors.NotFound) else _told(request, error, problem)
    why = Why(say(_SIGNED_OUT if to == _STAFFS else problem.title), problem.status, told, problem.request_id, to)
    return kept_page(request, why, _headers(error))


def _told(request: AnyRequest, error: Exception, problem: Problem) -> list[str]:
    """What is to be said beside the title, in the reader's language."""
    words = translator(language_of(request.headers.get("accept-language")))
    if isinstance(error, errors.TooMany):
        minutes = ceil(error.retry_after_seconds / 60)
        if minutes >= 60:
            hours = ceil(minutes / 60)
            return [words.ngettext("Try again in %(num)s hour.", "Try again in %(num)s hours.", hours) % {"num": hours}]
        told = words.ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
        return [told % {"num": minutes}]
    if isinstance(error, ValidationException):
        return [words.gettext(_WRONG_ADDRESS)]
    return [words.gettext(one["message"]) for one in problem.errors]


def _plain_page(request: AnyRequest, error: Exception, problem: Problem) -> Response[str]:
    locale = language_of(request.headers.get("accept-language"))
    return page(
        "error.html",
        locale=locale,
        status_code=problem.status,
        headers=_headers(error),
        title=translator(locale).gettext(problem.title),
        errors=_told(request, error, problem),
        back="/",
        request_id=problem.request_id,
    )


HANDLED: list[type[Exception]] = [
    errors.ClamshellError,
    ClientException,
    NotFoundException,
    HTTPException,
    Exception,
]
