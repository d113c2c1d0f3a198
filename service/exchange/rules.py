"""Completes the OpenAPI description with what is true of every operation: how it fails, and who may call it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `errors` names each field and what would be right.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "Stable: urn:clamshell:problem:refused, …"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "message")}
                | {"source": {"type": "array", "items": {"type": "string"}}},
            },
        },
    },
}
_FAILURE = {
    "description": "A problem; nothing was changed.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMES = {
    "session": {"type": "http", "scheme": "bearer", "description": "The token of a sign-in."},
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a program, clam_…, which an owner makes on the page /tokens. It may do what its "
        "scopes say; without leave to write it only reads; 600 requests a minute.",
    },
}
_OF_A_PERSON = ("/v1/sign-out", "/v1/digest")
"""What no program does in somebody's place."""


def complete(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A new description: every operation may answer with a problem, and bodies take no fields they do not name."""
    # Defaults of fields stand in it as objects of ours; a description is plain JSON.
    described: dict[str, Any] = msgspec.to_builtins(schema)
    components = described.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for path, operation in _operations(described):
        operation["responses"] = {
            code: _without_null(answer) for code, answer in operation["responses"].items() if code.startswith("2")
        } | {"default": _FAILURE}
        operation["security"] = _security(path)
        for name in _named(operation.get("requestBody", {}), schemas):
            schemas[name]["additionalProperties"] = False
    return described


def _security(path: str) -> list[dict[str, list[str]]]:
    """Webhooks have a proof of their own, which is their provider's."""
    if path == "/v1/sign-in/second-step" or path in _OF_A_PERSON:
        return [{"session": []}]
    is_open = "/sign-in" in path or path == "/health" or path.startswith("/hooks/")
    return [] if is_open else [{"session": []}, {"token": []}]


def _without_null(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without a body has no media type either."""
    schemas = [content.get("schema") for content in answer.get("content", {}).values()]
    return {name: part for name, part in answer.items() if name != "content" or schemas != [{"type": "null"}]}


def _operations(described: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described.get("paths", {}).items():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield path, operation


def _named(part: Any, schemas: Mapping[str, Any], seen: set[str] | None = None) -> set[str]:
    """The object schemas a part refers to, at any depth."""
    found = set() if seen is None else seen
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in found:
            found.add(name)
            _named(schemas[name], schemas, found)
        for child in part.values():
            _named(child, schemas, found)
    elif isinstance(part, list):
        for child in part:
            _named(child, schemas, found)
    return {name for name in found if "properties" in schemas[name]}
