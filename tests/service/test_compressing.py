"""What goes out compressed, what does not, and that no page holds a token twice."""

import gzip
import re
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient

from service.accounts.guards import csrf_token
from service.compressing import Compressing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/sign-in", "/static/clamshell.css", "/docs/api"])
async def test_a_page_and_its_files_are_smaller_for_who_can_read_them_so(api: AsyncClient, path: str) -> None:
    plain = await api.get(path, headers={"Accept-Encoding": "identity"})
    async with api.stream("GET", path, headers={"Accept-Encoding": "br, gzip"}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 1.5
    assert gzip.decompress(raw) == plain.content
    assert plain.headers.get("content-encoding") is None


@pytest.mark.parametrize("offer", ["", "br", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
async def test_who_does_not_ask_for_it_gets_it_plain(api: AsyncClient, offer: str) -> None:
    answer = await api.get("/static/clamshell.css", headers={"Accept-Encoding": offer})
    assert "content-encoding" not in answer.headers
    assert answer.text.startswith("/* Clamshell")


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/static/icon.svg"], ids=["the API", "a small file"])
async def test_what_gains_nothing_or_is_not_a_page_stays_as_it_is(api: AsyncClient, path: str) -> None:
    answer = await api.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"content-type": "text/css", "content-length": "4000"}),
        (200, {"content-type": "video/mp4", "content-length": "4000"}),
        (200, {"content-type": "text/event-stream"}),
    ],
    ids=["a part", "a film", "a stream"],
)
async def test_parts_films_and_streams_pass_piece_by_piece(status: int, headers: dict[str, str]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": b"a" * 2000, "more_body": True})
        await send({"type": "http.response.body", "body": b"b" * 2000, "more_body": False})

    async with AsyncClient(transport=ASGITransport(Compressing(app)), base_url="http://here") as client:  # type: ignore[arg-type]
        answer = await client.get("/static/it", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content == b"a" * 2000 + b"b" * 2000


def test_each_page_has_a_token_of_its_own_and_all_of_them_hold() -> None:
    session = UUID(int=1)
    tokens = {csrf_token("k" * 40, session) for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[0-9a-f]{80}", token) for token in tokens)
    assert all(csrf_token("k" * 40, session, token[:16]) == token for token in tokens)
    assert all(csrf_token("k" * 40, UUID(int=2), token[:16]) != token for token in tokens)
