"""Every due moment gets one row, with a reason when nothing is to be sent."""

import asyncio
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.accounts.actions import opt_out
from service.accounts.actions.own import set_quiet_hours
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from service.plans.actions import pause
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from tests.far_ends import SmsProvider
from tests.make import make_plan, make_team
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def test_planning_twice_writes_one_row(notifier_process: Notifier) -> None:
    client = await notifier_process.queued()
    await notifier_process.shift("UPDATE reminder_clock SET next_at = now() - interval '2 minutes'")
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("queued", None)]


async def test_eight_planners_write_one_row(notifier_process: Notifier) -> None:
    clients = [await notifier_process.client() for _ in range(6)]
    for client in clients:
        await notifier_process.remind(client)
    await asyncio.gather(*(notifier_process.planner.tick() for _ in range(8)))
    for client in clients:
        assert await notifier_process.ledger(client) == [("queued", None)]


async def test_a_burst_is_queued_before_its_time(notifier_process: Notifier) -> None:
    client = await notifier_process.client()
    await notifier_process.remind(client, ago=-600)
    await notifier_process.planner.tick()
    message = await notifier_process.message(client)
    assert timedelta(minutes=9) < message.due_at - utc_now() < timedelta(minutes=10, seconds=1)


async def test_quiet_hours_are_held_in_the_clients_own_zone(notifier_process: Notifier) -> None:
    night = await notifier_process.client(zone=_zone_where_it_is(2))
    await notifier_process.remind(night)
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    message = await notifier_process.message(night)
    local = message.due_at.astimezone(ZoneInfo(night.zone))
    assert (message.state, local.time()) == ("queued", time(8))
    assert local.date() == utc_now().astimezone(ZoneInfo(night.zone)).date()


async def test_a_persons_own_quiet_hours_stand_in_place_of_the_clinics(notifier_process: Notifier) -> None:
    """It is day for both; one has asked for quiet by day, and for messages at night."""
    as_the_clinic, own = await notifier_process.client(), await notifier_process.client()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        client = await session.get_one(Client, (own.clinic_id, own.id))
        await set_quiet_hours(session, client, (time(8), time(23)), utc_now())
    for client in (as_the_clinic, own):
        await notifier_process.remind(client)
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    assert (await notifier_process.message(as_the_clinic)).state == "accepted"
    waits = await notifier_process.message(own)
    assert (waits.state, waits.due_at.astimezone(ZoneInfo(own.zone)).time()) == ("queued", time(23))


async def test_who_said_stop_gets_nothing(notifier_process: Notifier) -> None:
    client = await notifier_process.client()
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        await opt_out(session, (await contact_points(session, client.id))[0].id, "text", utc_now())
    await notifier_process.remind(client)
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("suppressed", "opted_out")]


async def test_who_never_said_yes_gets_nothing(notifier_process: Notifier) -> None:
    client = await notifier_process.client(consent_wording={})
    await notifier_process.remind(client)
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("suppressed", "no_consent")]


async def test_a_plans_text_names_the_daily_act_it_goes_with(notifier_process: Notifier, sms: SmsProvider) -> None:
    notifier_process.team = await make_team(notifier_process.database, now=utc_now())
    client = await notifier_process.client()
    local = utc_now().astimezone(ZoneInfo(client.zone))
    wish = Wish("plan", [local.time().replace(microsecond=0)], 127, ["sms"], local.date(), anchor="after your coffee")
    async with notifier_process.database.clinic_tx(
        notifier_process.team.clinic_id, notifier_process.team.therapist
    ) as session:
        await make_plan(session, client, now=utc_now(), starts_on=local.date())
        await set_reminder(session, client, wish, utc_now())
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(client) == [("sent", None)]
    [text] = [text["body"] for text in sms.accepted]
    assert text.startswith("Northside: after your coffee is a good time for today's plan. Reply DONE or LATER. http")


async def test_without_an_exercise_due_the_day_is_a_rest_day(notifier_process: Notifier) -> None:
    client = await notifier_process.client()
    await notifier_process.remind(client, kind="plan")
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("skipped", "rest_day")]


async def test_after_an_outage_only_the_newest_moment_is_caught_up(notifier_process: Notifier) -> None:
    client = await notifier_process.client()
    await notifier_process.remind(client, ago=60)
    await notifier_process.shift(
        "UPDATE reminder_clock SET next_at = next_at - interval '3 days' WHERE reminder_id IN"
        " (SELECT id FROM reminder WHERE client_id = :id)",
        id=client.id,
    )
    await notifier_process.shift("UPDATE reminder SET starts_on = starts_on - 3 WHERE client_id = :id", id=client.id)
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("expired", "outage")] * 3 + [("queued", None)]


async def test_a_changed_time_replaces_what_still_waits(notifier_process: Notifier) -> None:
    client = await notifier_process.client()
    await notifier_process.remind(client, ago=-600)
    await notifier_process.planner.tick()
    local = utc_now().astimezone(ZoneInfo(client.zone)) + timedelta(minutes=12)
    await _set(notifier_process, client, local.time().replace(second=0, microsecond=0))
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("queued", None)]
    message = await notifier_process.message(client)
    assert message.due_at == local.replace(second=0, microsecond=0)


async def test_a_time_changed_after_the_send_sends_nothing_more_that_day(notifier_process: Notifier) -> None:
    client = await notifier_process.queued()
    await notifier_process.delivery.tick()
    local = utc_now().astimezone(ZoneInfo(client.zone)) + timedelta(minutes=5)
    await _set(notifier_process, client, local.time().replace(second=0, microsecond=0))
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("sent", None)]


async def test_a_reminder_that_cannot_be_planned_holds_up_nobody(notifier_process: Notifier) -> None:
    broken, fine = await notifier_process.client(), await notifier_process.client()
    for client in (broken, fine):
        await notifier_process.remind(client)
    await notifier_process.shift("UPDATE client SET zone = 'Mars/Olympus' WHERE id = :id", id=broken.id)
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(broken) == []
    assert await notifier_process.ledger(fine) == [("queued", None)]


async def test_a_paused_plan_keeps_quiet(notifier_process: Notifier) -> None:
    team = await make_team(notifier_process.database, now=utc_now())
    notifier_process.team = team
    client = await notifier_process.client()
    today = utc_now().astimezone(ZoneInfo(client.zone)).date()
    async with notifier_process.database.clinic_tx(team.clinic_id, team.therapist) as session:
        await make_plan(session, client, now=utc_now(), starts_on=today)
        await pause(session, client.id, today, today + timedelta(days=7), None, utc_now())
    await notifier_process.remind(client, kind="plan")
    await notifier_process.planner.tick()
    assert await notifier_process.ledger(client) == [("skipped", "plan_paused")]


async def _set(process: Notifier, client: Client, wall: time) -> None:
    today = utc_now().astimezone(ZoneInfo(client.zone)).date()
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        await set_reminder(session, client, Wish("check_in", [wall], 127, ["sms"], today), utc_now())


def _zone_where_it_is(hour: int) -> str:
    zones = [
        *("Pacific/Honolulu", "America/Denver", "America/New_York", "America/Sao_Paulo", "Atlantic/Azores"),
        *("Europe/Berlin", "Africa/Nairobi", "Asia/Karachi", "Asia/Dhaka", "Asia/Tokyo", "Pacific/Auckland"),
    ]
    return min(zones, key=lambda zone: abs((utc_now().astimezone(ZoneInfo(zone)).hour - hour + 12) % 24 - 12))
