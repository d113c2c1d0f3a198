"""Every route of the application, and a request for each that could be right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response
from litestar import Litestar
from litestar.routes import HTTPRoute

from service.diary.rules.screening import WORDING as SCREEN_WORDING
from service.pictures import pictures
from tests.make import NOW, TODAY, WORDING

DAY = TODAY.isoformat()
PICTURE = next(iter(pictures()))
CONSTANT = {
    "day": DAY,
    "channel": "email",
    "path": "clamshell.css",
    "what": "end",
    "kind": "picture",
    "bulk_id": "0192b7a4-0000-7000-8000-000000000001",
}
KINDS = {
    "/v1/catalogue/{kind}": "site",
    "/v1/clients/{client_id}/diary/{kind}/{entry_id}/revisions": "pain_entry",
    "/v1/clients/{client_id}/reminders/{kind}": "check_in",
    "/wording/of/{kind}": "check_in",
    "/reminders/of/{kind}": "check_in",
    "/reminders/of/{kind}/text": "check_in",
}
_HEADERS = {"PUT /v1/clients/{client_id}/plan": {"If-Match": '"of-before"'}}
QUERIES = {
    "GET /v1/clients/{client_id}/plan/draft": "template={template_id}",
    "GET /clients/{client_id}/plan/new": "start=template:{template_id}",
}
_PLAN = {
    "starts_on": DAY,
    "items": [{"exercise": "{code}", "cadence": {"times_per_week": 3}}],
    "habits": [{"habit": "hab-hang-hip"}],
}
_MARK = {"rule": "danger", "as_of": NOW.isoformat()}
BODIES: dict[str, Mapping[str, Any]] = {
    "POST /v1/sign-in": {"email": "nobody@clinic.example", "password": "correct horse battery"},
    "POST /v1/sign-in/second-step": {"code": "123456"},
    "POST /v1/sign-in/code": {"address": "nobody@mail.example"},
    "POST /v1/sign-in/code/check": {"address": "nobody@mail.example", "code": "123456"},
    "POST /v1/clients": {"name": "Tom", "zone": "UTC", "email": "tom@mail.example", "consent": {"email": WORDING}},
    "POST /v1/exercises": {
        "code": "new-move",
        "name": "New",
        "group": "glute",
        "reps": [5, 10],
        "sets": [1, 3],
        "sides": ["both"],
        "working_side": "both",
    },
    "POST /v1/habits": {
        "code": "new-habit",
        "prompt": "How far?",
        "kind": "minutes",
        "good": {"rule": "min", "value": 5},
    },
    "POST /v1/plan-templates": {"name": "Kept", "plan_version": "{plan_version}"},
    "PATCH /v1/plan-templates/{template_id}": {"name": "Other"},
    "PATCH /v1/settings": {"flare_score": 5},
    "PATCH /v1/settings/limits": {"guard_exercises": 3},
    "PUT /v1/digest": {"local_time": "08:00", "weekdays": ["mon"]},
    "POST /v1/caseload/{client_id}/done": {**_MARK, "note": "Rang"},
    "POST /v1/caseload/{client_id}/seen": _MARK,
    "POST /v1/caseload/{client_id}/snooze": {"rule": "went_quiet", "days": 3},
    "PUT /v1/clients/{client_id}/addresses/{channel}": {"address": "new@mail.example"},
    "PUT /v1/clients/{client_id}/contexts": {"contexts": []},
    "PUT /v1/clients/{client_id}/fixes/{plan_fix_id}/days/{day}": {"answer": "done"},
    "PUT /v1/clients/{client_id}/habit-links": {"shown": True},
    "PUT /v1/clients/{client_id}/habits/{plan_habit_id}/days/{day}": {"value": True},
    "PUT /v1/bulk-messages/{bulk_id}": {"to": ["{client_id}"], "text": "Closed on Friday"},
    "PUT /v1/clients/{client_id}/helpers/{helper_id}": {
        "name": "Ana",
        "relation": "family",
        "contact": "ana@mail.example",
        "consent": WORDING,
    },
    "POST /v1/clients/{client_id}/helpers/{helper_id}/link": {"consent": WORDING},
    "PUT /v1/clients/{client_id}/invitations/{invitation_id}": {"channel": "sms"},
    "PUT /v1/clients/{client_id}/intakes/{intake_id}": {"red_flags": [], "based_on": 1},
    "POST /v1/clients/{client_id}/messages": {"text": "Hello"},
    "POST /v1/clients/{client_id}/messages/read": {"until": NOW.isoformat()},
    "POST /v1/clients/{client_id}/monitoring": {"starts_on": DAY},
    "PUT /v1/clients/{client_id}/monitoring/times/{time_id}": {"day": DAY, "minutes": 5},
    "PUT /v1/clients/{client_id}/mornings/{day}": {"score": 3, "response": "same"},
    "PUT /v1/clients/{client_id}/pain-entries/{entry_id}": {"score": 4},
    "POST /v1/clients/{client_id}/plan": _PLAN,
    "PUT /v1/clients/{client_id}/next-visit": {"day": DAY},
    "PUT /v1/clients/{client_id}/plan": _PLAN,
    "POST /v1/clients/{client_id}/plan/end": {"last_day": DAY},
    "POST /v1/clients/{client_id}/plan/pauses": {"from_day": DAY},
    "POST /v1/clients/{client_id}/plan/resume": {"from_day": DAY},
    "PUT /v1/clients/{client_id}/red-flag-answers/{screen_id}": {"wording": SCREEN_WORDING, "yes": ["rf-dvt"]},
    "POST /v1/clients/{client_id}/red-flags/{flag_id}/close": {"note": "Seen"},
    "PUT /v1/clients/{client_id}/reminders/{kind}": {"local_times": ["09:00"], "channels": ["email"]},
    "PUT /v1/clients/{client_id}/sessions/{entry_id}": {
        "outcome": "partly",
        "done_items": ["{plan_item_id}"],
        "sets": [{"plan_item_id": "{plan_item_id}", "reps": 5}],
    },
    "PUT /v1/clients/{client_id}/treatments/{treatment_id}": {"kind": "massage"},
    "PUT /v1/clients/{client_id}/urgency/{answer_id}": {"answer": "can_wait"},
    "PUT /v1/clients/{client_id}/visits/{day}": {},
}
_FORMS: dict[str, Mapping[str, str]] = {
    "POST /clients/{client_id}/plan/picked": {"start": "template:{template_id}"},
    "POST /clients/{client_id}/plan/template": {"name": "Kept", "number": "1"},
    "POST /clients/{client_id}/links": {"shown": "yes"},
    "POST /clients/{client_id}/red-flags": {"flag": "{flag_id}", "note": "Seen"},
    "POST /security/factors/{factor_id}/name": {"name": "Other"},
    "POST /today/fixes/{plan_fix_id}": {"answer": "done"},
    "POST /today/habits/{plan_habit_id}": {"value": "yes"},
    "POST /today/undo": {"entry": "{entry_id}", "kind": "pain_entry"},
}
MOST_OF_BODIES = {"/v1/exercises/{code}/media/{kind}", "/exercises/{exercise_id}/{kind}"}


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def things(self) -> list[str]:
        """What its address, or what is sent to it, names of a clinic."""
        sent = json.dumps(
            [
                self.path.replace("/pictures/{name}", ""),
                QUERIES.get(self.name),
                BODIES.get(self.name),
                _FORMS.get(self.name),
            ]
        )
        return [name for name in _NAMES if f"{{{name}}}" in sent]

    @property
    def is_behind_a_key(self) -> bool:
        return "{token}" in self.path or self.path.startswith("/hooks/")

    @property
    def is_page(self) -> bool:
        return self.method == "GET" and not self.path.startswith(("/v1/", "/media/"))


_NAMES = (
    *("client_id", "clinic_id", "staff_id", "attempt_id", "entry_id", "treatment_id", "visit_id", "template_id"),
    *(
        "exercise_id",
        "habit_id",
        "code",
        "name",
        "time_id",
        "flag_id",
        "screen_id",
        "intake_id",
        "answer_id",
        "session_id",
    ),
    *("plan_fix_id", "plan_habit_id", "plan_item_id", "plan_version", "text_id", "token"),
    *("habit_id", "helper_id", "factor_id", "token_id", "invitation_id"),
)


def routes(app: Litestar) -> list[Route]:
    """HEAD is GET without its body, in one place for all; OPTIONS says which methods there are."""
    found = [
        (method, route.path_format) for route in app.routes if isinstance(route, HTTPRoute) for method in route.methods
    ]
    return [Route(*one) for one in sorted(set(found)) if one[0] not in ("HEAD", "OPTIONS")]


def nothing() -> dict[str, str]:
    """Names of the right form that nothing has."""
    made = {name: str(uuid4()) for name in _NAMES}
    return made | {"code": "no-such-move", "name": f"{uuid4().hex}.jpg", "token": uuid4().hex}


def _filled(part: Any, ids: Mapping[str, str]) -> Any:
    words = json.dumps(part)
    for name, value in ids.items():
        words = words.replace(f"{{{name}}}", value)
    return json.loads(words)


async def ask(
    api: AsyncClient,
    route: Route,
    ids: Mapping[str, str],
    headers: Mapping[str, str],
    csrf: str = "",
    *,
    method: str = "",
) -> Response:
    known = {**ids, **CONSTANT, "kind": KINDS.get(route.path, "picture")}
    headers = {**headers, **_HEADERS.get(route.name, {})}
    path = _filled(route.path.replace("/pictures/{name}", f"/pictures/{PICTURE}"), known)
    if route.name in QUERIES:
        path += "?" + _filled(QUERIES[route.name], known)
    if route.path in MOST_OF_BODIES and route.method in ("POST", "PUT"):
        # The fields of a form stand before its file.
        return await api.request(
            route.method,
            path,
            data={"csrf": csrf, "alt": "A picture"},
            files={"file": ("x.jpg", b"no picture", "image/jpeg")},
            headers=headers,
        )
    if route.name in BODIES:
        return await api.request(route.method, path, json=_filled(BODIES[route.name], known), headers=headers)
    if route.method == "POST" and not route.path.startswith("/v1/"):
        form = _filled(_FORMS.get(route.name, {}), known)
        return await api.post(path, data={"csrf": csrf, **form}, headers=headers)
    # A stream goes on for as long as somebody listens: who asks for its head is let go.
    method = "HEAD" if route.path == "/caseload/live" else method or route.method
    return await api.request(method, path, headers=headers)
