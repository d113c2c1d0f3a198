"""What keeps messages from people is told to staff on the caseload: about one client, or about the whole clinic."""

from datetime import timedelta

import psycopg
import pytest
from httpx import AsyncClient

from service.accounts.actions import mark_invalid
from service.accounts.queries import contact_points
from service.conversation.actions.events import store_event
from service.conversation.actions.reports import put_aside
from service.database.tenancy import Actor, Database
from service.outbox.actions import stop_sending
from service.outbox.codes import Failure
from service.outbox.rules import MessageKind
from tests.conftest import Urls
from tests.make import NOW
from tests.service.review.browsing import World, look, shown
from tests.service.review.test_messages import queued

pytestmark = pytest.mark.anyio

PROVIDER = Actor("provider", None, "text")
INVALID = "The phone number does not work."
UNREACHED = "The last 3 texts did not reach the phone."
UNWRITTEN = "A message could not be written on"
UNHEARD = "A report about a message could not be used on"


async def test_an_address_that_does_not_work_is_a_reason_to_call(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, PROVIDER) as session:
        [phone] = [p for p in await contact_points(session, world.maria.id) if p.channel == "sms"]
        await mark_invalid(session, phone.id, "21211", NOW)
    assert INVALID in await shown(api, world, "/caseload")
    assert "Does not work, we were told on" in await shown(api, world, "/clients/MARIA")
    assert INVALID not in await shown(api, world, "/caseload", "stranger")
    assert (await look(api, world, "/caseload", "client")).status_code >= 400


async def test_three_texts_in_a_row_that_did_not_arrive_are_a_task(
    api: AsyncClient, database: Database, world: World
) -> None:
    """The newest three count: `d` was delivered, `u` was not, `f` was not for another reason, `a` is only accepted."""
    reasons = {"d": ("delivered", None), "u": ("undelivered", "unreachable"), "f": ("undelivered", "held_back")}
    shows = {"uu": False, "uud": False, "uudu": False, "uduuu": True}
    past = ""
    for story, expected in shows.items():
        for letter in story.removeprefix(past):
            past += letter
            state, reason = reasons[letter]
            at = NOW - timedelta(hours=20 - len(past))
            await queued(
                database, world.maria, MessageKind.CHECK_IN, state=state, reason=reason, settled_at=at, created_at=at
            )
        assert (UNREACHED in await shown(api, world, "/caseload")) is expected, past


async def test_a_message_that_could_not_be_written_is_told_to_those_who_see_the_client(
    api: AsyncClient, database: Database, world: World
) -> None:
    at = NOW - timedelta(days=2)
    await queued(database, world.maria, MessageKind.WELCOME, state="failed", reason="render", settled_at=at)
    page = await shown(api, world, "/caseload")
    assert f"{UNWRITTEN} Sun, Mar 8 at 11:00 AM: Maria Lopez" in page, page
    assert UNWRITTEN in await shown(api, world, "/caseload", "owner")
    assert UNWRITTEN not in await shown(api, world, "/caseload", "stranger")


async def test_a_report_that_was_put_aside_is_told_to_those_who_see_the_client(
    api: AsyncClient, database: Database, world: World
) -> None:
    message_id = await queued(database, world.maria, MessageKind.CHECK_IN, state="accepted")
    async with database.clinic_tx(world.team.clinic_id, PROVIDER) as session:
        event_id = await store_event(session, "status", "unheard", NOW - timedelta(days=2), message_id=message_id)
        await put_aside(session, event_id, "IntegrityError 23514", NOW - timedelta(days=2))
    page = await shown(api, world, "/caseload")
    assert f"{UNHEARD} Sun, Mar 8 at 11:00 AM: Maria Lopez" in page, page
    assert UNHEARD not in await shown(api, world, "/caseload", "stranger")


async def test_what_carriers_do_not_take_is_told_to_the_clinic_until_it_is_over(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, PROVIDER) as session:
        for failure, code in (
            (Failure.UNREGISTERED, "30034"),
            (Failure.FILTERED, "30007"),
            (Failure.FILTERED, "30007"),
        ):
            await stop_sending(session, "sms", MessageKind.CHECK_IN, failure, code, NOW - timedelta(hours=1))
    page = await shown(api, world, "/caseload")
    assert "Texts stop until" in page
    assert "“Today's check-in” is not sent as a text until" in page
    assert "Texts stop" not in await shown(api, world, "/caseload", "stranger")


async def test_a_sender_that_is_held_for_long_is_told_everywhere(api: AsyncClient, world: World, urls: Urls) -> None:
    insert = (
        "INSERT INTO sender_pace (sender, next_free_at, interval_seconds, burst_seconds, opened_at, open_until,"
        " trouble) VALUES ('twilio', now(), 1, 1, %s, now(), 'silent')"
    )
    for minutes, told in ((4, False), (6, True)):
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("DELETE FROM sender_pace")
            connection.execute(insert, [NOW - timedelta(minutes=minutes)])
        assert ("Texts do not get through now." in await shown(api, world, "/caseload")) is told
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("DELETE FROM sender_pace")
