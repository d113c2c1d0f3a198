"""A browser without a screen: it opens pages of staff, reads them, and sends their forms back."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.plans.queries import Content, contents
from tests import told
from tests.make import TODAY, Team

COOKIE = "clamshell_session"


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@dataclass(frozen=True)
class Elsewhere:
    """Another clinic, with a client and what a therapist who is signed in there sends along."""

    team: Team
    client: Client
    headers: dict[str, str]


@dataclass
class World:
    """Maria is Sam's client, Rita is Robin's; the stranger and her therapist are of another clinic."""

    team: Team
    elsewhere: Team
    clients: dict[str, Client] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """What a form holds, by the cookie it is sent with. That every form holds one is a test over all pages."""

    @property
    def maria(self) -> Client:
        return self.clients["Maria"]


def cookie(headers: dict[str, str]) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={headers['Authorization'].removeprefix('Bearer ')}"}


async def look(api: AsyncClient, world: World, path: str, who: str = "therapist") -> Response:
    return await api.get(path.replace("MARIA", str(world.maria.id)), headers=world.headers[who])


async def shown(api: AsyncClient, world: World, path: str, who: str = "therapist") -> str:
    """The words on the page, as one line."""
    answer = await look(api, world, path, who)
    assert answer.status_code == 200, answer.text[:500]
    return words(answer.text)


def words(html: str) -> str:
    html = re.sub(r"<(title|option|datalist).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).replace("\u202f", " ").split())


def token_in(html: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{80})"', html)
    assert found
    return found[1]


def value_of(html: str, name: str) -> str:
    area = rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)</textarea>'
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) or re.search(area, html)
    assert found, name
    return unescape(found[1])


def ticked(html: str) -> set[str]:
    """An exercise of a plan stands in its form without a box; its weekdays are no answer of their own."""
    boxes = re.findall(r'type="checkbox" name="([^"]+)"(?: value="[^"]*")? checked', html)
    boxes = [name for name in boxes if not name.startswith("on_")]
    return {*boxes, *re.findall(r'type="hidden" name="(item_[^"]+)"', html)}


def picked(html: str, name: str) -> str:
    options = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)
    assert options, name
    chosen = re.findall(r'value="([^"]*)" selected', options[0])
    return str(chosen[0]) if chosen else ""


async def send(
    api: AsyncClient, world: World, path: str, form: Any = None, who: str = "therapist", page: str | None = None
) -> Response:
    """Posts a form the way our page would, with the token it holds: read from the page of whoever signed in since."""
    path, headers = path.replace("MARIA", str(world.maria.id)), world.headers[who]
    token = world.tokens.get(headers["Cookie"]) or token_in(await _landed(api, world, page or path, who))
    return await api.post(path, data={**(form or {}), "csrf": token}, headers=headers)


async def _landed(api: AsyncClient, world: World, path: str, who: str) -> str:
    seen = await look(api, world, path, who)
    if seen.is_redirect:
        seen = await look(api, world, seen.headers["location"], who)
    return seen.text


async def count(database: Database, team: Team, table: str) -> int:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        found: int = (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
    return found


async def rows(database: Database, world: World, statement: str) -> list[tuple[Any, ...]]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def plan_of(database: Database, client: Client) -> list[Content]:
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        return await contents(session, client.id)


def as_sent(html: str) -> dict[str, str]:
    """The form as a browser would send it back, untouched."""
    form = {name: "on" for name in ticked(html) if not name.startswith("item_")}
    for name, value in re.findall(
        r'<input type="(?:number|hidden|time|date|text)"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html
    ):
        form[name] = unescape(value)
    for name, value in re.findall(r'<input name="(why_[^"]+)" value="([^"]*)"', html):
        form[name] = unescape(value)
    for name in re.findall(r'<select[^>]*name="([^"]+)"', html):
        form[name] = (
            picked(html, name)
            or re.findall(rf'<select[^>]*name="{name}".*?<option value="([^"]*)"', html, re.DOTALL)[0]
        )
    form["starts_on"] = value_of(html, "starts_on")
    return form
