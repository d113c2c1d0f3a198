"""What is told beside the questions: a changed plan, a moved time."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from service.accounts.actions import next_seq
from service.clock import utc_now
from service.plans.actions import Prescription, change
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from tests.far_ends import MailServer, SmsProvider, error
from tests.make import item
from tests.scheduler.conftest import Notifier
from tests.scheduler.days import (
    DAY,
    do,
    look,
    planned,
    row,
    today_at,
    words,
)

pytestmark = pytest.mark.anyio


async def test_a_changed_plan_is_told_once_with_who_changed_it(process: Notifier, sms: SmsProvider) -> None:
    client = await planned(process, 1)
    await do(process, client, 1)
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        wanted = Prescription("Plan", today_at(client), [item("glu-squeeze")], [])
        await change(session, client.id, wanted, 1, utc_now())
    await look(process)
    await process.shift("UPDATE reminder_rhythm SET next_at = now(), morning_on = NULL")
    await look(process)
    assert await words(process, client) == [(-6, "queued", None, "plan_changed")]
    await process.delivery.tick()
    [sent] = [text["body"] for text in sms.accepted]
    link = sent.removeprefix("Northside: Sam made a change to your plan. Have a look before you start: ")
    assert link.startswith("http://127.0.0.1:9/r/")
    assert len(link) == len("http://127.0.0.1:9/r/") + 22


async def test_a_version_in_which_the_client_sees_nothing_new_is_not_told_of(process: Notifier) -> None:
    client = await planned(process, 1)
    await do(process, client, 1)
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        wanted = Prescription("Plan", today_at(client), [item("glu-squeeze")], [])
        (await change(session, client.id, wanted, 1, utc_now())).version.quiet = True
    await look(process)
    assert await words(process, client) == []


async def test_what_is_told_of_yesterday_is_counted_today(process: Notifier, sms: SmsProvider) -> None:
    client = await planned(process, 3)
    await do(process, client, 1, 2, 3)
    await process.shift("UPDATE clinic SET texts_per_day = 1 WHERE clinic_id = :id", id=process.team.clinic_id)
    await process.remind(client, "check_in")
    await process.planner.tick()
    await process.delivery.tick()
    await process.shift(
        "UPDATE message SET accepted_at = accepted_at - interval '1 day', created_at = created_at - interval '1 day'"
    )
    await process.shift("UPDATE occurrence SET day = day - 1, due_at = due_at - interval '1 day'")
    await process.shift("DELETE FROM send_fuse")
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        wanted = Prescription("Plan", today_at(client) - DAY, [item("glu-squeeze")], [])
        await change(session, client.id, wanted, 1, utc_now())
    await look(process)
    await process.delivery.tick()
    assert await words(process, client) == [(-6, "sent", None, "plan_changed")]


async def test_a_reminder_moves_towards_the_usual_time_and_says_so(process: Notifier) -> None:
    client = await planned(process, 20)
    await do(process, client, *range(1, 15))
    await process.shift("UPDATE reminder SET local_times = '{17:00}' WHERE client_id = :id", id=client.id)
    # Two weeks of logs at 18:30 on the client's own clock.
    await process.shift(
        "UPDATE exercise_session SET written_at = (day + time '18:30') AT TIME ZONE :zone WHERE client_id = :id",
        zone=client.zone,
        id=client.id,
    )
    await process.shift("UPDATE reminder_rhythm SET wants_daily = true WHERE client_id = :id", id=client.id)
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        # While the record is written to, it is left for another morning, and nobody waits.
        await next_seq(session, client.id)
        await look(process)
        assert await words(process, client) == []
    await process.shift("UPDATE reminder_rhythm SET next_at = now(), morning_on = NULL")
    await look(process)
    assert await words(process, client) == [(-7, "queued", None, "moved")]
    known = await row(process, client)
    assert (known.moved_from, known.moved_on) == (time(17), today_at(client))
    async with process.owner.installation_tx() as connection:
        found = await connection.execute(
            text(
                "SELECT r.local_times, r.revision, r.sync_seq = s.seq AS newest, k.next_at FROM reminder r"
                " JOIN client_scope s ON s.client_id = r.client_id JOIN reminder_clock k ON k.reminder_id = r.id"
                " WHERE r.client_id = :id"
            ),
            {"id": client.id},
        )
        reminder = found.one()
    assert (reminder.local_times, reminder.revision, reminder.newest) == ([time(17, 15)], 2, True)
    assert reminder.next_at.astimezone(ZoneInfo(client.zone)).time() == time(17, 15)
    params = (await process.message(client)).params
    assert params == {"time": "5:15\u202fpm", "usual": "6:30\u202fpm"}


async def test_what_a_text_was_to_say_is_said_by_mail_when_the_text_fails(
    process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    client = await planned(process, 14)
    await do(process, client, *range(1, 11))
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        wish = Wish("plan", [time(4)], 127, ["sms", "email"], today_at(client))
        await set_reminder(session, client, wish, utc_now())
    sms.scripted.append(error(400, 21999))
    await look(process)
    await process.delivery.tick()
    await process.delivery.tick()
    assert (await process.message(client)).params == {"days": "Mon and Thu"}
    assert [word[1:] for word in await words(process, client)] == [("sent", None, "taper")] * 2
    assert len(mail.accepted) == 1
