"""The therapist's page of an intake: what was told in each version, what to consider, visits and treatments."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.intake.actions import keep_intake
from service.intake.rules import Answers, Goal
from tests import told
from tests.make import NOW
from tests.service.review.browsing import World, ago, count, look, send, shown, token_in, value_of

pytestmark = pytest.mark.anyio

URL = "/clients/MARIA/intake"
SORE = Answers(
    sites=[("lateral_hip", "right")],
    timing=["night_lying_on_side"],
    aggravators=["stairs_up"],
    goals=[Goal("Sleep on my side", 2, 8)],
    habits={"hab-hang-hip": False},
    red_flags=[],
)


async def fill(database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        await keep_intake(session, world.maria, uuid4(), SORE, NOW)


async def test_it_shows_what_was_told_and_what_to_consider_with_its_source(
    api: AsyncClient, database: Database, world: World
) -> None:
    assert "Nothing yet." in await shown(api, world, URL)
    await fill(database, world)
    page = await shown(api, world, URL)
    for words in (
        "Version 1, by the client on Tuesday, March 10",
        "Outer hip, over the bony point, right side",
        "“Sleep on my side”, now 2 of 10, wanted 8 of 10",
        "Warning signs None of these",
        "Outer-hip tendon pain (gluteal tendinopathy / GTPS)",
        "Source: NHS-GTPS , LEAP-P1 , SEED",
        "Leaflets advise against massage of a sore outer hip.",
        "They are no finding, and the client never sees them.",
    ):
        assert words in page, words
    assert "Intake and visits" in await shown(api, world, "/clients/MARIA")


async def test_filled_in_with_the_client_it_is_a_version_beside_the_older_one(
    api: AsyncClient, database: Database, world: World
) -> None:
    await fill(database, world)
    html = (await look(api, world, URL)).text
    form = {
        "entry": value_of(html, "entry"),
        "based_on": "1",
        "site_0": "groin_front",
        "aggravators": "first_steps",
    }
    refused = await send(api, world, URL, form)
    assert (refused.status_code, "tick: none of these." in refused.text) == (422, True)
    assert await count(database, world.team, "intake") == 1
    assert (await send(api, world, URL, {**form, "red_flags": "none"})).status_code == 303
    page = await shown(api, world, URL)
    assert "Version 2, written with them on Tuesday, March 10 · changed: Where, When, What brings it on, Goals" in page
    assert "Version 1, by the client on Tuesday, March 10" in page
    assert "Hip osteoarthritis" in page
    # Whoever has not seen version 2 is told so, and their answers stand there to be saved again.
    late = await send(api, world, URL, {**form, "entry": str(uuid4()), "red_flags": "none", "onset": "In May"})
    assert "Somebody changed this while you had it open." in late.text
    assert "In May</textarea>" in late.text
    assert await count(database, world.team, "intake") == 2


async def test_visits_and_treatments_are_added_refused_and_removed(
    api: AsyncClient, database: Database, world: World
) -> None:
    visits, treatments = "/clients/MARIA/visits", "/clients/MARIA/treatments"
    await send(api, world, visits, {"day": str(ago(3)), "note": "Gait better"}, page=URL)
    given = {"day": str(ago(3)), "kind": "massage", "site": "low_back", "side": "both", "minutes": "20"}
    entry = str(uuid4())
    for _ in range(2):
        await send(api, world, treatments, {**given, "entry": entry}, page=URL)
    assert "last visit Sat, Mar 7" in await shown(api, world, "/clients/MARIA")
    page = await shown(api, world, URL)
    assert "Sat, Mar 7 · Gait better Sam" in page
    assert "Sat, Mar 7 · massage, Low back, both sides, 20 min Sam" in page
    for path, form, words in (
        (visits, {"day": "soon"}, "Use a day such as 2026-03-10."),
        (visits, {"day": str(ago(-1))}, "Use today or a day before it."),
        (treatments, {**given, "kind": ""}, "Choose massage, trigger points, myofascial or other."),
        (treatments, {**given, "kind": "other"}, "Say what it was."),
        (treatments, {**given, "minutes": "a lot"}, "Use a whole number from 1 to 240."),
        (treatments, {**given, "minutes": "500"}, "Use a whole number from 1 to 240."),
        (treatments, {**given, "entry": entry, "minutes": "5"}, "Somebody else was first."),
    ):
        refused = await send(api, world, path, form, page=URL)
        assert (refused.status_code, words in refused.text) == (422, True), words
    assert [await count(database, world.team, table) for table in ("visit", "treatment")] == [1, 1]
    html = (await look(api, world, URL)).text
    [row] = [part.split("/remove")[0] for part in html.split("/visits/")[1:]]
    assert (await send(api, world, f"{visits}/{row}/remove", page=URL)).status_code == 303
    assert "Gait better" not in await shown(api, world, URL)


async def test_only_their_therapist_and_the_owner(api: AsyncClient, database: Database, world: World) -> None:
    await fill(database, world)
    people = ("therapist", "owner", "front desk", "client", "stranger")
    assert [(await look(api, world, URL, who)).status_code for who in people] == [200, 200, 403, 403, 404]
    rita = URL.replace("MARIA", str(world.clients["Rita"].id))
    assert (await look(api, world, rita)).status_code == 404
    token = token_in((await look(api, world, URL)).text)
    for who, code in (("front desk", 403), ("client", 403), ("stranger", 403)):
        form = {"csrf": token, "day": str(ago(1))}
        path = f"/clients/{world.maria.id}/visits"
        assert (await api.post(path, data=form, headers=world.headers[who])).status_code == code
    assert await count(database, world.team, "visit") == 0


async def test_a_text_of_forty_lines_is_as_long_as_the_browser_counts_it(api: AsyncClient, world: World) -> None:
    """Forty times 24 signs and the 39 ends of lines between them: 999, where 1000 may be."""
    told = "\r\n".join(["x" * 24] * 40)
    assert len(told) > 1000
    form = {"entry": str(uuid4()), "based_on": "0", "onset": told, "red_flags": "none"}
    assert (await send(api, world, URL, form)).status_code == 303
    assert (await send(api, world, URL, form | {"onset": told + "\r\nxx"})).status_code == 422
