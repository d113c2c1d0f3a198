from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient

from service.conversation.guards import auth_token
from service.conversation.pages import REASONS
from service.database.tenancy import Database
from service.outbox.actions import Delivery, Outgoing, deliver_to_inbox, enqueue
from service.outbox.rules import Fuse, MessageKind
from service.settings import Settings
from tests.conftest import Clock, Urls, serving, signed_in
from tests.far_ends import signature
from tests.make import NOW, Team, make_client, make_team
from tests.own_database import database as database
from tests.own_database import urls as urls
from tests.service.conversation.conftest import (
    INBOUND,
    SYSTEM,
    Person,
    make_person,
    post_form,
    text_form,
    with_provider,
)

pytestmark = pytest.mark.anyio

CHECK_IN = (
    "Northside: time for today's check-in. Reply with a number from 0 to 10, or tap http://testserver.local/r/abc"
)


@asynccontextmanager
async def visiting(
    database: Database, clock: Clock, *, peer: str = "127.0.0.1", settings: Settings | None = None
) -> AsyncIterator[AsyncClient]:
    """The application as somebody at that address sees it, with the test inbox on."""
    known = settings or Settings(secret_key="s" * 40, public_url="http://testserver.local", inbox=True)
    async with serving(known, database, clock, peer=peer) as client:
        yield client


