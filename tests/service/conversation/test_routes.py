from asyncio import gather
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from service.conversation.tables import ProviderEvent
from service.database.tenancy import Actor, Database
from service.ids import new_id
from tests import far_ends
from tests.conftest import Clock, Urls, serving
from tests.make import NOW, Team
from tests.service.conversation.conftest import (
    EMPTY,
    INBOUND,
    SYSTEM,
    Provider,
    make_person,
    post_form,
    rows,
    text_form,
    turned_away,
    with_provider,
)

pytestmark = pytest.mark.anyio

PROVIDER = Actor("provider", None, "text")


EVERYWHERE = "https://app.clinic.example"


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
    answer = await provider.post(INBOUND, {"From": "+12025550142", "To": "+13035550100", "Body": "4"})
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


async def test_the_signature_covers_the_address_that_people_call(database: Database, team: Team, clock: Clock) -> None:
    """Behind a proxy the request comes to another name; the public one was signed."""
    person = await make_person(database, team)
    form = text_form(person.phone, "4")
    headers = {"X-Twilio-Signature": far_ends.signature(f"{EVERYWHERE}{INBOUND}", form)}
    async with serving(with_provider(EVERYWHERE), database, clock, base_url="http://127.0.0.1:8000") as api:
        assert (await post_form(api, INBOUND, form, headers)).status_code == 200
    assert len(await person.thread()) == 1
