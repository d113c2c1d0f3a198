"""Texts that are nobody's for sure: asked about with a letter, shown to staff, and never guessed."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.database.tenancy import Database
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from tests import told as people
from tests.conftest import Clock, signed_in
from tests.make import NOW, Team, make_team
from tests.service.conversation.conftest import INBOUND, SYSTEM, Person, Provider, make_person, text_form
from tests.service.conversation.told import pains, readings
from tests.service.review.browsing import cookie, token_in, words

pytestmark = pytest.mark.anyio


async def asked(person: Person, hours: float, kind: str = "check_in") -> None:
    """A question that came to the phone so many hours ago."""
    at = NOW - timedelta(hours=hours)
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=MessageKind(kind),
            dedupe_key=f"test:{uuid4()}",
            due_at=at,
            expires_at=NOW,
            prompt=kind,
        )
        message = await session.get_one(Message, (session.clinic_id, await enqueue(session, outgoing, NOW)))
        message.state, message.accepted_at = "accepted", at


async def couple(database: Database, team: Team, phone: str) -> tuple[Person, Person]:
    """Maria was asked at 8:00 and Tom at 9:30, their time."""
    maria = await make_person(database, team, phone=phone, name="Maria Lopez")
    tom = await make_person(database, team, phone=phone, name="Tom Lopez")
    await asked(maria, 3)
    await asked(tom, 1.5)
    return maria, tom


async def page(provider: Provider, database: Database, team: Team, staff_id: UUID | None = None) -> str:
    held = cookie(await signed_in(database, team.clinic_id, staff_id=staff_id or team.owner_id, now=provider.clock.now))
    answer = await provider.api.get("/texts", headers=held)
    assert answer.status_code == 200
    return answer.text


async def test_a_letter_says_whose_the_text_was_and_names_nobody(provider: Provider, database: Database) -> None:
    team = await make_team(database)
    maria, tom = await couple(database, team, "+12025550601")
    await provider.text(maria.phone, "6 R car")
    assert (await pains(maria), await pains(tom)) == ([], [])
    assert await maria.answers() + await tom.answers() == [
        (
            "which",
            "Northside: more than one person uses this phone. Reply A for our 8:00 AM text, B for our 9:30 AM text.",
        )
    ]
    await provider.text(maria.phone, " b. ")
    assert (await pains(maria), await pains(tom)) == ([], [(6, [(None, "right")], ["driving"])])
    assert await readings(tom) == [("6 R car", "pain")]
    assert [kind for kind, _ in await tom.answers()] == ["check_in_ack"]
    assert "6 R car" not in await page(provider, database, team)


async def test_everything_told_again_by_the_provider_changes_nothing(provider: Provider, database: Database) -> None:
    team = await make_team(database)
    maria, tom = await couple(database, team, "+12025550602")
    text, letter = text_form(maria.phone, "4"), text_form(maria.phone, "A")
    for form in (text, text, letter, letter, text, letter):
        await provider.post(INBOUND, form)
    assert ([score for score, _, _ in await pains(maria)], await pains(tom)) == ([4], [])
    assert sorted(kind for kind, _ in await maria.answers()) == ["check_in_ack", "which"]


async def test_a_phone_is_asked_once_and_a_letter_late_or_unasked_places_nothing(
    provider: Provider, database: Database, clock: Clock
) -> None:
    team = await make_team(database)
    maria, tom = await couple(database, team, "+12025550603")
    await provider.text(maria.phone, "A")
    await provider.text(maria.phone, "4")
    await provider.text(maria.phone, "hello?")
    assert [kind for kind, _ in await maria.answers()] == ["which"]
    clock.now = NOW + timedelta(hours=5)
    await provider.text(maria.phone, "B")
    assert (await pains(maria), await pains(tom)) == ([], [])
    html = words(await page(provider, database, team))
    assert all(said in html for said in ("hello?", "Maria Lopez", "Tom Lopez"))


async def test_danger_from_a_shared_phone_is_answered_and_alerts(
    provider: Provider, database: Database, team: Team
) -> None:
    maria, tom = await couple(database, team, "+12025550604")
    await provider.text(maria.phone, "I fell and cannot walk")
    assert [kind for kind, _ in await maria.answers() + await tom.answers()] == ["not_watched"]
    html = words(await page(provider, database, team))
    assert "Texts without a name (1) · Read now" in html
    assert "I fell and cannot walk" in html
    assert await maria.thread() + await tom.thread() == []


async def test_two_clinics_hear_of_a_shared_phone_only_what_is_alarming(provider: Provider, database: Database) -> None:
    here, there, phone = await make_team(database), await make_team(database), "+12025550605"
    for team in (here, there):
        await asked(await make_person(database, team, phone=phone), 1)
    await provider.text(phone, "just a 4")
    await provider.text(phone, "my leg gave way")
    for team in (here, there):
        html = await page(provider, database, team)
        assert ("just a 4" in html, "my leg gave way" in html) == (False, True)


async def test_an_unknown_number_is_shown_to_the_clinic_it_wrote_to(provider: Provider, database: Database) -> None:
    number = "+13035550777"
    team, other = await make_team(database, sms_from=number), await make_team(database)
    await provider.post(INBOUND, text_form("+12025550699", "Is this the clinic?", To=number))
    html = words(await page(provider, database, team))
    assert "Is this the clinic? Nobody here has this number." in html
    assert "Is this the clinic?" not in await page(provider, database, other)


async def test_staff_see_what_may_be_their_clients_and_put_it_aside(provider: Provider, database: Database) -> None:
    """Sam treats both; Robin treats neither; the front desk sees no records."""
    team, elsewhere = await make_team(database), await make_team(database)
    maria, _ = await couple(database, team, "+12025550606")
    await provider.text(maria.phone, "a note")
    assert "a note" not in await page(provider, database, team, team.other_therapist_id)
    html = await page(provider, database, team, team.therapist_id)
    [text_id] = re.findall(r"/texts/([0-9a-f-]{36})/seen", html)
    desk = await people.make_staff(database, team, "front_desk")
    for clinic, staff_id, expected in (
        (team, desk, 403),
        (team, team.other_therapist_id, 404),
        (elsewhere, elsewhere.owner_id, 404),
        (team, team.therapist_id, 303),
    ):
        held = cookie(await signed_in(database, clinic.clinic_id, staff_id=staff_id))
        form = {"csrf": token_in((await provider.api.get("/clients/new", headers=held)).text)}
        sent = await provider.api.post(f"/texts/{text_id}/seen", data=form, headers=held)
        assert sent.status_code == expected
    html = await page(provider, database, team, team.therapist_id)
    assert ("a note" in html, "No text waits to be read." in html) == (False, True)
