"""A caseload of fifty people and one of five hundred, in a browser."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bench._measuring import SECRET, installed
from bench.live import serving
from service.accounts import sign_in
from service.accounts.guards import COOKIE
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from tests import told
from tests.make import Team, make_client, make_crowd, make_team
from tests.shots import SIZES, end

FEW, MANY = 50, 500


@dataclass(frozen=True)
class Crowd:
    """A therapist's sign-in, and how many clients are theirs; the last by name, Zoe, wrote that she fell."""

    url: str
    token: str


async def fill(url: str, people: int) -> str:
    database, now = Database(url), utc_now()
    team: Team = await make_team(database, now=now)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        came = now - timedelta(days=9)
        names = [f"Ann {number:03} Lopez" for number in range(people - 1)]
        await make_crowd(session, team.therapist_id, names, now=came)
        zoe = await make_client(session, team.therapist_id, name="Zoe Lopez", now=came)
    await told.text_in(database, zoe, "I fell and cannot stand.", "danger", now - timedelta(hours=1))
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        token = await sign_in.start_session(session, staff_id=team.therapist_id, now=now)
    await database.close()
    return token


def filled(url: str, people: int) -> str:
    return asyncio.run(fill(url, people))


@pytest.fixture(scope="module")
def crowds() -> Iterator[dict[int, Crowd]]:
    with installed() as (server, _, _):
        app_url = server.url("b_app", SECRET, "bench")
        # In a thread of its own: the browser's loop runs in this one.
        with ThreadPoolExecutor(1) as thread:
            tokens = {people: thread.submit(filled, app_url, people).result() for people in (FEW, MANY)}
        with serving(app_url) as (url, _):
            yield {people: Crowd(url, token) for people, token in tokens.items()}


@pytest.fixture
def tab_of(crowds: dict[int, Crowd], chrome: Any) -> Iterator[Callable[..., Any]]:
    contexts = []

    def make(people: int, size: str = "desk") -> Any:
        width, height = SIZES[size]
        context = chrome.new_context(viewport={"width": width, "height": height}, base_url=crowds[people].url)
        context.add_cookies([{"name": COOKIE, "value": crowds[people].token, "url": crowds[people].url}])
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        end(context)


def names(tab: Any) -> list[str]:
    return [str(name) for name in tab.locator("#fresh .client-name").all_inner_texts()]


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_fifty_people_stand_on_one_page_and_are_walked_by_keys(tab_of: Callable[..., Any], size: str) -> None:
    tab = tab_of(FEW, size)
    tab.goto("/caseload")
    listed = names(tab)
    assert (len(listed), listed[0]) == (FEW, "Zoe Lopez")
    assert tab.locator(".parts").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for _ in range(3):
        tab.keyboard.press("j")
    tab.keyboard.press("k")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/clients/*")
    assert tab.locator("h1").inner_text() == listed[1]


def test_of_five_hundred_whoever_is_to_be_called_is_first_and_nobody_is_lost(tab_of: Callable[..., Any]) -> None:
    tab = tab_of(MANY)
    tab.goto("/caseload")
    assert names(tab)[0] == "Zoe Lopez"
    seen, pages = list[str](), 1
    seen += names(tab)
    while (more := tab.locator("a[rel=next]")).count():
        more.first.click()
        tab.wait_for_load_state()
        seen, pages = seen + names(tab), pages + 1
    assert (pages, len(seen), len(set(seen))) == (10, MANY, MANY)
    # By name she is last, and is still told of on the first page.
    tab.goto("/caseload?sort=name")
    assert names(tab)[0] == "Ann 000 Lopez"
    tab.locator(".part-calls").first.click()
    tab.wait_for_url("**tier=call**")
    assert names(tab) == ["Zoe Lopez"]


def test_a_message_to_five_hundred_is_seen_before_it_goes_and_goes_to_some_at_a_time(
    tab_of: Callable[..., Any],
) -> None:
    tab = tab_of(MANY)
    tab.goto("/bulk")
    assert tab.locator("input[name=to]:checked").count() == 300
    assert "200 more would." in tab.locator("main").inner_text()
    tab.locator("#bulk-text").fill("We are closed on Friday.")
    tab.get_by_role("button", name="Send to those who are ticked").click()
    tab.get_by_text("300 people get it.").wait_for()
    tab.get_by_role("button", name="Take it back").click()
    tab.get_by_text("Taken back from 300 people.").wait_for()


def test_a_caseload_prints_without_its_buttons(tab_of: Callable[..., Any]) -> None:
    tab = tab_of(FEW)
    tab.goto("/caseload")
    printed = tab.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 4
    tab.emulate_media(media="print")
    assert not tab.locator(".cell-do").first.is_visible()
    assert tab.locator("nav").first.is_hidden()
