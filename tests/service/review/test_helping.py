"""Staff name a helper with the client's yes, see who helps, and end it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.conversation.actions import unplaced
from service.conversation.actions.events import InboundText
from service.database.tenancy import Database
from service.intake.rules.helpers import HELPER_YES
from tests.conftest import Clock
from tests.make import NOW, WORDING, make_plan
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


async def sends(database: Database, world: World) -> list[tuple[Any, ...]]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        statement = "SELECT channel, staff_id, client_id, due_at FROM digest_mail WHERE kind = 'helper'"
        return [tuple(row) for row in await session.execute(text(statement))]


async def test_with_the_clients_yes_we_send_the_link_once_and_say_what_became_of_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    entry = str(uuid4())
    made = await send(api, world, f"{PAGE}/helpers", {**ANA, "send": "yes", "entry": entry}, page=PAGE)
    assert "The link is on its way to them" in words(made.text)
    sent = ("email", world.team.therapist_id, world.maria.id, clock.now)
    assert await sends(database, world) == [sent]
    assert "Link by email: Waits for its time." in await shown(api, world, PAGE)
    # The button twice, the other button, a program: she is written to once.
    await send(api, world, f"{PAGE}/helpers", {**ANA, "send": "yes", "entry": entry}, page=PAGE)
    again = await send(api, world, f"{PAGE}/helpers/{entry}/send", {"send": "yes"}, page=PAGE)
    assert again.status_code == 422
    assert await sends(database, world) == [sent]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        kept = await session.scalar(text("SELECT wording FROM helper"))
    assert kept == f"{HELPER_YES} Yes, send them the link. I told them that it comes."


async def test_a_link_is_sent_later_too_by_day_and_never_to_who_asked_us_to_stop(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    clock.now = NOW.replace(hour=3)
    entry, phone = str(uuid4()), "+12025550188"
    await send(api, world, f"{PAGE}/helpers", {**ANA, "contact": phone, "entry": entry}, page=PAGE)
    assert await sends(database, world) == []
    unsaid = await send(api, world, f"{PAGE}/helpers/{entry}/send", page=PAGE)
    assert unsaid.status_code == 422
    assert "Read the words to the client" in words(unsaid.text)
    assert (await send(api, world, f"{PAGE}/helpers/{entry}/send", {"send": "yes"}, page=PAGE)).status_code == 303
    # It is 11 at night where Maria is; her quiet hours end at 8.
    [(channel, _, _, due_at)] = await sends(database, world)
    assert (channel, due_at) == ("sms", NOW.replace(hour=12))

    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        point = (await contact_points(session, world.clients["Rita"].id))[0]
        await opt_out(session, point.id, "text", NOW)
    bad = {**ANA, "contact": point.address, "send": "yes", "entry": str(uuid4())}
    refused = await send(api, world, f"{PAGE}/helpers", bad, page=PAGE)
    assert refused.status_code == 422
    assert "asked us to stop. Hand the link over yourself." in words(refused.text)
    assert f'value="{point.address}"' in refused.text
    assert await count(database, world.team, "helper") == 1


async def test_a_phone_that_nobody_here_has_is_heard_when_it_says_stop_and_test_mode_sends_nothing(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        told = InboundText("SM1", "+12025550188", "+13035550100", "STOP")
        await unplaced.keep(session, told, [], NOW, is_danger=False, ask=False)
    form = {**ANA, "contact": "+12025550188", "send": "yes", "entry": str(uuid4())}
    assert "asked us to stop" in words((await send(api, world, f"{PAGE}/helpers", form, page=PAGE)).text)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text("UPDATE clinic SET live_at = NULL"))
    form = {**ANA, "send": "yes", "entry": str(uuid4())}
    assert "in test mode" in words((await send(api, world, f"{PAGE}/helpers", form, page=PAGE)).text)
    assert await sends(database, world) == []


async def test_a_program_names_a_helper_sends_the_link_and_ends_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    base, headers, entry = f"/v1/clients/{world.maria.id}/helpers", world.headers["therapist"], uuid4()
    ana = {"name": "Ana", "relation": "family", "contact": "(202) 555-0188", "consent": WORDING}
    bad = await api.put(f"{base}/{entry}", json={**ana, "contact": "next door"}, headers=headers)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/contact")
    named = (await api.put(f"{base}/{entry}", json=ana, headers=headers)).json()
    assert named == (await api.put(f"{base}/{entry}", json=ana, headers=headers)).json()
    assert named["helper"] == {
        "id": str(entry),
        "name": "Ana",
        "relation": "family",
        "contact": "+12025550188",
        "named_at": "2026-03-10T15:00:00Z",
        "expires_at": (clock.now + timedelta(days=180)).isoformat().replace("+00:00", "Z"),
        "by_client": False,
    }
    door = named["link"].partition("testserver.local")[2]
    assert "You help with today" in words((await api.get(door)).text)
    assert (await api.get(base, headers=headers)).json() == {"data": [named["helper"]]}
    sent = [await api.post(f"{base}/{entry}/link", json={"consent": WORDING}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in sent] == [204, 422]
    assert len(await sends(database, world)) == 1
    assert (await api.delete(f"{base}/{entry}", headers=headers)).status_code == 204
    assert (await api.get(base, headers=headers)).json() == {"data": []}
    assert "run out" in words((await api.get(door)).text)
