"""Open caseloads hear that something changed, and nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.guards import Person
from service.database.tenancy import Database
from service.errors import TooMany
from service.ids import new_id
from service.review.queries.pulse import pulse
from service.review.views import live as views
from service.review.views.live import PAGES_OF_ONE, Live
from service.settings import Settings
from tests import told
from tests.conftest import Clock, app_of
from tests.connections import connections
from tests.make import NOW, TODAY
from tests.service.review.browsing import World, look, send

pytestmark = pytest.mark.anyio

EVERY = 0.02


class Stream:
    """What one open page is told, as it comes over the wire. A server that says nothing fails the test in seconds."""

    def __init__(self) -> None:
        self.status = 0
        self.kind = ""
        self.body = ""
        self.news = asyncio.Event()
        self.closed = asyncio.Event()
        self.is_over = False

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.kind = dict(message["headers"])[b"content-type"].decode()
        else:
            self.body += message["body"].decode()
            self.is_over = not message.get("more_body", False)
        self.news.set()

    async def receive(self) -> Any:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    def told(self, name: str) -> list[str]:
        return re.findall(rf"event: {name}\ndata: (.*)\n", self.body)

    async def until(self, name: str, count: int = 1) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.told(name)) < count:
                self.news.clear()
                await self.news.wait()
        return self.told(name)

    async def until_over(self) -> None:
        async with asyncio.timeout(10):
            while not self.is_over:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def live(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Live]:
    app = app_of(settings, database, clock)
    kept, made = app.state.live, Live(database, clock, EVERY)
    app.state.live = made
    yield made
    made.close()
    app.state.live = kept


@asynccontextmanager
async def opened(
    settings: Settings, database: Database, clock: Clock, world: World, who: str, since: str = ""
) -> AsyncIterator[Stream]:
    stream = Stream()
    headers = {"host": "testserver.local", **world.headers.get(who, {})}
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/caseload/live",
        "raw_path": b"/caseload/live",
        "query_string": f"since={since}".encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("testserver.local", 80),
    }
    app: Any = app_of(settings, database, clock)
    task = asyncio.create_task(app(scope, stream.receive, stream.send))
    try:
        async with asyncio.timeout(10):
            while not stream.status:
                stream.news.clear()
                await stream.news.wait()
        yield stream
    finally:
        stream.closed.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, 10)


@pytest.fixture
def page(settings: Settings, database: Database, clock: Clock, world: World, live: Live) -> Any:
    return lambda who, since="": opened(settings, database, clock, world, who, since)


async def pulse_of(database: Database, world: World) -> str:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return await pulse(session)


async def seen(api: AsyncClient, world: World, who: str, name: str) -> None:
    path = f"/caseload/{world.clients[name].id}/seen"
    form = {"rule": "went_quiet", "as_of": NOW.isoformat()}
    assert (await send(api, world, path, form, who, page="/caseload")).status_code == 303


async def test_who_treats_the_client_and_the_owner_hear_of_it_and_nobody_of_another_clinic(
    api: AsyncClient, world: World, page: Any
) -> None:
    async with page("therapist") as own, page("owner") as owner, page("stranger") as stranger:
        for stream in (own, owner, stranger):
            assert (stream.status, stream.kind) == (200, "text/event-stream; charset=utf-8")
            assert len(await stream.until("beat")) == 1
        await seen(api, world, "therapist", "Maria")
        assert await own.until("change") == ["1"]
        assert await owner.until("change") == ["1"]
        # Robin's client is none of Sam's, and the owner's like any.
        await seen(api, world, "owner", "Rita")
        assert await owner.until("change", 2) == ["1", "1"]
        assert own.told("change") == ["1"]
        assert stranger.told("change") == []
        assert "Maria" not in own.body + owner.body


async def test_the_desk_and_clients_and_whoever_is_not_signed_in_are_told_nothing(page: Any) -> None:
    for who, status in (("front desk", 403), ("client", 403), ("nobody", 302)):
        async with page(who) as stream:
            await stream.until_over()
            assert stream.status == status
            assert "event:" not in stream.body


async def test_an_open_page_holds_no_connection(database: Database, page: Any) -> None:
    with connections(database) as taken:
        async with page("therapist") as stream:
            await stream.until("beat")
            # Each round takes one, and gives it back.
            held = []
            for _ in range(50):
                await asyncio.sleep(EVERY / 5)
                held.append(taken.now)
    assert 0 in held


async def test_a_page_that_was_made_before_a_change_hears_of_it_and_one_made_after_does_not(
    api: AsyncClient, database: Database, world: World, page: Any
) -> None:
    before = await pulse_of(database, world)
    await seen(api, world, "therapist", "Maria")
    after = await pulse_of(database, world)
    assert before != after
    async with page("therapist", before) as old, page("therapist", after) as new:
        assert await old.until("change") == ["1"]
        await new.until("beat")
        assert new.told("change") == []


async def test_the_page_holds_the_pulse_it_is_compared_with(api: AsyncClient, database: Database, world: World) -> None:
    html = (await look(api, world, "/caseload")).text
    assert f'data-since="{await pulse_of(database, world)}"' in html
    assert (await look(api, world, "/caseload/live?since=no-pulse")).status_code == 422


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sign_in_session SET revoked_at = now() WHERE clinic_id = :clinic AND staff_id = :staff",
        "UPDATE staff SET active = false WHERE clinic_id = :clinic AND id = :staff",
        "UPDATE staff SET role = 'front_desk' WHERE clinic_id = :clinic AND id = :staff",
    ],
)
async def test_the_stream_ends_with_the_right_to_look(
    database: Database, world: World, page: Any, statement: str
) -> None:
    async with page("therapist") as stream, page("owner") as other:
        await stream.until("beat")
        async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
            await session.execute(text(statement), {"clinic": world.team.clinic_id, "staff": world.team.therapist_id})
        await stream.until("over")
        await stream.until_over()
        assert not other.is_over


async def test_whoever_leaves_hears_nothing_more_from_the_next_look_on(
    database: Database, world: World, api: AsyncClient, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at the next beat only."""
    monkeypatch.setattr(views, "ROUNDS_TO_A_BEAT", 10**6)
    async with page("therapist") as stream, page("owner") as other:
        for one in (stream, other):
            await one.until("beat")
        path = f"/team/{world.team.therapist_id}"
        form = {"heir": str(world.team.other_therapist_id)}
        assert (await send(api, world, f"{path}/end", form, "owner", page=path)).status_code == 303
        # Their client went over to somebody else: a change, which they are not told of.
        assert await other.until("change") == ["1"]
        await stream.until_over()
        assert (stream.told("over"), stream.told("change")) == ([""], [])


