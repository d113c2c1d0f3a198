"""What becomes of a text when something goes wrong, when a phone is shared, and when others write meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlmodel import select

from service.conversation.tables import ProviderEvent
from service.database.tenancy import Actor, Database
from service.diary.actions import NewSession, record_session
from service.diary.entries import When
from service.diary.queries import diary
from service.diary.rules import Outcome
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from service.plans import actions as plans
from service.plans.actions import Prescription
from service.plans.queries import current
from tests.conftest import Clock, Urls
from tests.make import NOW, TODAY, Team, item, make_team
from tests.service.conversation.conftest import INBOUND, SYSTEM, Person, Provider, make_person, text_form

pytestmark = pytest.mark.anyio

NOTED = ("note_ack", "Thanks. We passed your note to your clinic.")


@contextmanager
def broken(urls: Urls, table: str) -> Iterator[None]:
    """A database that takes no more rows of one kind."""
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT broken")


async def ask(person: Person) -> None:
    """A check-in that this phone got an hour ago."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        asked = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=MessageKind.CHECK_IN,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW - timedelta(hours=1),
            expires_at=NOW,
            prompt="check_in",
        )
        message = await session.get_one(Message, (session.clinic_id, await enqueue(session, asked, NOW)))
        message.state, message.accepted_at = "accepted", NOW - timedelta(hours=1)


async def ticks(person: Person) -> list[tuple[str, list[bool]]]:
    """Outcome of each session of the day, and what was done of the items as the plan lists them now."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        found = await diary(session, person.client.id, TODAY, TODAY)
        items = [one.row.id for one in (await current(session, person.client.id, TODAY)).items]
    return [
        (entry.row.outcome, [r.done for one in items for r in entry.results if r.plan_item_id == one])
        for entry in found.sessions
    ]


async def readings(person: Person) -> list[tuple[str, str | None]]:
    return [(line.body, line.reading) for line in await person.thread()]


async def events(person: Person) -> list[tuple[str | None, datetime | None]]:
    """Words still kept with each text, and when it was acted on."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        statement = select(ProviderEvent).where(
            ProviderEvent.clinic_id == person.clinic_id, ProviderEvent.contact_point_id == person.point.id
        )
        return [(event.body, event.acted_at) for event in await session.scalars(statement)]


