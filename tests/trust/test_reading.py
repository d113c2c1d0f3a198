"""GET and HEAD, on every route, of whoever may read it: no row is written but the two that decision 0004 allows."""

import re

import pytest

from service.settings import Settings
from tests.conftest import Clock, app_of, serving
from tests.service.portal.conftest import watched, writes
from tests.trust.asking import ask, routes
from tests.trust.clinics import Side, Undone
from tests.trust.table import ALLOWED, ENDLESS, ROLES

pytestmark = pytest.mark.anyio


async def test_reading_writes_nothing_but_who_looked_and_that_a_session_is_used(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    ours, _ = world
    written: dict[str, list[str]] = {}
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            # The client where a client may: what is read by staff too is written by the same lines.
            role = next((role for role in reversed(ROLES) if role in ALLOWED[route.name]), "nobody")
            for method in ("GET", "HEAD") if route.method == "GET" and route.name != ENDLESS else ():
                with watched(undone) as statements:
                    await ask(api, route, ours.ids["own"], ours.headers.get(role, {}), method=method)
                if found := writes(statements):
                    written[f"{method} {route.path}"] = found
    assert written == {}


async def test_whoever_at_the_clinic_is_shown_a_client_leaves_a_line_in_the_trail(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    ours, _ = world
    silent: list[str] = []
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            is_left_out = route.method != "GET" or route.name == ENDLESS or route.path.startswith("/dev/inbox")
            may = () if is_left_out else ALLOWED[route.name]
            for role in sorted(set(may) - {"client", "nobody"}):
                with watched(undone) as statements:
                    answer = await ask(api, route, ours.ids["own"] | ours.personal.get(role, {}), ours.headers[role])
                is_told = any(statement.startswith("INSERT INTO audit_entry") for statement in statements)
                if re.search(f"{ours.mark}-(own|same)", answer.text) and not is_told:
                    silent.append(f"{role}: {route.path}")
    assert not silent, "\n".join(silent)


async def test_the_watch_sees_what_a_form_writes(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    ours, _ = world
    async with serving(settings, undone, clock) as api:
        [route] = [one for one in routes(app_of(settings, undone, clock)) if one.name == "POST /devices/others"]
        with watched(undone) as statements:
            await ask(api, route, ours.ids["own"], ours.headers["client"], ours.forms["client"])
    assert writes(statements)
