from asyncio import gather
from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient
from sqlmodel import select

from service.accounts import queries as people
from service.app import create_app
from service.conversation.actions import reports
from service.conversation.guards import Webhook, auth_token, signature, signed_form
from service.conversation.queries import Sender
from service.conversation.routes import the_one
from service.conversation.tables import ProviderEvent
from service.database.tenancy import Actor, ClinicSession, Database
from service.errors import BadSignature
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Attempt, Message
from tests import far_ends
from tests.conftest import Clock, Urls
from tests.make import NOW, Team, make_team
from tests.service.conversation.conftest import (
    EMPTY,
    INBOUND,
    SYSTEM,
    Person,
    Provider,
    make_person,
    post_form,
    sent,
    state_of,
    text_form,
    with_provider,
)

pytestmark = pytest.mark.anyio

PROVIDER = Actor("provider", None, "text")
EVERYWHERE = "https://app.clinic.example"
TABLES = ("provider_event", "unrouted_text", "thread_message", "message", "pain_entry", "exercise_session")


def rows(urls: Urls) -> dict[str, int]:
    """How many rows each table holds, seen by its owner."""
    with psycopg.connect(urls.owner) as connection:
        counted = [(t, connection.execute(f"SELECT count(*) FROM {t}").fetchone()) for t in TABLES]
    return {table: row[0] if row else 0 for table, row in counted}


def turned_away(urls: Urls, kind: str) -> int:
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute("SELECT total FROM webhook_counter WHERE kind = %s", [kind]).fetchone()
    return row[0] if row else 0


def webhook(address: str, body: str, signed: str) -> Webhook:
    return Webhook(address, body.encode(), signed)


def test_the_documented_example_of_a_signature() -> None:
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signature_covers_empty_fields() -> None:
    """Worked out with openssl over `…/inboundBody6 R carFrom+12025550142MediaUrl0MessageSidSM…NumMedia0To+15550100`."""
    body = (
        "MessageSid=SM00000000000000000000000000000001&From=%2B12025550142&To=%2B15550100"
        "&Body=6+R+car&NumMedia=0&MediaUrl0="
    )
    form = signed_form(with_provider(EVERYWHERE), webhook(INBOUND, body, "XEXjQJNN4bfxeQ/uIdXJwDQOtYI="))
    assert form["Body"] == "6 R car"
    assert form["MediaUrl0"] == ""


def test_a_repeated_field_counts_once_for_each_value_in_order() -> None:
    """Worked out with openssl over `…/inbound?tag=1&tag=A1A2Bodyhi`."""
    expected = "121Jl2fc8Iw9X44RwJQYOF7viy4="
    assert (
        signature(far_ends.TOKEN, f"{EVERYWHERE}{INBOUND}?tag=1&tag=", {"A": ["2", "1", "2"], "Body": ["hi"]})
        == expected
    )


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        ("https://app.clinic.example", "https://app.clinic.example:443"),
        ("http://app.clinic.example", "http://app.clinic.example:80"),
        ("https://app.clinic.example:8443", "https://app.clinic.example"),
        ("https://app.clinic.example:8443", "https://app.clinic.example:8443"),
        ("https://app.clinic.example/clamshell", "https://app.clinic.example/clamshell"),
    ],
)
def test_the_provider_may_sign_with_or_without_the_port(public_url: str, signed_url: str) -> None:
    signed = far_ends.signature(f"{signed_url}{INBOUND}?a=1", {"Body": "4"})
    assert signed_form(with_provider(public_url), webhook(f"{INBOUND}?a=1", "Body=4", signed)) == {"Body": "4"}


@pytest.mark.parametrize(
    "signed_url",
    [
        "https://other.clinic.example/hooks/sms/inbound",
        "http://app.clinic.example/hooks/sms/inbound",
        "https://app.clinic.example:444/hooks/sms/inbound",
        "https://app.clinic.example/hooks/sms/inbound?a=1",
        "https://app.clinic.example/hooks/sms/inbound/",
    ],
)
def test_a_signature_for_another_address_is_wrong(signed_url: str) -> None:
    signed = far_ends.signature(signed_url, {"Body": "4"})
    with pytest.raises(BadSignature):
        signed_form(with_provider(EVERYWHERE), webhook(INBOUND, "Body=4", signed))


def test_without_a_provider_the_token_is_one_only_this_installation_can_make() -> None:
    first, second = (with_provider().__class__(secret_key=key * 40, public_url=EVERYWHERE) for key in ("a", "b"))
    assert auth_token(first) != auth_token(second)
    assert "a" * 40 not in auth_token(first)
    assert auth_token(with_provider()) == far_ends.TOKEN