async def leave_behind(person: Person, body: str) -> None:
    """A text that a process stored two minutes ago and did not live to act on."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        session.add(
            ProviderEvent(
                clinic_id=person.clinic_id,
                id=uuid4(),
                provider="twilio",
                event_key=f"SM{uuid4().hex}",
                kind="text",
                contact_point_id=person.point.id,
                body=body,
                received_at=NOW - timedelta(minutes=2),
            )
        )


@pytest.mark.parametrize("said", [{"Body": "STOP"}, {"Body": "adios", "OptOutType": "STOP"}])
async def test_stop_ends_all_texts_to_a_shared_phone_when_one_of_them_was_asked(
    provider: Provider, database: Database, said: dict[str, str]
) -> None:
    phone = f"+1202555{len(said):04d}"
    north, south = await make_team(database), await make_team(database)
    maria, tom, ann = [await make_person(database, team, phone=phone) for team in (north, north, south)]
    await ask(maria)
    await provider.post(INBOUND, text_form(phone, **said))
    assert [await person.opted_out() for person in (maria, tom, ann)] == [True, True, True]
    assert [len(await person.thread()) for person in (maria, tom, ann)] == [1, 0, 0]
    assert [kind for kind, _ in await maria.answers()] == (["stopped"] if said["Body"] == "STOP" else [])


async def test_a_stop_told_again_after_a_start_ends_nothing(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    form = text_form(person.phone, "STOP")
    await provider.post(INBOUND, form)
    await provider.text(person.phone, "START")
    await provider.post(INBOUND, form)
    assert not await person.opted_out()


async def test_a_stop_is_kept_even_when_nothing_else_can_be(
    provider: Provider, database: Database, team: Team, urls: Urls, clock: Clock
) -> None:
    """The thread takes nothing, so not even a note can be kept: the text waits, and texts have ended already."""
    person, other = await make_person(database, team), await make_person(database, team)
    with broken(urls, "thread_message"):
        answer = await provider.text(person.phone, "STOP")
    assert answer.status_code == 200
    assert await person.opted_out_at() == NOW
    assert await events(person) == [("STOP", None)]
    clock.now = NOW + timedelta(minutes=2)
    await provider.text(other.phone, "4")
    assert await readings(person) == [("STOP", "stop")]
    assert [kind for kind, _ in await person.answers()] == ["stopped"]


async def test_a_start_outlives_a_stop_that_was_left_behind_before_it(
    provider: Provider, database: Database, team: Team, urls: Urls, clock: Clock
) -> None:
    person = await make_person(database, team)
    with broken(urls, "thread_message"):
        await provider.text(person.phone, "STOP")
    clock.now = NOW + timedelta(minutes=2)
    await provider.text(person.phone, "START")
    assert await readings(person) == [("STOP", "stop"), ("START", "start")]
    assert not await person.opted_out()
    assert [kind for kind, _ in await person.answers()] == ["started"]


@pytest.mark.parametrize(("words", "done"), [("done #1", [True]), ("SOME", [False])])
async def test_what_was_ticked_before_the_plan_changed_today_is_not_in_the_way(
    provider: Provider, database: Database, team: Team, words: str, done: list[bool]
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "done #1")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        changed = Prescription("Home exercise plan", TODAY, [item("glu-squeeze")], [])
        await plans.change(session, person.client.id, changed, 1, NOW)
    assert (await provider.text(person.phone, words)).status_code == 200
    assert await ticks(person) == [("done" if all(done) else "partly", done)]


@pytest.mark.parametrize(
    ("words", "reading", "answer"),
    [
        ("6", "note", NOTED[0]),
        ("Done 6", "note", NOTED[0]),
        ("6 fell and can't walk", "danger", "not_watched"),
        ("7 STOP", "stop note", "stopped"),
    ],
)
async def test_a_text_that_cannot_be_saved_is_kept_as_a_note(
    provider: Provider,
    database: Database,
    team: Team,
    urls: Urls,
    caplog: pytest.LogCaptureFixture,
    words: str,
    reading: str,
    answer: str,
) -> None:
    person = await make_person(database, team)
    with broken(urls, "pain_entry"):
        assert (await provider.text(person.phone, words)).status_code == 200
    assert await readings(person) == [(words, reading)]
    assert [kind for kind, _ in await person.answers()] == [answer]
    assert await events(person) == [(None, NOW)]
    assert await ticks(person) == []
    logged = [line for line in caplog.records if line.name == "clamshell.conversation"]
    assert ["IntegrityError" in line.getMessage() for line in logged] == [True]
    assert str(person.client.id) not in logged[0].getMessage()


async def test_an_old_text_that_fails_does_not_fail_the_others(
    provider: Provider, database: Database, urls: Urls
) -> None:
    team = await make_team(database)
    failing, fine, other = [await make_person(database, team) for _ in range(3)]
    await leave_behind(failing, "6")
    await leave_behind(fine, "DONE")
    with broken(urls, "pain_entry"):
        assert (await provider.text(other.phone, "SKIP")).status_code == 200
    assert await readings(failing) == [("6", "note")]
    assert await events(failing) == [(None, NOW)]
    assert await readings(fine) == [("DONE", "done")]
    assert await readings(other) == [("SKIP", "skip")]


async def test_a_tick_by_text_and_one_in_the_app_at_once_are_both_kept(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    person = await make_person(database, team)
    app = Actor("client", person.client.id, "app")
    async with database.clinic_tx(team.clinic_id, app) as session:
        first = (await current(session, person.client.id, TODAY)).items[0].row.id
        new = NewSession(Outcome.PARTLY, [first])
        await record_session(session, person.client, new, When(TODAY, NOW, NOW), NOW)
        text = asyncio.create_task(provider.text(person.phone, "done #2"))
        await _until_one_waits(urls)
    assert (await text).status_code == 200
    assert await ticks(person) == [("done", [True, True])]


async def _until_one_waits(urls: Urls) -> None:
    """Until some statement in this database waits for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        for _ in range(200):
            if connection.execute(waiting).fetchone():
                return
            await asyncio.sleep(0.02)
    raise AssertionError("nothing waits")
