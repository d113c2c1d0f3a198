from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.accounts import queries as people
from service.conversation.queries import Sender
from service.conversation.routes.webhooks import the_one
from service.database.tenancy import ClinicSession, Database
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from tests.conftest import Clock, Urls
from tests.make import NOW, Team, make_team
from tests.service.conversation.conftest import (
    EMPTY,
    INBOUND,
    SYSTEM,
    Person,
    Provider,
    make_person,
    rows,
    text_form,
)

pytestmark = pytest.mark.anyio


def sender(asked: str | None = None, *, own_number: bool = False, told_before: bool = False) -> Sender:
    return Sender(uuid4(), uuid4(), uuid4(), own_number, asked, told_before)


def test_who_sent_a_text_is_never_guessed() -> None:
    quiet, asked, other = sender(), sender("check_in"), sender("plan")
    assert the_one([]) is None
    assert the_one([quiet]) is quiet
    assert the_one([quiet, asked]) is asked
    assert the_one([asked, other]) is None
    assert the_one([quiet, sender()]) is None


def test_the_number_a_text_was_sent_to_tells_which_clinic_is_meant() -> None:
    meant = sender(own_number=True)
    assert the_one([sender("plan"), meant]) is meant


def test_a_text_told_again_goes_where_it_went_first() -> None:
    first = sender(told_before=True)
    assert the_one([sender("plan"), first]) is first


async def ask(session: ClinicSession, person: Person, kind: MessageKind = MessageKind.CHECK_IN) -> UUID:
    """A question that the provider took an hour ago."""
    asked = Outgoing(
        client_id=person.client.id,
        contact_point_id=person.point.id,
        channel="sms",
        kind=kind,
        dedupe_key=f"test:{uuid4()}",
        due_at=NOW - timedelta(hours=1),
        expires_at=NOW,
        prompt=kind.value,
    )
    message_id = await enqueue(session, asked, NOW)
    message = await session.get_one(Message, (session.clinic_id, message_id))
    message.state, message.accepted_at = "accepted", NOW - timedelta(hours=1)
    return message.id


async def test_a_shared_phone_is_told_apart_by_the_only_open_question(
    provider: Provider, database: Database, team: Team, clock: Clock, urls: Urls
) -> None:
    """A question asked an hour before NOW is open for 35 hours more."""
    phone = "+12025550177"
    maria, tom = [await make_person(database, team, phone=phone) for _ in range(2)]
    before = rows(urls)["unrouted_text"]
    await provider.text(phone, "nobody was asked")
    assert rows(urls)["unrouted_text"] == before + 1

    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        await ask(session, maria)
    await provider.text(phone, "only Maria was asked")
    clock.now = NOW + timedelta(hours=34, minutes=59, seconds=59)
    await provider.text(phone, "Maria's question is still open")
    assert clock.now == NOW + timedelta(hours=35)
    await provider.text(phone, "no question is open any more")
    assert rows(urls)["unrouted_text"] == before + 2

    clock.now = NOW
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        await ask(session, tom)
    await provider.text(phone, "both were asked")
    assert rows(urls)["unrouted_text"] == before + 3
    assert [line.body for line in await maria.thread()] == ["only Maria was asked", "Maria's question is still open"]
    assert await tom.thread() == []


async def test_a_text_set_aside_stays_aside_when_it_is_told_again(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    phone = "+12025550155"
    maria, _ = [await make_person(database, team, phone=phone) for _ in range(2)]
    form = text_form(phone, "3")
    await provider.post(INBOUND, form)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        await ask(session, maria)
    before = rows(urls)
    await provider.post(INBOUND, form)
    assert rows(urls) == before


async def test_a_clinic_with_its_own_number_does_not_hear_what_was_sent_to_another(
    provider: Provider, database: Database
) -> None:
    phone = "+12025550188"
    north, south = [await make_team(database, sms_from=number) for number in ("+13035550201", "+13035550202")]
    maria, also_maria = [await make_person(database, team, phone=phone) for team in (north, south)]
    await provider.text(phone, "4", To="+13035550202")
    assert await maria.thread() == []
    assert [line.body for line in await also_maria.thread()] == ["4"]


@pytest.mark.parametrize("said", [{"Body": "please stop texting me"}, {"Body": "adios", "OptOutType": "STOP"}])
async def test_stop_from_a_shared_phone_ends_all_texts_to_it(
    provider: Provider, database: Database, said: dict[str, str]
) -> None:
    phone, team = "+12025550199", await make_team(database, sms_from=f"+130355501{len(said)}0")
    people_there = [await make_person(database, team, phone=phone) for _ in range(2)]
    await provider.post(INBOUND, text_form(phone, To=f"+130355501{len(said)}0", **said))
    assert [await person.opted_out() for person in people_there] == [True, True]
    assert [await person.answers() for person in people_there] == [[], []]


async def test_phones_of_two_clinics_without_numbers_are_not_mixed_up(
    provider: Provider, database: Database, team: Team
) -> None:
    phone = "+12025550166"
    other = await make_team(database)
    here, there = (
        await make_person(database, team, phone=phone),
        await make_person(database, other, phone=phone),
    )
    await provider.text(phone, "7")
    assert await here.thread() == []
    assert await there.thread() == []
    async with database.clinic_tx(other.clinic_id, SYSTEM) as session:
        await ask(session, there)
        assert len(await people.contact_points_with(session, phone)) == 1
    await provider.text(phone, "7")
    assert await here.thread() == []
    assert [line.body for line in await there.thread()] == ["7"]


async def test_a_text_from_an_unknown_number_belongs_to_no_clinic(provider: Provider, urls: Urls) -> None:
    before = rows(urls)
    form = text_form("+12025559999", "who are you")
    assert (await provider.post(INBOUND, form)).text == EMPTY
    assert (await provider.post(INBOUND, form)).text == EMPTY
    assert rows(urls) == before | {"unrouted_text": before["unrouted_text"] + 1}