async def deliver(person: Person, *, medium: str = "sms", subject: str | None = None, to: str = "") -> UUID:
    """A check-in as the far end got it."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel=medium,
            kind=MessageKind.CHECK_IN,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW,
            expires_at=NOW.replace(hour=19),
            prompt="check_in",
        )
        message_id = await enqueue(session, outgoing, NOW)
        assert message_id is not None
        delivery = Delivery(
            client_id=person.client.id,
            message_id=message_id,
            attempt_id=uuid4(),
            medium=medium,
            sent_to=to or person.phone,
            subject=subject,
            body=CHECK_IN,
            html=None,
            headers={"Auto-Submitted": "auto-generated"},
            at=NOW,
        )
        await deliver_to_inbox(session, [delivery])
    return message_id


PATHS = [("GET", "/dev/inbox"), ("GET", "/dev/inbox/messages"), ("POST", "/dev/inbox/reply")]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_a_stranger_from_elsewhere_may_not_look(
    database: Database, clock: Clock, team: Team, method: str, path: str
) -> None:
    person = await make_person(database, team)
    client = await signed_in(database, team.clinic_id, client_id=person.client.id)
    async with visiting(database, clock, peer="203.0.113.9") as api:
        for headers in ({}, client, {"Authorization": "Bearer nonsense"}, {"X-Forwarded-For": "127.0.0.1"}):
            assert (await api.request(method, path, headers=headers)).status_code == 403
    async with visiting(database, clock) as api:
        passed_on = {"X-Forwarded-For": "203.0.113.9"}
        assert (await api.request(method, path, headers=passed_on)).status_code == 403


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_beside_a_real_provider_there_is_no_inbox(
    database: Database, clock: Clock, team: Team, method: str, path: str
) -> None:
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock, settings=with_provider()) as api:
        assert (await api.request(method, path, headers=staff)).status_code == 404


async def test_a_thread_shows_what_was_sent_and_what_was_answered(database: Database, clock: Clock, team: Team) -> None:
    person = await make_person(database, team, name="Maria Lopez")
    await deliver(person)
    async with visiting(database, clock) as api:
        before = await api.get("/dev/inbox", params={"to": person.phone})
        await api.post("/dev/inbox/reply", json={"from": person.phone, "body": "6 R car"})
        after = await api.get("/dev/inbox", params={"to": person.phone})
    assert before.status_code == 200
    assert "time for today&#39;s check-in" in before.text
    assert "No health words." in before.text
    assert 'href="http://testserver.local/r/abc"' in before.text
    assert "6 R car" not in before.text
    assert "6 R car" in after.text


async def test_a_message_can_be_opened_with_why_it_went_out(database: Database, clock: Clock, team: Team) -> None:
    person = await make_person(database, team)
    await deliver(person)
    await deliver(person, medium="email", subject="Your pain diary", to="maria@mail.example")
    async with visiting(database, clock) as api:
        listed = (await api.get("/dev/inbox/messages", params={"to": "maria@mail.example"})).json()["data"]
        page = await api.get("/dev/inbox", params={"person": str(person.client.id), "message": listed[0]["id"]})
    assert [(one["medium"], one["subject"], one["kind"]) for one in listed] == [
        ("email", "Your pain diary", "check_in")
    ]
    assert "The check-in came due, and the day had no entry yet." in page.text
    assert "Health words anyone can see:" in page.text


async def test_an_address_that_can_be_nobodys_is_refused(database: Database, clock: Clock, team: Team) -> None:
    await make_person(database, team)
    async with visiting(database, clock) as api:
        answer = await api.get("/dev/inbox/messages?to=%00")
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_messages_are_listed_by_address_for_programs(database: Database, clock: Clock, team: Team) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    message_id = await deliver(person)
    await deliver(other)
    async with visiting(database, clock) as api:
        answer = await api.get("/dev/inbox/messages", params={"to": person.phone})
        unescaped = await api.get(f"/dev/inbox/messages?to={person.phone}")
        all_of_them = (await api.get("/dev/inbox/messages")).json()["data"]
    (one,) = answer.json()["data"]
    assert one["message_id"] == str(message_id)
    assert (one["to"], one["text"], one["links"]) == (person.phone, CHECK_IN, ["http://testserver.local/r/abc"])
    assert unescaped.json() == answer.json()
    assert {person.phone, other.phone} <= {message["to"] for message in all_of_them}


async def test_staff_see_their_own_clinic_only(database: Database, clock: Clock, team: Team) -> None:
    elsewhere = await make_team(database)
    stranger = await make_person(database, elsewhere, name="Somebody Else")
    await deliver(stranger)
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock, peer="203.0.113.9") as api:
        page = await api.get("/dev/inbox", headers=staff, params={"to": stranger.phone})
        listed = await api.get("/dev/inbox/messages", headers=staff, params={"to": stranger.phone})
        reply = {"from": stranger.phone, "body": "9"}
        refused = await api.post("/dev/inbox/reply", headers=staff, json=reply)
    assert page.status_code == 200
    assert "Somebody Else" not in page.text
    assert listed.json() == {"data": []}
    assert refused.status_code == 404
    assert await stranger.thread() == []


async def test_a_reply_from_the_form_comes_back_to_the_thread(database: Database, clock: Clock, team: Team) -> None:
    person = await make_person(database, team)
    async with visiting(database, clock) as api:
        answer = await api.post("/dev/inbox/reply", data={"csrf": "", "from": person.phone, "text": "DONE"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/dev/inbox?to=%2B{person.phone[1:]}"
    assert [(line.body, line.reading) for line in await person.thread()] == [("DONE", "done")]
    assert [kind for kind, _ in await person.answers()] == ["plan_ack"]


async def test_a_form_of_signed_in_staff_carries_the_token_of_its_page(
    database: Database, clock: Clock, team: Team
) -> None:
    person = await make_person(database, team)
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock) as api:
        form = {"csrf": "another page's", "from": person.phone, "text": "DONE"}
        answer = await api.post("/dev/inbox/reply", headers=staff, data=form)
    assert answer.status_code == 403
    assert await person.thread() == []


async def test_the_webhook_behind_the_inbox_is_as_closed_as_the_providers(
    database: Database, clock: Clock, team: Team, urls: Urls, settings: Settings
) -> None:
    """A reply leaves what a text of the provider leaves, and nobody else can sign one."""
    person = await make_person(database, team)
    form = text_form(person.phone, "9")
    own = {"X-Twilio-Signature": signature(settings.public_url + INBOUND, form, token=auth_token(settings))}
    providers = {"X-Twilio-Signature": signature(settings.public_url + INBOUND, form)}
    async with visiting(database, clock) as api:
        answers = [await post_form(api, INBOUND, form, headers) for headers in ({}, providers, own)]
        reply = await api.post("/dev/inbox/reply", json={"to": person.phone, "text": "8"})
    assert [answer.status_code for answer in answers] == [403, 403, 200]
    with psycopg.connect(urls.owner) as connection:
        statement = "SELECT event_key, kind FROM provider_event WHERE contact_point_id = %s ORDER BY id"
        events = connection.execute(statement, [person.point.id]).fetchall()
    assert sorted(events) == sorted([(form["MessageSid"], "text"), (reply.json()["provider_message_id"], "text")])


async def test_a_reply_goes_to_the_clinics_own_number_when_it_has_one(database: Database, clock: Clock) -> None:
    team = await make_team(database, sms_from="+13035550209")
    person = await make_person(database, team)
    async with visiting(database, clock) as api:
        await api.post("/dev/inbox/reply", json={"from": person.phone, "body": "4"})
    assert [line.body for line in await person.thread()] == ["4"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"from": 3}',
        b"\xff\xfe",
        b'{"from": "+12025550100"}',
        b'{"body": "4"}',
        b'{"from": "+1", "body": "a\\u0000"}',
    ],
)
async def test_a_reply_that_says_nothing_is_refused(database: Database, clock: Clock, body: bytes) -> None:
    async with visiting(database, clock) as api:
        answer = await api.post("/dev/inbox/reply", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_the_people_are_listed_with_what_they_have_not_answered(database: Database, clock: Clock) -> None:
    team = await make_team(database)
    person = await make_person(database, team, name="Ben Carter")
    for _ in range(2):
        await deliver(person)
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock) as api:
        before = await api.get("/dev/inbox", headers=staff)
        await api.post("/dev/inbox/reply", headers=staff, json={"from": person.phone, "body": "4"})
        after = await api.get("/dev/inbox", headers=staff)
    assert '<span class="unread" title="new">2</span>' in before.text
    assert 'class="unread"' not in after.text
    assert "Northside Clinic" in before.text


async def test_somebody_is_found_by_their_own_address_only(database: Database, clock: Clock) -> None:
    """A client without a phone, or without a mail address, is nobody's answer."""
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        mail_only = await make_client(session, team.therapist_id, name="Only Mail", phone=None)
        phone_only = await make_client(session, team.therapist_id, name="Only Phone", email=None)
        both = await make_client(session, team.therapist_id, name="Both Ways")
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock) as api:
        for client in (mail_only, phone_only, both):
            page = await api.get("/dev/inbox", headers=staff, params={"person": str(client.id)})
            assert f'aria-label="Messages of {client.name}"' in page.text
        nobody = await api.get("/dev/inbox", headers=staff, params={"person": str(uuid4())})
        assert 'aria-label="Messages of "' in nobody.text


