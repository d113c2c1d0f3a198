"""What a provider's report of a failure does: to the message, its ledger row and address, and to what comes next."""

from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select
from sqlmodel import col

from service.accounts.tables import ContactPoint
from service.database.tenancy import Database
from service.outbox.tables import SendingStop
from tests.make import Team, make_team
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person, sent, state_of, text_form
from tests.service.conversation.test_reports import status

pytestmark = pytest.mark.anyio

# Code, reason of the message, state of the ledger row, and what is stopped for the clinic.
REPORTS = (
    (None, "unreachable", "failed", None),
    ("30003", "unreachable", "failed", None),
    ("30006", "no_texts", "failed", None),
    ("21211", "invalid_address", "failed", None),
    ("21610", "opted_out", "suppressed", None),
    ("30007", "held_back", "failed", ("check_in", "filtered")),
    ("30034", "held_back", "failed", ("*", "unregistered")),
    ("30022", "held_back", "failed", ("*", "rate")),
    ("30036", "not_in_time", "expired", None),
    ("9" * 10_000, "unreachable", "failed", None),
)


async def stops(database: Database, team: Team) -> set[tuple[str, str]]:
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        found = await session.scalars(select(SendingStop).where(col(SendingStop.clinic_id) == team.clinic_id))
        return {(stop.kind, stop.failure) for stop in found}


async def point_of(person: Person) -> ContactPoint:
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        return await session.get_one(ContactPoint, (person.clinic_id, person.point.id))


async def test_each_code_has_its_reason_and_stops_what_would_fail_again(
    provider: Provider, database: Database, team: Team
) -> None:
    expected: set[tuple[str, str]] = set()
    for code, reason, ledger, stopped in REPORTS:
        person = await make_person(database, team, plan=False)
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            message_id, attempt_id = await sent(session, person, "accepted")
        await status(provider, team, attempt_id, "undelivered", **({"ErrorCode": code} if code else {}))
        assert await state_of(database, team, message_id) == ("undelivered", reason, ledger, reason), code
        point = await point_of(person)
        assert (point.invalid_at is not None) is (reason == "invalid_address"), code
        assert (point.opted_out_at is not None) is (reason == "opted_out"), code
        if stopped is not None:
            expected = {one for one in expected if one[0] != stopped[0]} | {stopped}
        assert await stops(database, team) == expected, code


# As providers have sent them, but for ids and numbers (sources in `service.outbox.codes`).
IN_THE_WILD = (
    (
        "RawDlrDoneDate=2303092021&ErrorCode=30007&SmsSid=SM1&SmsStatus=failed&MessageStatus=failed&To=%2B11111111111"
        "&MessageSid=SM1&AccountSid=AC1&From=%2B12222222222&ApiVersion=2010-04-01",
        ("check_in", "filtered"),
    ),
    (
        "ErrorCode=30034&SmsSid=SM2&SmsStatus=undelivered&MessageStatus=undelivered&To=%2B11111111111&MessageSid=SM2"
        "&AccountSid=AC1&From=%2B12222222222&ApiVersion=2010-04-01",
        ("*", "unregistered"),
    ),
)


async def test_reports_that_were_seen_in_the_wild(provider: Provider, database: Database) -> None:
    for form, stopped in IN_THE_WILD:
        team = await make_team(database)
        person = await make_person(database, team, plan=False)
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            message_id, attempt_id = await sent(session, person, "accepted")
        answer = await provider.post(f"/hooks/sms/{team.clinic_id}/{attempt_id}", dict(parse_qsl(form)))
        assert answer.status_code == 200
        assert await state_of(database, team, message_id) == ("undelivered", "held_back", "failed", "held_back")
        assert await stops(database, team) == {stopped}


async def test_a_text_from_an_address_that_was_given_up_opens_it_again(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team, plan=False)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        _, attempt_id = await sent(session, person, "accepted")
    await status(provider, team, attempt_id, "undelivered", ErrorCode="21211")
    assert (await point_of(person)).invalid_code == "21211"
    await provider.post("/hooks/sms/inbound", text_form(person.phone, "4"))
    assert (await point_of(person)).invalid_at is None
