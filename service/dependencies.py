"""What every request passes before its handler: where it comes from, and whether its body can be right.

JSON is read strictly here, once, with each field's own words for what would be right (the `description` of its Meta).
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar.handlers import HTTPRouteHandler

from service import remedies
from service.accounts.guards import MOST_FIELDS, AnyRequest
from service.accounts.guards.origins import check_host, check_same_origin
from service.accounts.guards.sent import FORM, keep_sent
from service.errors import FieldProblem, NotFound, Refused

_BODY_METHODS = ("POST", "PUT", "PATCH")
DEEPEST: Final = 32
"""Four times what any body of ours needs."""


async def check_request(request: AnyRequest) -> None:
    check_host(request)
    check_same_origin(request)
    _check_address(request)
    # Who takes files reads them as they come, in `service.catalogue.guards`.
    if request.method not in _BODY_METHODS or request.route_handler.opt.get("reads_its_own_body"):
        return
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body_type = _json_body_type(request.route_handler)
    if body_type is not None:
        _check_json(await request.body(), content_type, body_type)
    elif content_type == FORM:
        keep_sent(request, _checked(await request.body()))


def _check_address(request: AnyRequest) -> None:
    """Servers put U+FFFD where a path was no UTF-8; nothing of ours has it, or NUL, in its name."""
    if any(character in request.scope["path"] for character in "\x00\ufffd"):
        raise NotFound
    _checked(request.scope["query_string"])


def _json_body_type(handler: HTTPRouteHandler) -> Any:
    parameter = handler.parsed_fn_signature.parameters.get("data")
    return None if parameter is None else parameter.annotation


def _check_json(raw: bytes, content_type: str, body_type: Any) -> None:
    if content_type != "application/json":
        raise Refused.one("", "media_type", "Send JSON with the header Content-Type: application/json.")
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused.one("", "json", "Send one JSON value in UTF-8.") from None
    problems = [
        FieldProblem(pointer, "characters", "Leave out the NUL character.")
        for pointer, text in _texts(body)
        if "\x00" in text
    ]
    if problems:
        raise Refused(problems)
    try:
        msgspec.convert(body, body_type, strict=True, str_keys=True)
    except msgspec.ValidationError as error:
        raise Refused([_problem(str(error), body_type)]) from None


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    """Every text with its pointer. Level by level: a walk that goes down costs the depth for each text it meets."""
    level = [("", body)]
    for _ in range(DEEPEST):
        for pointer, value in level:
            if isinstance(value, str):
                yield pointer, value
            elif isinstance(value, dict):
                yield from ((f"{pointer}/{key}", key) for key in value)
        level = [inner for pointer, value in level for inner in _inside(pointer, value)]
        if not level:
            return
    raise Refused.one("", "depth", f"Put at most {DEEPEST} lists and objects into each other.")


def _inside(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ((f"{pointer}/{name}", inner) for name, inner in pairs)


def _problem(message: str, body_type: Any) -> FieldProblem:
    """msgspec says `Expected … - at `$.items[0].sets``; a field's description says it better when it has one."""
    said, _, path = message.partition(" - at `$")
    pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
    if "missing required field" in said:
        name = said.rpartition("`")[0].rpartition("`")[2]
        return FieldProblem(f"{pointer}/{name}", "required", "This is needed.")
    if "unknown field" in said:
        name = said.rpartition("`")[0].rpartition("`")[2]
        return FieldProblem(f"{pointer}/{name}", "unknown", "There is no such field; leave it out.")
    words = remedies.of_field(body_type, pointer, is_other_type=", got `" in said)
    return FieldProblem(pointer, "invalid", words or f"{said}.")


def _checked(raw: bytes) -> list[tuple[str, str]]:
    """The fields of a form, or of the query of an address."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _unreadable(raw) from None
    bad = [name for name, value in pairs if "\x00" in value or "\x00" in name]
    if bad:
        raise Refused([FieldProblem(f"/{bad[0]}", "characters", "Leave out the NUL character.")])
    return pairs


def _unreadable(raw: bytes) -> Refused:
    """Names the first field that is no UTF-8."""
    kept = "surrogateescape"
    for name, value in parse_qsl(raw.decode("ascii", kept), keep_blank_values=True, errors=kept):
        try:
            (name + value).encode()
        except UnicodeEncodeError:
            shown = name.encode(errors=kept).decode(errors="replace")
            return Refused.one(f"/{shown}", "characters", "Write this in UTF-8.")
    return Refused.one("", "fields", f"Send at most {MOST_FIELDS} fields.")
