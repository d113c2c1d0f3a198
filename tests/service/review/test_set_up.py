"""A clinic sets itself up in steps that can wait, and goes live once all it needs is there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.codes import link_token
from service.accounts.rules import LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.database.tenancy import Database
from service.providers import MailServer
from service.review.rules.set_up import Known, Missing, Step, done, is_over, missing, with_step
from service.settings import Settings
from tests.conftest import Clock, serving
from tests.make import NOW, TODAY
from tests.service.review.browsing import World, look, send, shown, words

pytestmark = pytest.mark.anyio

FACTS = {
    "name": "Northside Clinic",
    "short_name": "Northside",
    "country": "us",
    "zone": "America/New_York",
    "locale": "en",
    "phone": "(202) 555-0100",
    "emergency_number": "911",
    "quiet_from": "20:00",
    "quiet_until": "09:00",
}
NEW = Known(set_up=(), provider=False, mail=False, tested=False, has_client=False)
READY = Known(set_up=("facts",), provider=True, mail=True, tested=True, has_client=False)


def test_what_is_lacking_before_going_live() -> None:
    rows: list[tuple[Known, list[Missing]]] = [
        (NEW, [Missing.PROVIDER, Missing.FACTS]),
        (READY, []),
        (replace(READY, tested=False), [Missing.TESTED]),
        # Without mail there is nothing that a test email could show.
        (replace(READY, tested=False, mail=False), []),
        (replace(READY, set_up=("skip:facts",)), [Missing.FACTS]),
    ]
    for known, expected in rows:
        assert missing(known) == expected, known


def test_the_list_is_over_when_each_step_is_done_or_skipped_or_it_was_put_away() -> None:
    assert not is_over(NEW)
    assert is_over(replace(NEW, set_up=("put_away",)))
    most = ("facts", "team", "skip:messages", "moves")
    assert not is_over(replace(NEW, set_up=most))
    assert is_over(replace(NEW, set_up=most, has_client=True))
    assert done(replace(NEW, set_up=most))[Step.MESSAGES] is False
    assert with_step(["skip:messages", "team"], "messages") == ["messages", "team"]


@pytest.fixture
async def mailing(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[AsyncClient]:
    """An installation that has a mail server."""
    mail = MailServer("127.0.0.1", 9, None, None, False, "clinic@northside.example")
    async with serving(replace(settings, inbox=False, mail=mail), database, clock) as client:
        yield client


async def clinic(database: Database, world: World, columns: str) -> tuple[Any, ...]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return tuple((await session.execute(text(f"SELECT {columns} FROM clinic"))).one())


async def change(database: Database, world: World, statement: str) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text(statement))


async def test_only_an_owner_sets_up(api: AsyncClient, world: World) -> None:
    for who in ("therapist", "front desk", "client"):
        assert (await look(api, world, "/setup", who)).status_code == 403
        for path in ("", "/step", "/test", "/live"):
            assert (await api.post(f"/setup{path}", data={}, headers=world.headers[who])).status_code == 403
    assert "Set up your clinic" in await shown(api, world, "/caseload", "owner")
    assert "Set up your clinic" not in await shown(api, world, "/caseload")
    assert (await api.get("/setup")).headers["location"] == "/staff/sign-in"


async def test_the_facts_are_saved_whole_or_not_at_all(api: AsyncClient, database: Database, world: World) -> None:
    wrong = {**FACTS, "short_name": "", "emergency_number": "call us", "zone": "Mars"}
    answer = await send(api, world, "/setup", wrong, who="owner")
    assert answer.status_code == 422
    assert "Use digits only, such as 911 or 112." in words(answer.text)
    assert 'value="call us"' in answer.text
    answer = await send(api, world, "/setup", {**FACTS, "quiet_from": "late"}, who="owner")
    assert "Use a time such as 21:00." in words(answer.text)
    assert await clinic(database, world, "short_name, set_up, to_char(quiet_from, 'HH24:MI')") == (
        "Northside",
        [],
        "21:00",
    )
    answer = await send(api, world, "/setup", {**FACTS, "short_name": "North"}, who="owner")
    assert answer.headers["location"] == "/setup?done=facts"
    now = await clinic(database, world, "short_name, country, set_up, to_char(quiet_from, 'HH24:MI')")
    assert now == ("North", "US", ["facts"], "20:00")


async def test_a_step_may_wait_and_the_list_may_be_put_away(api: AsyncClient, database: Database, world: World) -> None:
    for form in ({"skip": "facts"}, {"done": "moves"}, {"skip": "nothing"}, {"done": "put_away"}):
        assert (await send(api, world, "/setup/step", form, who="owner", page="/setup")).status_code == 303
    assert await clinic(database, world, "set_up") == (["moves", "skip:facts"],)
    page = await shown(api, world, "/caseload", "owner")
    assert "Your clinic skipped for now" in page
    await send(api, world, "/setup/step", {"put_away": "yes"}, who="owner", page="/caseload")
    assert "Set up your clinic" not in await shown(api, world, "/caseload", "owner")


async def link_to(database: Database, world: World, purpose: str) -> str:
    token = link_token("set-up", purpose)
    link = NewLink(world.maria.id, LinkPurpose(purpose), token, NOW + timedelta(days=1), TODAY)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_links(session, [link], NOW)
    return f"/r/{token}"


async def test_in_test_mode_a_band_stands_on_pages_of_staff_and_of_clients(
    api: AsyncClient, database: Database, world: World
) -> None:
    band = "Test mode. No texts leave this computer."
    pages = [
        ("/caseload", "owner"),
        ("/clients/new", "front desk"),
        ("/clients/MARIA", "therapist"),
        ("/today", "client"),
    ]
    links = [await link_to(database, world, purpose) for purpose in ("check_in", "plan", "week", "helper")]
    for path, who in pages:
        assert band not in await shown(api, world, path, who)
    for link in links:
        assert band not in (await api.get(link)).text
    await change(database, world, "UPDATE clinic SET live_at = NULL")
    for path, who in [*pages, ("/reminders", "client"), ("/setup", "owner")]:
        assert band in await shown(api, world, path, who), path
    for link in links:
        assert band in (await api.get(link)).text
    assert band in (await api.post(links[0], data={"answer": "4"})).text


async def test_it_goes_live_once_and_only_with_all_it_needs(
    mailing: AsyncClient, api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await change(database, world, "UPDATE clinic SET live_at = NULL")
    # Nothing leaves this machine: there is nothing to go live with.
    refused = await send(api, world, "/setup/live", {}, who="owner", page="/setup")
    assert (refused.status_code, "provider is set" in words(refused.text)) == (422, True)
    await send(mailing, world, "/setup", FACTS, who="owner")
    refused = await send(mailing, world, "/setup/live", {}, who="owner", page="/setup")
    assert "A test email to you has left." in words(refused.text)
    assert (await send(mailing, world, "/setup/test", {}, who="owner", page="/setup")).status_code == 303
    assert (await send(mailing, world, "/setup/live", {}, who="owner", page="/setup")).status_code == 422
    await change(database, world, "UPDATE digest_mail SET state = 'sent' WHERE kind = 'test'")
    assert "Go live now" in await shown(mailing, world, "/setup", "owner")
    assert await clinic(database, world, "live_at") == (None,)
    answer = await send(mailing, world, "/setup/live", {}, who="owner", page="/setup")
    assert answer.headers["location"] == "/setup?done=live"
    assert await clinic(database, world, "live_at") == (clock.now,)
    await send(mailing, world, "/setup/live", {}, who="owner", page="/setup")
    trail = "SELECT count(*) FROM audit_entry WHERE action = 'go_live'"
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        assert await session.scalar(text(trail)) == 1
