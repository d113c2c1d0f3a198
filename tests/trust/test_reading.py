"""GET and HEAD, on every route, of whoever may read it: no row is written but the two that decision 0004 allows, and
no request holds two connections."""

import re

import pytest

from service.settings import Settings
from tests.conftest import Clock, app_of, serving
from tests.connections import connections
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


async def test_who_reads_holds_one_connection_at_a_time_and_none_when_it_is_over(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    ours, _ = world
    wrong: list[str] = []
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            may = () if route.method != "GET" or route.name == ENDLESS else ALLOWED[route.name]
            for role in sorted(set(may) - {"nobody"}):
                with connections(undone) as taken:
                    ids = ours.ids["own"] | ours.personal.get(role, {})
                    await ask(api, route, ids, ours.headers[role])
                # The test inbox shows every clinic of this machine, and a link says only whose it is.
                is_own = route.is_page and not route.is_behind_a_key and not route.path.startswith("/dev/inbox")
                is_one = taken.times <= 1 or not is_own
                if taken.now or taken.most > 1 or not is_one:
                    wrong.append(f"{role}: {route.path}: {taken}")
    assert not wrong, "\n".join(wrong)


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
