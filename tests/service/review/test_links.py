"""A client's habits beside the pain of the day after: for the therapist always, for the client when they turn it on."""

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.diary.actions import NewPain, mark_habit, record_pain
from service.diary.entries import When
from tests import told
from tests.make import make_plan
from tests.service.review.browsing import World, ago, send, shown

pytestmark = pytest.mark.anyio

KEPT = "1101000110100110010111001001"
PHRASE = "May go with less pain"
ALL = ("therapist", "owner", "front desk", "client", "stranger")


@pytest.fixture
async def maria(database: Database, world: World) -> Client:
    """28 days of a habit, met on 14 of them, and of pain that is 2 lower on the day after one that was."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [habit] = (await make_plan(session, world.maria, starts_on=ago(40))).habits
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        for number, kept in enumerate(KEPT):
            day = ago(27 - number)
            now, when = told.moment(world.maria, day), When(day)
            before = number > 0 and KEPT[number - 1] == "1"
            await record_pain(session, world.maria, NewPain(5 + number % 5 // 4 - 2 * before), when, now)
            await mark_habit(session, world.maria, habit.id, kept == "1", when, now)
    return world.maria


async def test_the_page_says_it_in_words_with_the_range_and_the_days(
    api: AsyncClient, world: World, maria: Client
) -> None:
    answer = await api.get(f"/v1/clients/{maria.id}/timeline", headers=world.headers["therapist"])
    [link] = answer.json()["habit_links"]
    # The last of the 28 days has no day after it.
    assert (link["link"], link["with_habit"], link["without"]) == ("less_pain", 13, 14)
    assert link["low"] < -2 < link["high"] < 0
    page = await shown(api, world, "/clients/MARIA")
    assert f"when waiting? {PHRASE}" in page
    assert link["sentence"] in page
    assert "This may be chance." in page


async def test_the_client_sees_words_only_and_only_while_the_therapist_shows_them(
    api: AsyncClient, world: World, maria: Client
) -> None:
    assert PHRASE not in await shown(api, world, "/week", "client")
    answer = await send(api, world, "/clients/MARIA/links", {"shown": "yes"}, page="/clients/MARIA")
    assert answer.status_code == 303
    week = await shown(api, world, "/week", "client")
    assert f"when waiting? {PHRASE}" in week
    assert "This may be chance." in week
    path = f"/v1/clients/{maria.id}/habit-links"
    codes = {who: (await api.put(path, json={"shown": False}, headers=world.headers[who])).status_code for who in ALL}
    assert codes == {"therapist": 204, "owner": 204, "front desk": 403, "client": 403, "stranger": 404}
    assert PHRASE not in await shown(api, world, "/week", "client")
    assert (await api.put(path, json={"shown": "no"}, headers=world.headers["therapist"])).status_code == 422
    wrong = await send(api, world, "/clients/MARIA/links", {"shown": "maybe"}, page="/clients/MARIA")
    assert wrong.status_code == 422
