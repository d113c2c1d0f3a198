"""HEAD is answered like GET, without a body, on every address that GET has."""

import pytest
from httpx import AsyncClient
from litestar.routes import HTTPRoute

from service.database.tenancy import Database
from service.pictures import pictures
from service.settings import Settings
from tests.conftest import Clock, app_of, signed_in
from tests.make import make_team

pytestmark = pytest.mark.anyio


async def test_head_says_what_get_says(api: AsyncClient, settings: Settings, database: Database, clock: Clock) -> None:
    team = await make_team(database)
    headers = await signed_in(database, team.clinic_id, staff_id=team.owner_id)
    routes = [route for route in app_of(settings, database, clock).routes if isinstance(route, HTTPRoute)]
    # A stream goes on for as long as somebody listens.
    assert (await api.head("/caseload/live", headers=headers)).headers["content-type"].startswith("text/event-stream")
    found = [route.path for route in routes if "GET" in route.methods and "{" not in route.path_format]
    read = [path for path in found if path != "/caseload/live"]
    assert {"/caseload", "/today", "/reminders", "/v1/caseload", "/health", "/docs/api"} <= set(read)
    for path in [*read, f"/pictures/{next(iter(pictures()))}"]:
        got, asked = await api.get(path, headers=headers), await api.head(path, headers=headers)
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        assert asked.headers.get("content-type") == got.headers.get("content-type"), path
        # Compressed, a page with a token of its own has another length each time.
        assert ("content-length" in asked.headers) == ("content-length" in got.headers), path


async def test_what_only_takes_a_form_takes_no_head(api: AsyncClient) -> None:
    assert (await api.head("/my-data/file")).status_code == 405
