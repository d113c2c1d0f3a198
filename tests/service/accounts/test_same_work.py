"""An address of ours and one that nobody has: the same words, and the same work before they are said."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from service.accounts import queries, sign_in
from service.database.tenancy import Database
from service.settings import Settings
from tests import told
from tests.conftest import Clock, app_of
from tests.make import make_client, make_team

pytestmark = pytest.mark.anyio
EMAIL, NOBODYS = "known-person@mail.example", "other-person@mail.example"


@dataclass
class Counted:
    """Every statement and every hash of a password until the first byte of the answer."""

    api: AsyncClient
    work: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    async def ask(self, path: str, **body: str) -> tuple[int, str, list[str]]:
        self.work.clear()
        sent: dict[str, Any] = {"json": body} if path.startswith("/v1/") else {"data": body}
        answer: Response = await self.api.post(path, **sent)
        # What was typed is said back, and what a passkey would answer is another one each time.
        said = re.sub('data-options="[^"]*"', "", answer.text)
        for typed in body.values():
            said = said.replace(typed, "")
        return answer.status_code, said, self.before


@pytest.fixture
async def counted(
    settings: Settings, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counted]:
    app = app_of(settings, database, clock)
    checked = sign_in.password_matches

    async def noted(password_hash: str | None, password: str) -> bool:
        made.work.append("hash")
        return await checked(password_hash, password)

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                # Where rows are written does not matter to a clock, only that one is.
                made.before = [" ".join(one.split()[:1]).replace("UPDATE", "INSERT") for one in made.work]
            await send(message)

        await app(scope, receive, sending)

    async with AsyncClient(transport=ASGITransport(watched), base_url=settings.public_url) as api:
        made = Counted(api)
        monkeypatch.setattr(sign_in, "password_matches", noted)
        with told.statements(database) as made.work:
            yield made


async def test_a_known_address_and_an_unknown_one_take_the_same_work(counted: Counted, database: Database) -> None:
    team = await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await make_client(session, team.therapist_id, email=EMAIL, phone=None)
        staff = await told.add_dana(session)
        dana = (await queries.staff(session, staff)).email
    for path, known, unknown in (
        ("/v1/sign-in", {"email": dana, "password": "x" * 15}, {"email": "d" + dana, "password": "x" * 15}),
        ("/staff/sign-in", {"email": dana, "password": "y" * 15}, {"email": "e" + dana, "password": "y" * 15}),
        ("/staff/sign-in/by-mail", {"email": dana}, {"email": "d" + dana}),
        ("/v1/sign-in/code", {"address": EMAIL}, {"address": NOBODYS}),
        ("/v1/sign-in/code/check", {"address": EMAIL, "code": "000000"}, {"address": NOBODYS, "code": "000000"}),
    ):
        ours, theirs = await counted.ask(path, **known), await counted.ask(path, **unknown)
        assert ours == theirs, path
        assert ours[2], path
