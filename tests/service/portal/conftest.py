"""A client of a clinic with a plan, her browser, and a watch on what a request writes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import event, select, text
from sqlmodel import col

from service.accounts import sign_in
from service.accounts.codes import link_token
from service.accounts.guards import COOKIE, csrf_token
from service.accounts.queries import contact_points, signed_in
from service.accounts.rules import LinkPurpose
from service.accounts.tables import Client
from service.database.tenancy import Actor, Database
from service.diary.queries import Diary, diary
from service.diary.tables import DiaryRevision
from service.plans.actions import HabitToPrescribe
from service.plans.queries import Content
from tests.conftest import SECRET_KEY
from tests.make import NOW, TODAY, Team, item, make_client, make_plan, make_team

HABITS = ("hab-hang-hip", "hab-car-min", "hab-side-sleep", "hab-woke")
"""Yes or no; minutes; a choice; a count whose question tells what the person is treated for."""

_tokens = count(1)


@dataclass
class Person:
    """A client with everything that was prescribed to her."""

    database: Database
    team: Team
    client: Client
    plan: Content

    @property
    def actor(self) -> Actor:
        return Actor("client", self.client.id, "web")

    def habit(self, number: int) -> UUID:
        return self.plan.habits[number].id

    async def diary(self) -> Diary:
        async with self.database.clinic_tx(self.team.clinic_id, self.actor) as session:
            return await diary(session, self.client.id, TODAY - timedelta(days=31), TODAY + timedelta(days=1))

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.clinic_tx(self.team.clinic_id, self.actor) as session:
            return list(await session.execute(text(statement), {"client": self.client.id}))

    async def scores_before(self) -> list[tuple[int, str]]:
        """What stood before it was corrected, and through what it was."""
        async with self.database.clinic_tx(self.team.clinic_id, self.actor) as session:
            statement = select(DiaryRevision).where(col(DiaryRevision.client_id) == self.client.id)
            return [(row.body["score"], row.channel) for row in await session.scalars(statement)]

    async def link(
        self,
        purpose: LinkPurpose,
        *,
        day: date | None = TODAY,
        lifetime: timedelta = timedelta(hours=36),
        now: datetime = NOW,
    ) -> str:
        """The path of a new link; `day` is left out for the purposes that have none."""
        token = link_token("key", next(_tokens))
        daily = purpose in (LinkPurpose.CHECK_IN, LinkPurpose.PLAN, LinkPurpose.HABIT, LinkPurpose.FIX)
        async with self.database.clinic_tx(self.team.clinic_id, self.team.therapist) as session:
            email = [p for p in await contact_points(session, self.client.id) if p.channel == "email"]
            on_day = day if daily else None
            link = sign_in.NewLink(self.client.id, purpose, token, now + lifetime, on_day, email[0].id)
            await sign_in.make_links(session, [link], now)
        return f"/r/{token}"


async def make_person(database: Database, team: Team, **fields: Any) -> Person:
    """`fields` starting with `plan_` are the plan's."""
    named = [name for name in fields if name.startswith("plan_")]
    plan_fields = {name.removeprefix("plan_"): fields.pop(name) for name in named}
    plan_fields.setdefault("habits", [HabitToPrescribe(habit, None, None) for habit in HABITS])
    plan_fields.setdefault("items", [item("glu-bridge-double"), item("glu-squeeze")])
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id, **fields)
        plan = await make_plan(session, client, **plan_fields)
    return Person(database, team, client, plan)


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@pytest.fixture
async def maria(database: Database, team: Team) -> Person:
    return await make_person(database, team)


@dataclass
class Browser:
    """Keeps the cookie, and sends forms with the token that a page on screen would have written into them."""

    api: AsyncClient
    csrf: str = ""

    async def enter(self, person: Person) -> "Browser":
        async with person.database.clinic_tx(person.team.clinic_id, person.actor) as session:
            token = await sign_in.start_session(session, client_id=person.client.id, now=NOW)
            _, token_hash = sign_in.read_token(token) or (None, b"")
            found = await signed_in(session, token_hash)
        assert found
        self.api.cookies.set(COOKIE, token, domain=self.api.base_url.host)
        self.csrf = csrf_token(SECRET_KEY, found.row.id)
        return self

    async def send(self, path: str, **fields: Any) -> Response:
        return await self.api.post(path, data={"csrf": self.csrf, **fields})

    async def today(self) -> str:
        return shown(await self.api.get("/today"))


@pytest.fixture
async def browser(api: AsyncClient, maria: Person) -> Browser:
    return await Browser(api).enter(maria)


def shown(answer: Response) -> str:
    """The words on the page, without tags, spaces folded."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text))).strip()


def field(html: str, name: str) -> str:
    """The value of the page's first hidden field of this name."""
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    return str(found[0])


def one_job(page: Response) -> dict[str, str]:
    """What the button of a page that is there for one job sends along."""
    form = page.text.split('class="one-job"')[1].split("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)}


def section(html: str, anchor: str) -> str:
    """What stands inside the element that `#anchor` opens at."""
    tag = re.findall(rf'<(\w+)[^>]* id="{anchor}"', html)[0]
    inside = html[html.index(f'id="{anchor}"') :]
    depth, place = 1, 0
    while depth:
        found = re.compile(rf"<(/?){tag}\b").search(inside, place)
        assert found, anchor
        depth, place = depth + (-1 if found[1] else 1), found.end()
    return inside[:place]


def status(html: str) -> str:
    """The words of the page's one status line."""
    [words] = re.findall(r'role="status">([^<]*)<', html)
    return str(words)


@contextmanager
def watched(database: Database) -> Iterator[list[str]]:
    """Every statement sent in the meantime."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def writes(statements: list[str]) -> list[str]:
    """Without the trail, and without the note that a session is in use: those two any read may leave."""
    allowed = ("INSERT INTO audit_entry", "UPDATE sign_in_session SET seen_at")
    found = [s for s in statements if re.match(r"\s*(WITH|INSERT|UPDATE|DELETE)\b", s)]
    return [statement for statement in found if not statement.startswith(allowed)]


async def address_of(person: Person, channel: str) -> str:
    async with person.database.clinic_tx(person.team.clinic_id, person.actor) as session:
        return next(p.address for p in await contact_points(session, person.client.id) if p.channel == channel)


async def sent_code(person: Person) -> str:
    """The newest code, as the message that carries it says it."""
    sent = "SELECT params->>'code' FROM message WHERE client_id = :client AND kind = 'sign_in_code'"
    codes = await person.rows(f"{sent} ORDER BY created_at DESC")
    return str(codes[0][0])