async def test_an_open_page_does_not_keep_anybody_signed_in(clock: Clock, page: Any) -> None:
    async with page("therapist") as stream:
        await stream.until("beat")
        clock.now += timedelta(days=2)
        await stream.until("over")


async def test_a_server_that_stops_ends_its_streams_and_takes_no_more(page: Any, live: Live) -> None:
    async with page("therapist") as stream:
        await stream.until("beat")
        live.close()
        await stream.until_over()
        assert stream.told("over") == []
        async with page("owner") as refused:
            assert refused.status == 429


async def test_one_sign_in_has_so_many_open_pages(database: Database, clock: Clock, world: World) -> None:
    live = Live(database, clock, EVERY)
    team = world.team
    sam = Person("staff", team.clinic_id, team.therapist_id, "Sam", "therapist", "en", new_id(NOW))
    told = [live.told(live.listen(sam, "")) for _ in range(PAGES_OF_ONE)]
    assert [await anext(stream) for stream in told] == [b": open\n\n"] * PAGES_OF_ONE
    with pytest.raises(TooMany):
        live.listen(sam, "")
    await told[0].aclose()  # type: ignore[attr-defined]
    live.listen(sam, "")
    live.close()


async def test_nothing_runs_while_no_page_is_open(page: Any, live: Live, database: Database) -> None:
    async with page("therapist") as stream:
        await stream.until("beat")
    rounds = live._rounds
    assert rounds is not None
    await asyncio.wait_for(rounds, 10)


async def test_a_database_that_does_not_answer_ends_no_stream(
    page: Any, live: Live, world: World, api: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with page("therapist") as stream:
        await stream.until("beat")
        with monkeypatch.context() as broken:
            broken.setattr(live, "_database", None)
            await asyncio.sleep(EVERY * 5)
        await seen(api, world, "therapist", "Maria")
        assert await stream.until("change") == ["1"]


async def test_a_clinic_where_nothing_happens_is_asked_half_as_often_and_still_told_of_what_does(
    settings: Settings, database: Database, clock: Clock, world: World, live: Live
) -> None:
    async with opened(settings, database, clock, world, "therapist") as stream:
        await stream.until("beat", 3)
        with told.statements(database) as sent:
            before = len(stream.told("beat"))
            await stream.until("beat", before + 4)
        looks = sum("FROM client_scope WHERE" in statement for statement in sent)
        # Of twenty rounds with four beats a busy clinic is asked in all, a quiet one in those and every second other.
        assert 8 <= looks <= 16
        await told.pain(database, world.maria, TODAY, 4)
        assert await stream.until("change") == ["1"]
