from datetime import timedelta

import psycopg
import pytest
from sqlmodel import col, select

from service.audit.tables import AuditEntry
from service.database.tenancy import Database
from service.outbox.rules import MessageKind, required_params
from tests.conftest import Clock, Urls
from tests.make import NOW, Team
from tests.service.conversation.conftest import SYSTEM, Provider, make_person, messages_of
from tests.service.conversation.told import (
    NOT_WATCHED,
    NOTED,
    UNCLEAR,
    pains,
    readings,
)

pytestmark = pytest.mark.anyio


async def test_danger_is_answered_at_once_and_leaves_an_alert(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "6 fell in the kitchen and can't walk")
    assert await readings(person) == [("6 fell in the kitchen and can't walk", "danger")]
    assert await person.answers() == [("not_watched", NOT_WATCHED)]
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        statement = select(AuditEntry).where(
            col(AuditEntry.clinic_id) == team.clinic_id, col(AuditEntry.client_id) == person.client.id
        )
        entries = [entry for entry in await session.scalars(statement) if entry.action == "alert"]
    assert [(entry.record_kind, entry.actor_kind, entry.channel) for entry in entries] == [
        ("thread_message", "client", "text")
    ]
    assert entries[0].record_id == (await person.thread())[0].id


async def test_what_is_not_understood_is_kept_explained_once_a_day_and_acknowledged_once_more(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team)
    said = ["hola", "hurts a lot", "and the band tore"]
    for words in said:
        await provider.text(person.phone, words)
    assert await readings(person) == [(words, "note") for words in said]
    assert await person.answers() == [("unclear", UNCLEAR), ("note_ack", NOTED)]
    clock.now = NOW + timedelta(days=1)
    await provider.text(person.phone, "new band came")
    assert [kind for kind, _ in await person.answers()] == ["unclear", "note_ack", "unclear"]


@pytest.mark.parametrize("words", ["11", "-1", "3-4", "7 or 8"])
async def test_what_is_no_score_is_asked_for_again_once_a_day(
    provider: Provider, database: Database, team: Team, words: str
) -> None:
    person = await make_person(database, team)
    for _ in range(2):
        await provider.text(person.phone, words)
    assert await pains(person) == []
    assert await person.answers() == [
        (
            "out_of_range",
            "Please send one number from 0 to 10. 0 is none. 10 is the worst you can think of.",
        )
    ]


@pytest.mark.parametrize(("words", "reading"), [("WHY 6", "why"), ("PAUSE", "pause"), ("KEEP", "keep")])
async def test_what_cannot_be_done_is_passed_on_and_said_so(
    provider: Provider, database: Database, team: Team, words: str, reading: str
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, words)
    assert await readings(person) == [(words, reading)]
    assert await person.answers() == [("note_ack", NOTED)]


SEEN = (
    "picture_ack",
    "We cannot see pictures here. We kept your words, and told your clinic that you sent one. "
    "Call (202) 555-0100 to talk.",
)


async def test_a_picture_is_answered_as_one_and_nothing_of_it_is_kept(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    rows = [
        ("", "picture", [SEEN], []),
        ("6 after my walk", "pain picture", [SEEN], [6]),
        ("look at this bruise", "note picture", [SEEN], []),
        ("i fell", "danger picture", [("not_watched", NOT_WATCHED)], []),
    ]
    for body, reading, answers, scores in rows:
        person = await make_person(database, team)
        await provider.text(person.phone, body, NumMedia="1", MediaUrl0="https://api.example/1")
        assert await readings(person) == [(body or "…", reading)]
        assert await person.answers() == answers
        assert [told[0] for told in await pains(person)] == scores
    with psycopg.connect(urls.owner) as connection:
        kept = connection.execute("SELECT string_agg(e::text, '') FROM provider_event e").fetchone()
    assert kept
    assert "api.example" not in kept[0]
    # What is no number of pictures is none.
    person = await make_person(database, team)
    await provider.text(person.phone, "5", NumMedia="many")
    assert await readings(person) == [("5", "pain")]


async def test_an_endless_text_is_cut(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "x" * 20_000)
    assert [len(body) for body, _ in await readings(person)] == [4000]


async def test_an_answer_expires_and_has_all_its_words(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "9")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        sent = await messages_of(session, person.client.id)
    [message] = [one for one in sent if one.kind != MessageKind.QUESTIONS]
    assert set(message.params) >= required_params(MessageKind(message.kind))
    assert (message.due_at, message.expires_at) == (NOW, NOW + timedelta(hours=4))
    assert (message.channel, message.contact_point_id, message.prompt) == ("sms", person.point.id, None)
