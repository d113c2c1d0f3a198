"""Messages on a client's page: what went out as it went out, what was held back and why; and they are no diary."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.database.tenancy import Database
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from tests import told
from tests.make import NOW
from tests.service.review.browsing import World, look, send, words

pytestmark = pytest.mark.anyio


async def queued(database: Database, client: Client, kind: MessageKind, **fields: Any) -> UUID:
    """A message to the client's phone, in the state of the fields."""
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        point = (await contact_points(session, client.id))[0]
        outgoing = Outgoing(
            client_id=client.id,
            contact_point_id=point.id,
            channel=point.channel,
            kind=kind,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW,
            expires_at=NOW + timedelta(hours=4),
        )
        message = await session.get_one(Message, (session.clinic_id, await enqueue(session, outgoing, NOW)))
        message.sqlmodel_update(fields)
        return message.id


async def section(api: AsyncClient, world: World, heading: str) -> str:
    """The words of one block of Maria's page."""
    html = (await look(api, world, "/clients/MARIA")).text
    [block] = [part for part in html.split("<section") if f'aria-labelledby="{heading}"' in part]
    return words(f"<section{block}")


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [
        ("suppressed", "fuse", "Not sent: too many messages in 24 hours."),
        ("suppressed", "opted_out", "Not sent: messages to this address are stopped."),
        ("expired", "outage", "Not sent: our service was down."),
        ("failed", "refused", "Not sent: the message service refused it."),
    ],
)
async def test_an_answer_that_was_held_back_is_seen_with_its_reason(
    api: AsyncClient, database: Database, world: World, state: str, reason: str, why: str
) -> None:
    await queued(database, world.maria, MessageKind.NOT_WATCHED, state=state, reason=reason)
    shown = await section(api, world, "messages-title")
    assert "This line is not watched day and night. For an emergency call 911." in shown
    assert why in shown


async def test_an_answer_that_could_not_be_written_does_not_break_the_page(
    api: AsyncClient, database: Database, world: World
) -> None:
    await queued(database, world.maria, MessageKind.CHECK_IN_ACK, state="failed", reason="render")
    shown = await section(api, world, "messages-title")
    assert "Saved" in shown
    assert "Not sent: the message could not be written." in shown


async def test_a_message_that_waits_is_not_among_those_that_were_sent(
    api: AsyncClient, database: Database, world: World
) -> None:
    await queued(database, world.maria, MessageKind.NOT_WATCHED)
    assert "No messages yet." in await section(api, world, "messages-title")


async def test_the_history_shows_the_letters_that_were_sent(api: AsyncClient, database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text("UPDATE client SET locale = 'es' WHERE id = :id"), {"id": world.maria.id})
    await queued(database, world.maria, MessageKind.STARTED, state="accepted", accepted_at=NOW)
    await queued(database, world.maria, MessageKind.SIGN_IN_CODE, state="accepted", accepted_at=NOW)
    shown = await section(api, world, "messages-title")
    assert "Northside: volveras a recibir mensajes nuestros." in shown
    # What opens a door stays hidden, and its signs are ours.
    assert "Northside: tu codigo de acceso es ······. No lo compartas. O toca …" in shown


async def test_words_about_messages_are_no_entries_of_the_diary(
    api: AsyncClient, database: Database, world: World
) -> None:
    for body, reading in (("STOP", "stop"), ("HELP", "help"), ("START", "start"), ("LATER", "later")):
        await told.text_in(database, world.maria, body, reading)
    await told.text_in(database, world.maria, "STOP, the stretch is too hard", "stop note")
    await told.text_in(database, world.maria, "PAUSE", "pause")
    entries = await section(api, world, "entries-title")
    assert "“STOP, the stretch is too hard”" in entries
    assert "“PAUSE”" in entries
    for body in ("STOP", "HELP", "START", "LATER"):
        assert f"“{body}”" not in entries
        assert f" {body} " in await section(api, world, "messages-title")


async def test_whoever_is_added_on_the_page_is_welcomed(api: AsyncClient, database: Database, world: World) -> None:
    form = {
        "name": "Rosa Delgado",
        "phone": "(202) 555-0177",
        "email": "rosa@mail.example",
        "zone": "America/Chicago",
        "language": "es",
        "consent": ["sms", "email"],
    }
    answer = await send(api, world, "/clients/new", form)
    client_id = UUID(answer.headers["location"].split("/")[2].partition("?")[0])
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = await session.execute(
            text("SELECT kind, channel, state FROM message WHERE client_id = :id"), {"id": client_id}
        )
        assert [tuple(row) for row in rows] == [("welcome", "sms", "queued")]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("bounce", "Mail to this address came back on"),
        ("complaint", "They marked our mail as spam on"),
        ("link", "Nothing more is sent here."),
    ],
)
async def test_a_closed_mailbox_says_who_closed_it(
    api: AsyncClient, database: Database, world: World, how: str, said: str
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(
            text("UPDATE contact_point SET opted_out_at = :now, opted_out_how = :how WHERE client_id = :id"
                 " AND channel = 'email'"), {"now": NOW, "how": how, "id": world.maria.id}
        )  # fmt: skip
    assert said in await section(api, world, "contact-title")
    # Only a person can ask us to stop: a mailbox that is gone did not.
    caseload = words((await look(api, world, "/caseload")).text)
    assert ("to stop texts" in caseload) == (how != "bounce")
