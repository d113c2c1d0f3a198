"""Staff name a helper with the client's yes, see who helps, and end it."""

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.make import make_plan
from tests.service.review.browsing import World, count, look, send, shown, words

pytestmark = pytest.mark.anyio
PAGE = "/clients/MARIA"
ANA = {"name": "Ana Lopez", "relation": "family", "contact": "ana@mail.example", "agreed": "yes"}


async def test_a_helper_needs_the_clients_yes_and_the_link_is_shown_once(
    api: AsyncClient, database: Database, world: World
) -> None:
    unsaid = {**ANA, "entry": str(uuid4())}
    del unsaid["agreed"]
    refused = await send(api, world, f"{PAGE}/helpers", unsaid, page=PAGE)
    assert refused.status_code == 422
    assert "Read the words to the client" in words(refused.text)
    assert 'value="ana@mail.example"' in refused.text
    assert await count(database, world.team, "helper") == 0

    made = await send(api, world, f"{PAGE}/helpers", {**ANA, "entry": str(uuid4())}, page=PAGE)
    found = re.search("<code>[^<]*(/r/[0-9A-Za-z]{22})</code>", made.text)
    assert found
    page = await look(api, world, PAGE)
    assert found[1] not in page.text
    assert "Named by the clinic on Mar 10." in words(page.text)
    assert "You help with today" in words((await api.get(found[1])).text)

    [ends] = re.findall('action="(/clients/[0-9a-f-]+/helpers/[0-9a-f-]+/end)"', page.text)
    assert (await send(api, world, ends, page=PAGE)).status_code == 303
    assert "Nobody helps them here." in await shown(api, world, PAGE)
    assert "run out" in words((await api.get(found[1])).text)


async def test_what_a_helper_told_says_so_on_the_timeline(api: AsyncClient, database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria)
    made = await send(api, world, f"{PAGE}/helpers", {**ANA, "entry": str(uuid4())}, page=PAGE)
    [link] = re.findall("<code>[^<]*(/r/[0-9A-Za-z]{22})</code>", made.text)
    assert "Saved: not today." in words((await api.post(link, data={"answer": "skipped"})).text)
    assert "(told by a helper)" in await shown(api, world, PAGE)
