"""What a message is for decides how many may go, whether a STOP holds it back, and whether it waits for the morning."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from service.accounts.actions import NewClient, add_client, opt_out
from service.accounts.queries import contact_points
from service.accounts.rules import zone_names
from service.accounts.sign_in import send_codes
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from service.diary.red_flags import open_red_flag
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import Fuse, MessageKind
from tests.far_ends import MailServer, SmsProvider
from tests.make import WORDING
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

PARAMS = {
    "first": "8:00 AM",
    "last": "8:30 PM",
    "second": "9:30 AM",
    "score": "8",
    "time": "7:30 pm",
    "usual": "8:00 pm",
    "day": "Mon, Mar 16",
    "when": "in office hours",
    "code": "482915",
    "therapist": "Sam",
    "days": "Mon and Thu",
    "anchor": "after your coffee",
}


async def queue(process: Notifier, client: Client, kind: MessageKind, channel: str = "sms") -> None:
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        [point] = [p for p in await contact_points(session, client.id) if p.channel == channel]
        outgoing = Outgoing(
            client_id=client.id,
            contact_point_id=point.id,
            channel=channel,
            kind=kind,
            dedupe_key=f"test:{uuid4()}",
            due_at=utc_now() - timedelta(seconds=1),
            expires_at=utc_now() + timedelta(days=1),
            params=PARAMS,
        )
        await enqueue(session, outgoing, utc_now())


async def used_up(process: Notifier, client: Client, fuse: Fuse) -> None:
    """As many of this purpose as may go in a day have gone to the phone."""
    await process.shift(
        "INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends) SELECT clinic_id, id,"
        " (now() AT TIME ZONE 'UTC')::date, :fuse, :most FROM contact_point"
        " WHERE client_id = :client AND channel = 'sms'",
        fuse=fuse.value,
        most=fuse.most,
        client=client.id,
    )


async def stop(process: Notifier, client: Client, channel: str, how: str) -> None:
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        for point in await contact_points(session, client.id):
            if point.channel == channel:
                await opt_out(session, point.id, how, utc_now())


async def outcome(process: Notifier, client: Client) -> tuple[str, str | None]:
    await process.delivery.tick()
    message = await process.message(client)
    return message.state, message.reason


@dataclass(frozen=True)
class Person:
    client: Client
    phone: str


@pytest.fixture
async def everybody(notifier_process: Notifier) -> dict[MessageKind, Person]:
    """Somebody for each kind of message that is no reminder."""
    made = {}
    for kind in MessageKind:
        if kind.fuse is not Fuse.REMINDER:
            phone = f"+1202{2_000_000 + uuid4().int % 8_000_000}"
            made[kind] = Person(await notifier_process.client(phone=phone), phone)
    return made


async def outcomes(
    process: Notifier, sms: SmsProvider, everybody: dict[MessageKind, Person]
) -> dict[MessageKind, tuple[str, str | None, int]]:
    """What becomes of a message of each kind, and how many texts its phone gets."""
    for kind, person in everybody.items():
        await queue(process, person.client, kind)
    await process.delivery.tick()
    got = Counter(text["to"] for text in sms.accepted)
    found = {}
    for kind, person in everybody.items():
        message = await process.message(person.client)
        found[kind] = (message.state, message.reason, got[person.phone])
    return found


async def test_other_purposes_never_use_up_what_a_kind_may_send(
    notifier_process: Notifier, sms: SmsProvider, everybody: dict[MessageKind, Person]
) -> None:
    for kind, person in everybody.items():
        for fuse in Fuse:
            if fuse is not kind.fuse:
                await used_up(notifier_process, person.client, fuse)
    found = await outcomes(notifier_process, sms, everybody)
    assert found == dict.fromkeys(everybody, ("accepted", None, 1))


async def test_every_purpose_ends_somewhere(
    notifier_process: Notifier, sms: SmsProvider, everybody: dict[MessageKind, Person]
) -> None:
    for kind, person in everybody.items():
        await used_up(notifier_process, person.client, kind.fuse)
    found = await outcomes(notifier_process, sms, everybody)
    assert found == dict.fromkeys(everybody, ("suppressed", "fuse", 0))
    assert sms.accepted == []


async def test_the_answer_to_danger_that_waited_for_an_upgrade_goes_out(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.client()
    await queue(notifier_process, client, MessageKind.HIGH_ACK)
    await notifier_process.shift("UPDATE message SET params = params - 'when' WHERE client_id = :id", id=client.id)
    assert await outcome(notifier_process, client) == ("accepted", None)
    assert "They look at this in office hours." in sms.accepted[0]["body"]


async def test_answers_to_a_persons_own_texts_leave_the_reminder_its_place(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.queued()
    await used_up(notifier_process, client, Fuse.ANSWER)
    assert await outcome(notifier_process, client) == ("accepted", None)


async def ask_for_a_code(process: Notifier, client: Client, channel: str) -> None:
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        [address] = [p.address for p in await contact_points(session, client.id) if p.channel == channel]
        await send_codes(session, address, "s" * 40, utc_now())


async def test_a_code_asked_for_goes_to_an_unsubscribed_mailbox(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.client()
    await stop(notifier_process, client, "email", "link")
    await ask_for_a_code(notifier_process, client, "email")
    assert await outcome(notifier_process, client) == ("accepted", None)
    assert [str(sent["Subject"]) for _, sent in mail.accepted] == ["Your sign-in code"]


async def test_a_code_for_a_stopped_phone_goes_to_the_same_persons_email(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await notifier_process.client(email="stopped.phone@mail.example")
    await stop(notifier_process, client, "sms", "text")
    await ask_for_a_code(notifier_process, client, "sms")
    assert await outcome(notifier_process, client) == ("accepted", None)
    assert sms.accepted == []
    assert [recipient for recipient, _ in mail.accepted] == ["stopped.phone@mail.example"]


async def test_a_stop_between_asking_and_sending_holds_a_code_by_text_back(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.client()
    await ask_for_a_code(notifier_process, client, "sms")
    await stop(notifier_process, client, "sms", "text")
    assert await outcome(notifier_process, client) == ("suppressed", "opted_out")
    assert sms.accepted == []
    # A code that was held back is forgotten like one that left.
    assert (await notifier_process.message(client)).params == {}


async def welcomed(process: Notifier, **fields: object) -> Client:
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        number = 2_000_000 + uuid4().int % 8_000_000
        new: dict[str, Any] = {
            "name": "Rosa Delgado",
            "zone": "UTC",
            "locale": "en",
            "phone": f"+1415{number}",
            "email": None,
            "consent_wording": {"sms": WORDING},
            "welcome": True,
            **fields,
        }
        return await add_client(session, NewClient(therapist_id=process.team.therapist_id, **new), utc_now())


def zone_at(first: int, last: int) -> str:
    """Where it is between these hours now."""
    return next(zone for zone in zone_names() if first <= utc_now().astimezone(ZoneInfo(zone)).hour < last)


async def at(process: Notifier, client: Client, zone: str) -> None:
    await process.shift("UPDATE client SET zone = :zone WHERE id = :id", zone=zone, id=client.id)


async def test_a_welcome_says_who_writes_how_often_and_how_to_stop(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await welcomed(notifier_process)
    await at(notifier_process, client, zone_at(18, 19))
    assert await outcome(notifier_process, client) == ("accepted", None)
    assert [sent["body"] for sent in sms.accepted] == [
        "Northside: you said yes to texts from us. Up to 4 a day. No health details. Reply STOP to end, HELP for help."
    ]
    # It is between 18:00 and 19:00: the carrier may keep it until 21:00, and not into the night.
    assert 2 * 3600 - 60 <= int(sms.requests[0]["ValidityPeriod"]) <= 3 * 3600


async def test_a_welcome_at_night_waits_for_the_morning(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await welcomed(notifier_process)
    zone = zone_at(1, 4)
    await at(notifier_process, client, zone)
    assert await outcome(notifier_process, client) == ("queued", None)
    assert sms.accepted == []
    due = (await notifier_process.message(client)).due_at.astimezone(ZoneInfo(zone))
    assert (due.date(), due.hour, due.minute) == (utc_now().astimezone(ZoneInfo(zone)).date(), 8, 0)


async def test_a_welcome_needs_a_yes_that_still_holds(notifier_process: Notifier, sms: SmsProvider) -> None:
    client = await welcomed(notifier_process)
    await notifier_process.shift("UPDATE consent SET withdrawn_at = now() WHERE client_id = :id", id=client.id)
    assert await outcome(notifier_process, client) == ("suppressed", "no_consent")
    assert sms.accepted == []


async def test_an_open_warning_sign_holds_back_every_notice_but_what_a_person_wrote(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    client = await notifier_process.client()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        await open_red_flag(session, client.id, "text", utc_now())
    await queue(notifier_process, client, MessageKind.PLAN_CHANGED)
    assert await outcome(notifier_process, client) == ("suppressed", "red_flag")
    await queue(notifier_process, client, MessageKind.MESSAGE)
    assert await outcome(notifier_process, client) == ("accepted", None)
    assert len(sms.accepted) == 1


async def test_an_invitation_needs_no_yes_waits_for_the_morning_and_heeds_a_stop(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    by_day, at_night, stopped = [await welcomed(notifier_process, consent_wording={}, welcome=False) for _ in range(3)]
    for client, hours in ((by_day, (10, 16)), (at_night, (1, 4)), (stopped, (10, 16))):
        await at(notifier_process, client, zone_at(*hours))
        await queue(notifier_process, client, MessageKind.INVITE)
    await stop(notifier_process, stopped, "sms", "text")
    assert await outcome(notifier_process, by_day) == ("accepted", None)
    assert await outcome(notifier_process, at_night) == ("queued", None)
    assert await outcome(notifier_process, stopped) == ("suppressed", "opted_out")
    assert len(sms.accepted) == 1
