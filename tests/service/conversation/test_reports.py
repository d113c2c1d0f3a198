from itertools import permutations
from random import Random
from uuid import UUID, uuid4

import pytest

from service.conversation.actions import reports
from service.database.tenancy import Actor, Database
from service.outbox.tables import Attempt, Message
from tests import far_ends
from tests.conftest import Urls
from tests.make import NOW, Team
from tests.service.conversation.conftest import (
    EMPTY,
    SYSTEM,
    Provider,
    make_person,
    post_form,
    rows,
    sent,
    state_of,
    turned_away,
)

pytestmark = pytest.mark.anyio


PROVIDER = Actor("provider", None, "text")


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
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message_id, attempt_id = await sent(session, person, "in_flight")
    await status(provider, team, attempt_id, "delivered")
    assert (await state_of(database, team, message_id))[0] == "in_flight"
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        attempt = await session.get_one(Attempt, (team.clinic_id, attempt_id))
        assert attempt.provider_message_id == "SM77"
        (await session.get_one(Message, (team.clinic_id, message_id))).state = "accepted"
    # Told again; else the notifier brings it on.
    await status(provider, team, attempt_id, "delivered")
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
            event_id = await reports.store_report(session, attempt_id, "SM77", word, None, NOW)
            await reports.act_on_report(session, event_id, "s" * 40, NOW)
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
