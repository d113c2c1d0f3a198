from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from scheduler import claims
from scheduler.messages import Claimed, Marking, Ready
from scheduler.timing import NORMAL
from service.accounts.tables import Consent
from service.clock import utc_now
from service.database.tenancy import SYSTEM as SCHEDULER
from service.database.tenancy import ClinicSession, Database
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from tests.conftest import Clock
from tests.make import NOW, Team
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person
from tests.service.conversation.told import (
    STOPPED,
    pains,
    readings,
)

pytestmark = pytest.mark.anyio


async def claimed_of(session: ClinicSession, person: Person) -> list[Claimed]:
    found = await claims.claim(session, "sms", "worker", 20, NORMAL.lease)
    return [message for message in found if message.client_id == person.client.id]


async def mark(notifier: Database, team: Team, message: Claimed) -> bool:
    ready = Ready(message, new_id(utc_now()), "twilio", b"x" * 32, cap=12)
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        said = await claims.mark(session, [ready], NORMAL.flight, utc_now().date())
    return said[message.id] is Marking.DONE


async def test_a_score_and_a_stop_are_both_heard(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "7 STOP")
    assert [score for score, _, _ in await pains(person)] == [7]
    assert await person.opted_out()
    assert await readings(person) == [("7 STOP", "stop pain")]
    assert await person.answers() == [("stopped", STOPPED)]


async def test_after_a_stop_nothing_more_is_answered_and_everything_is_kept(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    for words in ("stop texting me pls", "STOP", "5", "hello there", "fell on the stairs"):
        await provider.text(person.phone, words)
    assert await person.answers() == [("stopped", STOPPED)]
    assert await person.opted_out_at() == NOW
    assert [score for score, _, _ in await pains(person)] == [5]
    assert [reading for _, reading in await readings(person)] == ["stop", "stop", "pain", "note", "danger"]


async def test_what_the_provider_answered_itself_is_not_answered_again(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "Adios amigos", OptOutType="STOP")
    assert await person.opted_out()
    await provider.text(person.phone, "START", OptOutType="START")
    assert not await person.opted_out()
    await provider.text(person.phone, "HELP", OptOutType="HELP")
    assert await person.answers() == []


async def test_start_opens_what_stop_closed_and_help_helps(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    for words in ("STOP", "START", "HELP"):
        await provider.text(person.phone, words)
    assert not await person.opted_out()
    assert await person.answers() == [
        ("stopped", STOPPED),
        ("started", "Northside: you will get texts from us again. Reply STOP to end, HELP for help."),
        (
            "help",
            "Northside texts. Up to 4 a day. Call (202) 555-0100 in office hours. "
            "Reply STOP to end. Msg and data rates may apply.",
        ),
    ]


async def test_start_opens_nothing_when_consent_was_withdrawn(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "STOP")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        statement = select(Consent).where(col(Consent.client_id) == person.client.id)
        for consent in await session.scalars(statement.where(col(Consent.clinic_id) == team.clinic_id)):
            consent.withdrawn_at = NOW
    await provider.text(person.phone, "START")
    assert await person.opted_out()
    assert await person.answers() == [("stopped", STOPPED)]


async def test_no_mark_commits_after_a_stop(
    provider: Provider, database: Database, notifier: Database, team: Team, clock: Clock
) -> None:
    """The STOP comes between the claim and the mark; only its confirmation may still go out."""
    clock.now = utc_now()
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=MessageKind.CHECK_IN,
            dedupe_key=f"test:{uuid4()}",
            due_at=clock.now - timedelta(minutes=1),
            expires_at=clock.now + timedelta(hours=1),
        )
        await enqueue(session, outgoing, clock.now)
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        claimed = await claimed_of(session, person)
    assert [message.kind for message in claimed] == ["check_in"]
    await provider.text(person.phone, "STOP")
    assert await mark(notifier, team, claimed[0]) is False
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        confirming = await claimed_of(session, person)
    assert [message.kind for message in confirming] == ["stopped"]
    assert await mark(notifier, team, confirming[0]) is True