async def test_a_text_is_answered_with_empty_twiml(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    answer = await provider.text(person.phone, "6 R car")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.text == EMPTY
    assert [(line.direction, line.body) for line in await person.thread()] == [("in", "6 R car")]


async def test_a_forged_or_unsigned_text_is_turned_away_and_only_counted(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    person = await make_person(database, team)
    form = text_form(person.phone, "9")
    here = provider.public_url + INBOUND
    forged: list[Mapping[str, str]] = [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "bm90IGEgc2lnbmF0dXJl"},
        {"X-Twilio-Signature": "sïgned"},
        {"X-Twilio-Signature": far_ends.signature(here, form, token="another token")},
        {"X-Twilio-Signature": far_ends.signature(here, form | {"Body": "1"})},
        {"X-Twilio-Signature": far_ends.signature(f"http://evil.example{INBOUND}", form)},
    ]
    before, counted = rows(urls), turned_away(urls, "sms_text")
    for headers in forged:
        encoded = {name: value.encode() for name, value in headers.items()}
        answer = await post_form(provider.api, INBOUND, form, encoded)  # type: ignore[arg-type]
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert rows(urls) == before
    assert turned_away(urls, "sms_text") == counted + len(forged)


async def test_a_signed_text_without_its_fields_is_refused_by_name(provider: Provider) -> None:
    answer = await provider.post(INBOUND, {"From": "+12025550142", "To": "+15550100", "Body": "4"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/MessageSid"


async def test_a_replayed_text_changes_nothing_and_is_answered_the_same(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    person = await make_person(database, team)
    form = text_form(person.phone, "6 R car")
    first = await provider.post(INBOUND, form)
    after = rows(urls)
    for _ in range(3):
        again = await provider.post(INBOUND, form)
        assert (again.status_code, again.content) == (first.status_code, first.content)
    assert rows(urls) == after


async def test_the_same_text_five_times_at_once_is_one_text(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    form = text_form(person.phone, "6")
    answers = await gather(*(provider.post(INBOUND, form) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [line.body for line in await person.thread()] == ["6"]
    assert len(await person.answers()) == 1


async def test_a_text_whose_process_died_is_acted_on_with_the_next_one(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, PROVIDER) as session:
        event = ProviderEvent(
            clinic_id=team.clinic_id,
            id=new_id(NOW),
            provider="twilio",
            event_key=f"SM{uuid4().hex}",
            kind="text",
            contact_point_id=person.point.id,
            body="DONE",
            received_at=NOW - timedelta(minutes=2),
        )
        session.add(event)
    await provider.text(other.phone, "4")
    assert [(line.body, line.reading) for line in await person.thread()] == [("DONE", "done")]


async def test_the_words_of_a_text_leave_the_event_when_they_are_in_the_record(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "my secret note")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        events = (
            await session.scalars(select(ProviderEvent).where(ProviderEvent.contact_point_id == person.point.id))
        ).all()
    assert [(event.body, event.acted_at) for event in events] == [(None, NOW)]


async def test_a_text_from_an_unknown_number_belongs_to_no_clinic(provider: Provider, urls: Urls) -> None:
    before = rows(urls)
    form = text_form("+12025559999", "who are you")
    assert (await provider.post(INBOUND, form)).text == EMPTY
    assert (await provider.post(INBOUND, form)).text == EMPTY
    assert rows(urls) == before | {"unrouted_text": before["unrouted_text"] + 1}


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
    north, south = [await make_team(database, sms_from=number) for number in ("+15550201", "+15550202")]
    maria, also_maria = [await make_person(database, team, phone=phone) for team in (north, south)]
    await provider.text(phone, "4", To="+15550202")
    assert await maria.thread() == []
    assert [line.body for line in await also_maria.thread()] == ["4"]


@pytest.mark.parametrize("said", [{"Body": "please stop texting me"}, {"Body": "adios", "OptOutType": "STOP"}])
async def test_stop_from_a_shared_phone_ends_all_texts_to_it(
    provider: Provider, database: Database, said: dict[str, str]
) -> None:
    phone, team = "+12025550199", await make_team(database, sms_from=f"+1555030{len(said)}000")
    people_there = [await make_person(database, team, phone=phone) for _ in range(2)]
    await provider.post(INBOUND, text_form(phone, To=f"+1555030{len(said)}000", **said))
    assert [await person.opted_out() for person in people_there] == [True, True]
    assert [await person.answers() for person in people_there] == [[], []]


async def status(provider: Provider, team: Team, attempt_id: UUID, word: str, **fields: str) -> None:
    form = {"MessageSid": "SM77", "MessageStatus": word, **fields}
    answer = await provider.post(f"/hooks/sms/{team.clinic_id}/{attempt_id}", form)
    assert (answer.status_code, answer.text) == (200, EMPTY)


@pytest.mark.parametrize(
    ("word", "message_state", "ledger"),
    [
        ("queued", ("accepted", None), ("sent", None)),
        ("sent", ("accepted", None), ("sent", None)),
        ("delivered", ("delivered", None), ("sent", None)),
        ("undelivered", ("undelivered", "unreachable"), ("failed", "unreachable")),
        ("failed", ("undelivered", "unreachable"), ("failed", "unreachable")),
    ],
)
async def test_a_callback_proves_that_an_uncertain_message_was_accepted(
    provider: Provider,
    database: Database,
    team: Team,
    word: str,
    message_state: tuple[str, str | None],
    ledger: tuple[str, str | None],
) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "uncertain")
    await status(provider, team, attempt_id, word)
    assert await state_of(database, team, message_id) == (*message_state, *ledger)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message = await session.get_one(Message, (team.clinic_id, message_id))
        attempt = await session.get_one(Attempt, (team.clinic_id, attempt_id))
    assert (message.provider_message_id, message.accepted_at) == ("SM77", NOW)
    assert attempt.provider_message_id == "SM77"


@pytest.mark.parametrize("state", ["queued", "leased", "expired", "failed", "suppressed"])
async def test_a_message_given_up_or_queued_again_is_believed_to_be_out(
    provider: Provider, database: Database, team: Team, state: str
) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, state, ledger="expired")
    await status(provider, team, attempt_id, "sent")
    assert await state_of(database, team, message_id) == ("accepted", None, "sent", None)


async def test_a_callback_during_the_flight_waits_for_the_worker(
    provider: Provider, database: Database, team: Team
) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "in_flight")
        _, another_id = await sent(session, other, "accepted")
    await status(provider, team, attempt_id, "delivered")
    assert (await state_of(database, team, message_id))[0] == "in_flight"
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        attempt = await session.get_one(Attempt, (team.clinic_id, attempt_id))
        assert attempt.provider_message_id == "SM77"
        (await session.get_one(Message, (team.clinic_id, message_id))).state = "accepted"
    await status(provider, team, another_id, "delivered")
    assert (await state_of(database, team, message_id))[0] == "delivered"


RANK = ["sent", "undelivered", "delivered"]
STATES = {"sent": "accepted", "undelivered": "undelivered", "delivered": "delivered"}


async def told_in_order(
    database: Database, team: Team, words: tuple[str, ...]
) -> tuple[str, str | None, str, str | None]:
    person = await make_person(database, team, plan=False)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "uncertain")
    for word in words:
        async with database.clinic_tx(team.clinic_id, PROVIDER) as session:
            await reports.store_report(session, attempt_id, "SM77", word, None, NOW)
            await reports.act_on_reports(session, "s" * 40, NOW)
    return await state_of(database, team, message_id)


async def test_statuses_in_any_order_and_repeated_end_in_the_same_state(database: Database, team: Team) -> None:
    chance = Random(7)
    orders = [
        *permutations(RANK),
        ("delivered", "delivered", "sent", "sent"),
        ("undelivered", "sent", "undelivered"),
    ]
    orders += [tuple(chance.choices([*RANK, "receiving", "queued"], k=6)) for _ in range(6)]
    for words in orders:
        highest = max((word if word in RANK else "sent" for word in words), key=RANK.index)
        state = await told_in_order(database, team, words)
        ledger = "failed" if highest == "undelivered" else "sent"
        assert (state[0], state[2]) == (STATES[highest], ledger), words


async def test_an_unknown_status_or_attempt_is_kept_and_changes_nothing(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "uncertain")
    before = rows(urls)
    for _ in range(2):
        await status(provider, team, attempt_id, "teleported")
        await status(provider, team, UUID(int=7), "delivered")
    assert rows(urls) == before | {"provider_event": before["provider_event"] + 2}
    assert (await state_of(database, team, message_id))[0] == "uncertain"


async def test_a_status_for_a_clinic_that_does_not_exist_finds_nothing(provider: Provider, urls: Urls) -> None:
    before = rows(urls)
    answer = await provider.post(f"/hooks/sms/{uuid4()}/{uuid4()}", {"MessageSid": "SM1", "MessageStatus": "sent"})
    assert answer.status_code == 404
    assert rows(urls) == before


async def test_a_forged_status_is_turned_away_and_only_counted(
    provider: Provider, database: Database, team: Team, urls: Urls
) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "uncertain")
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    path = f"/hooks/sms/{team.clinic_id}/{attempt_id}"
    for_another = far_ends.signature(f"{provider.public_url}/hooks/sms/{team.clinic_id}/{uuid4()}", form)
    before, counted = rows(urls), turned_away(urls, "sms_status")
    for headers in ({}, {"X-Twilio-Signature": for_another}):
        assert (await post_form(provider.api, path, form, headers)).status_code == 403
    assert rows(urls) == before
    assert turned_away(urls, "sms_status") == counted + 2
    assert (await state_of(database, team, message_id))[0] == "uncertain"


async def test_a_provider_that_reports_an_opt_out_is_believed(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "accepted", ledger="sent")
    await status(provider, team, attempt_id, "failed", ErrorCode="21610")
    assert await state_of(database, team, message_id) == (
        "undelivered",
        "opted_out",
        "suppressed",
        "opted_out",
    )
    assert await person.opted_out()


async def test_the_signature_covers_the_address_that_people_call(database: Database, team: Team, clock: Clock) -> None:
    """Behind a proxy the request comes to another name; the public one was signed."""
    transport = ASGITransport(create_app(with_provider(EVERYWHERE), database, clock))  # type: ignore[arg-type]
    person = await make_person(database, team)
    form = text_form(person.phone, "4")
    headers = {"X-Twilio-Signature": far_ends.signature(f"{EVERYWHERE}{INBOUND}", form)}
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as api:
        assert (await post_form(api, INBOUND, form, headers)).status_code == 200
    assert len(await person.thread()) == 1


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
