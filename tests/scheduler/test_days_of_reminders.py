"""Days of a reminder through the real actions and the real planner: pauses, exceptions, ends, edits and travel."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from service.accounts.tables import Client
from service.clock import utc_now
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from tests.make import make_team
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
IN_TEN_MINUTES = timedelta(minutes=10)
# A day apart, with the same time on the wall.
HONOLULU, KIRITIMATI = "Pacific/Honolulu", "Pacific/Kiritimati"


@pytest.fixture
async def notifier_without_nights(notifier_process: Notifier) -> Notifier:
    """A clinic without quiet hours: what is seen does not depend on when the test runs."""
    notifier_process.team = await make_team(notifier_process.database, stocked=False, now=utc_now())
    await notifier_process.shift(
        "UPDATE clinic SET quiet_from = '00:00', quiet_until = '00:00' WHERE clinic_id = :id",
        id=notifier_process.team.clinic_id,
    )
    return notifier_process


def local_now(client: Client) -> datetime:
    return utc_now().astimezone(ZoneInfo(client.zone))


def wish_at(client: Client, distance: timedelta) -> Wish:
    """Every day at a whole second as far from now as that, since yesterday."""
    at = (local_now(client) + distance).replace(microsecond=0)
    return Wish("check_in", [at.time()], 127, ["sms"], local_now(client).date() - DAY)


def day_of(client: Client, wish: Wish) -> date:
    """The local day of the moment that is nearest to now."""
    now = local_now(client).replace(tzinfo=None)
    days = [now.date() + n * DAY for n in (-1, 0, 1)]
    return min(days, key=lambda day: abs(datetime.combine(day, wish.local_times[0]) - now))


async def put(process: Notifier, client: Client, wish: Wish) -> None:
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        await set_reminder(session, client, wish, utc_now())


async def put_and_plan(process: Notifier, client: Client, wish: Wish) -> list[tuple[str, str | None]]:
    await put(process, client, wish)
    await process.planner.tick()
    return await process.ledger(client)


async def days_planned(process: Notifier, client: Client) -> list[date]:
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT day FROM occurrence WHERE client_id = :id ORDER BY due_at"), {"id": client.id}
        )
        return list(rows.scalars())


async def next_day(process: Notifier, client: Client) -> date | None:
    """The local day of the moment that is to be planned next."""
    async with process.owner.installation_tx() as connection:
        at = await connection.scalar(
            text(
                "SELECT k.next_at FROM reminder_clock k JOIN reminder r ON r.id = k.reminder_id WHERE r.client_id = :id"
            ),
            {"id": client.id},
        )
    return at.astimezone(ZoneInfo(client.zone)).date() if at else None


async def messages(process: Notifier, client: Client) -> list[str]:
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(text("SELECT state FROM message WHERE client_id = :id"), {"id": client.id})
        return list(rows.scalars())


async def test_a_paused_day_stands_in_the_ledger_as_skipped(notifier_without_nights: Notifier) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    today = day_of(client, wish)
    paused = replace(wish, paused_until=today)
    assert await put_and_plan(notifier_without_nights, client, paused) == [("skipped", "paused")]
    assert await messages(notifier_without_nights, client) == []
    assert await next_day(notifier_without_nights, client) == today + DAY


async def test_a_pause_takes_back_what_was_planned_and_has_not_left(notifier_without_nights: Notifier) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    assert await put_and_plan(notifier_without_nights, client, wish) == [("queued", None)]
    paused = replace(wish, paused_until=day_of(client, wish) + DAY)
    assert await put_and_plan(notifier_without_nights, client, paused) == [("skipped", "paused")]
    assert await messages(notifier_without_nights, client) == []


async def test_a_pause_that_ends_before_the_moment_comes_leaves_it_to_be_sent(
    notifier_without_nights: Notifier,
) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    paused = replace(wish, paused_until=day_of(client, wish))
    assert await put_and_plan(notifier_without_nights, client, paused) == [("skipped", "paused")]
    assert await put_and_plan(notifier_without_nights, client, wish) == [("queued", None)]


async def test_a_pause_that_ends_after_the_moment_passed_does_not_bring_it_back(
    notifier_without_nights: Notifier,
) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, timedelta(0))
    paused = replace(wish, paused_until=day_of(client, wish))
    assert await put_and_plan(notifier_without_nights, client, paused) == [("skipped", "paused")]
    assert await put_and_plan(notifier_without_nights, client, wish) == [("skipped", "paused")]


async def test_nothing_comes_due_on_an_excepted_day(notifier_without_nights: Notifier) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    today = day_of(client, wish)
    assert await put_and_plan(notifier_without_nights, client, replace(wish, except_on=[today, today + DAY])) == []
    assert await next_day(notifier_without_nights, client) == today + 2 * DAY


async def test_every_third_day_is_planned_again_three_days_later(notifier_without_nights: Notifier) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    today = day_of(client, wish)
    third = replace(wish, weekdays=None, every_days=3, starts_on=today - 3 * DAY)
    assert await put_and_plan(notifier_without_nights, client, third) == [("queued", None)]
    assert await next_day(notifier_without_nights, client) == today + 3 * DAY


async def test_after_the_last_day_there_is_nothing_to_plan(notifier_without_nights: Notifier) -> None:
    client = await notifier_without_nights.client()
    wish = wish_at(client, IN_TEN_MINUTES)
    last = replace(wish, ends_on=day_of(client, wish))
    assert await put_and_plan(notifier_without_nights, client, last) == [("queued", None)]
    assert await next_day(notifier_without_nights, client) is None


async def test_a_time_moved_from_later_to_half_an_hour_ago_is_sent_now_and_once(
    notifier_without_nights: Notifier,
) -> None:
    process, client = notifier_without_nights, await notifier_without_nights.client()
    assert await put_and_plan(process, client, wish_at(client, IN_TEN_MINUTES)) == [("queued", None)]
    assert await put_and_plan(process, client, wish_at(client, timedelta(minutes=-30))) == [("queued", None)]
    await process.delivery.tick()
    assert await process.ledger(client) == [("sent", None)]


async def test_a_time_moved_after_the_send_sends_nothing_more_that_day(notifier_without_nights: Notifier) -> None:
    process, client = notifier_without_nights, await notifier_without_nights.client()
    await put_and_plan(process, client, wish_at(client, timedelta(0)))
    await process.delivery.tick()
    assert await put_and_plan(process, client, wish_at(client, IN_TEN_MINUTES)) == [("sent", None)]


@pytest.mark.parametrize(("origin", "destination"), [(HONOLULU, KIRITIMATI), (KIRITIMATI, HONOLULU)])
async def test_the_same_time_on_the_wall_after_a_flight_over_the_date_line_is_too_soon(
    notifier_without_nights: Notifier, origin: str, destination: str
) -> None:
    process, client = notifier_without_nights, await notifier_without_nights.client(zone=origin)
    wish = wish_at(client, timedelta(0))
    await put_and_plan(process, client, wish)
    await process.delivery.tick()
    client.zone = destination
    await process.shift("UPDATE client SET zone = :zone WHERE id = :id", zone=destination, id=client.id)
    # Its times and days stay what they were; from yesterday, so that both calendars have begun.
    wish = replace(wish, starts_on=wish.starts_on - DAY)
    assert sorted(await put_and_plan(process, client, wish)) == [("sent", None), ("suppressed", "travel_gap")]
    first, second = await days_planned(process, client)
    assert abs(first - second) == DAY
    assert await messages(process, client) == ["accepted"]


async def test_back_at_home_the_day_that_was_already_sent_is_not_sent_again(notifier_without_nights: Notifier) -> None:
    process, client = notifier_without_nights, await notifier_without_nights.client(zone=KIRITIMATI)
    wish = wish_at(client, timedelta(0))
    await put_and_plan(process, client, wish)
    await process.delivery.tick()
    # There and back, a day between: the calendar of Honolulu comes to the day that was sent in Kiritimati.
    client.zone = HONOLULU
    await process.shift("UPDATE client SET zone = :zone WHERE id = :id", zone=HONOLULU, id=client.id)
    sent_on = (await days_planned(process, client))[0]
    await process.shift("UPDATE occurrence SET day = day - 1 WHERE client_id = :id", id=client.id)
    assert sent_on == day_of(client, wish) + DAY
    assert await put_and_plan(process, client, replace(wish, starts_on=wish.starts_on - DAY)) == [("sent", None)]