async def test_whoever_is_not_signed_in_is_offered_no_pages_of_staff(
    database: Database, clock: Clock, team: Team
) -> None:
    await make_person(database, team)
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock) as api:
        outside = (await api.get("/dev/inbox")).text
        inside = (await api.get("/dev/inbox", headers=staff)).text
    for words in ('href="/caseload"', 'href="/clients/new"', 'href="/exercises"', 'action="/staff/sign-out"'):
        assert words not in outside
        assert words in inside


async def test_the_people_are_folded_away_for_a_narrow_screen(database: Database, clock: Clock) -> None:
    """Twice in the page, once for each width; the folded one opens without script."""
    team = await make_team(database)
    person = await make_person(database, team)
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    async with visiting(database, clock) as api:
        page = (await api.get("/dev/inbox", headers=staff)).text
    _, _, folded = page[page.index("<main") :].partition("<details")
    folded, _, listed = folded.partition("</details>")
    link = f'href="/dev/inbox?person={person.client.id}"'
    assert [part.count(link) for part in (folded, listed.partition("</nav>")[0])] == [1, 1]


def test_whatever_goes_out_by_itself_has_a_reason_and_is_called_no_answer() -> None:
    by_itself = {kind for kind in MessageKind if kind.fuse in (Fuse.REMINDER, Fuse.NOTICE, Fuse.CODE)}
    assert {MessageKind.TAPER, MessageKind.WEEK, MessageKind.LAPSE_30} <= by_itself
    assert by_itself | {MessageKind.INVITE} <= REASONS.keys()
    assert not [kind for kind in REASONS if MessageKind(kind).fuse is Fuse.ANSWER]
