"""How far a client's page looks back, what its list is cut to, and the order of the caseload."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from tests import told
from tests.make import NOW, TODAY, make_client, make_plan
from tests.service.review.browsing import World, ago, look, send, shown, value_of, words

pytestmark = pytest.mark.anyio
PAGE = "/clients/MARIA"


async def lived(database: Database, world: World) -> None:
    """A plan since 70 days; pain 70, 30 and 3 days ago, a session 3 days ago, a note by text, an alert seen."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(70), now=NOW - timedelta(days=70))
    await told.pains(database, world.maria, {ago(70): 6, ago(30): 5, ago(3): 4})
    await told.did(database, world.maria, ago(3))
    await told.text_in(database, world.maria, "Lovely weather.", "note", NOW - timedelta(days=2))


def first_day(html: str) -> str:
    """Of the stack of a wide screen, which has all of them."""
    return min(str(day) for day in re.findall(r'data-first="([0-9-]+)"', html))


async def test_the_page_looks_back_60_days_unless_asked_for_14_or_all(
    api: AsyncClient, database: Database, world: World
) -> None:
    await lived(database, world)
    looked = {days: (await look(api, world, f"{PAGE}?days={days}")).text for days in ("14", "60", "all")}
    assert {days: first_day(html) for days, html in looked.items()} == {
        "14": ago(13).isoformat(),
        "60": ago(59).isoformat(),
        "all": ago(70).isoformat(),
    }
    assert first_day((await look(api, world, PAGE)).text) == first_day(looked["60"])
    listed = {days: words(html.split('class="entries')[1]) for days, html in looked.items()}
    assert "Pain 5" in listed["60"]
    assert ("Pain 4" in listed["14"], "Pain 5" in listed["14"]) == (True, False)
    assert "Pain 6" not in listed["60"]
    assert "Pain 6" in listed["all"]
    assert (await look(api, world, f"{PAGE}?days=7")).status_code == 422


@pytest.mark.parametrize(
    ("kinds", "there", "gone"),
    [
        ("diary", "Pain 4", "Lovely weather."),
        ("messages", "Lovely weather.", "Pain 4"),
        ("changes", "Plan version 1", "Pain 4"),
        ("alerts", "Seen by Sam", "Pain 4"),
    ],
)
async def test_the_list_is_cut_to_one_kind_of_entry(
    api: AsyncClient, database: Database, world: World, kinds: str, there: str, gone: str
) -> None:
    await lived(database, world)
    mark = {"rule": "went_quiet", "as_of": NOW.isoformat()}
    assert (await send(api, world, "/caseload/MARIA/seen", mark, page="/caseload")).status_code == 303
    whole = words((await look(api, world, f"{PAGE}?days=all")).text.split('class="entries')[1].split("</ol>")[0])
    part = words(
        (await look(api, world, f"{PAGE}?days=all&kinds={kinds}")).text.split('class="entries')[1].split("</ol>")[0]
    )
    assert there in whole
    assert gone in whole
    assert there in part
    assert gone not in part


async def test_an_alert_is_seen_with_the_message_that_answers_it_and_only_when_ticked(
    api: AsyncClient, database: Database, world: World
) -> None:
    await lived(database, world)
    await told.text_in(database, world.maria, "Please call me.", "danger", NOW - timedelta(hours=2))
    page = await look(api, world, f"{PAGE}?ready=call")
    ready = value_of(page.text, "text")
    assert ready == "Please call us when you have a minute: (202) 555-0100."
    form = {"text": ready, "rule": value_of(page.text, "rule"), "as_of": value_of(page.text, "as_of")}
    seen = "SELECT count(*) FROM review_mark"
    for extra, expected in (({}, 0), ({"seen": "yes"}, 1)):
        sent = {**form, "entry": str(uuid4()), **extra}
        assert (await send(api, world, f"{PAGE}/messages", sent, page=PAGE)).status_code == 303
        async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
            assert await session.scalar(text(seen)) == expected
    assert "Seen by Sam" in await shown(api, world, PAGE)


async def order(api: AsyncClient, world: World, query: str = "") -> list[str]:
    page = (await look(api, world, f"/caseload{query}")).text
    return [name.split()[0] for name in re.findall(r'class="client-name"[^>]*>([^<]+)<', page)]


async def test_the_caseload_is_ordered_by_need_name_waiting_and_visit(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        for name, visit in (("Zoe", 1), ("Abel", 9)):
            now = NOW - timedelta(days=20)
            client: Any = await make_client(session, world.team.therapist_id, name=f"{name} Lopez", now=now)
            client.next_visit = TODAY + timedelta(days=visit)
            world.clients[name] = client
    await told.pains(database, world.clients["Zoe"], {TODAY: 3})
    await told.text_in(database, world.clients["Abel"], "I fell.", "danger", NOW - timedelta(hours=2))
    assert (await order(api, world))[0] == "Abel"
    assert await order(api, world, "?sort=name") == ["Abel", "Maria", "Zoe"]
    # Nobody waits for Zoe: she comes last, whoever has waited longest first.
    assert await order(api, world, "?sort=waiting") == ["Maria", "Abel", "Zoe"]
    assert await order(api, world, "?sort=visit") == ["Zoe", "Abel", "Maria"]
    assert (await look(api, world, "/caseload?sort=age")).status_code == 422
