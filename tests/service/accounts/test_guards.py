"""Whose name a request asks for, and addresses that nothing can have: refused, never an error of ours."""

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.conftest import signed_in
from tests.make import make_team

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def sams(database: Database) -> dict[str, str]:
    team = await make_team(database, stocked=False)
    return await signed_in(database, team.clinic_id, staff_id=team.therapist_id)


async def test_an_unexpected_host_is_refused(api: AsyncClient) -> None:
    for host in ("evil.example", "[::1", "testserver.local:99999", "testserver.local:x", "", "test\u2100"):
        answer = await api.get("/v1/clients", headers={b"Host": host.encode()})
        assert answer.status_code == 400, host
    assert (await api.get("/no-page", headers={"Host": "[::1"})).status_code in (400, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/static/%00",
        "/static/a%00.css",
        "/static/%ff",
        "/static/" + "a" * 5000,
        "/static/" + "a/" * 3000,
        "/static/clamshell.css/inside",
        "/r/%00",
        "/r/%ff",
        "/v1/catalogue/%00",
    ],
)
async def test_a_path_that_nothing_can_have(api: AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize("query", ["tier=%00", "%00=1", "first=%ff", "done=%c3", "done=a%00b"])
@pytest.mark.parametrize("path", ["/v1/caseload", "/caseload", "/", "/sign-in", "/r/abc", "/static/clamshell.css"])
async def test_a_query_that_is_no_text(api: AsyncClient, sams: dict[str, str], path: str, query: str) -> None:
    assert (await api.get(f"{path}?{query}", headers=sams)).status_code == 422
