"""Mornings and evenings of clients through the real ticks: what is said, and what the ledger says of the rest."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from scheduler import claims
from scheduler.rhythm import Rhythm
from service.accounts.actions import next_seq, opt_out
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Actor
from service.diary.actions import NewPain, NewSession, close_red_flag, open_red_flag, record_pain, record_session
from service.diary.entries import When
from service.diary.rules import Outcome
from service.diary.tables import RedFlag
from service.outbox.rules import Fuse
from service.plans.actions import Prescription, change
from service.reminders.actions import set_reminder
from service.reminders.pacing import let_go, put_off
from service.reminders.queries import reminders
from service.reminders.rules import Slot
from service.reminders.tables import ReminderRhythm
from service.reminders.wishes import Wish
from tests.far_ends import MailServer, SmsProvider, error
from tests.make import add_occurrence, item, make_plan, make_team
from tests.scheduler.conftest import Notifier
from tests.scheduler.test_purposes import used_up

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


@pytest.fixture
async def process(notifier_process: Notifier) -> Notifier:
    """A clinic of its own, where it is after the morning's look and long before the evening's."""
    notifier_process.team = await make_team(notifier_process.database, now=utc_now(), week_text=False)
    return notifier_process


def now_at(client: Client) -> datetime:
    return utc_now().astimezone(ZoneInfo(client.zone))


def today_at(client: Client) -> date:
    return now_at(client).date()


async def planned(process: Notifier, days: int, locale: str = "en") -> Client:
    """A daily plan that began so many days ago, with a reminder at four in the morning, which is never sent."""
    client = await process.client(locale=locale)
    first = today_at(client) - days * DAY
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        await make_plan(session, client, now=utc_now(), starts_on=first)
        await set_reminder(session, client, Wish("plan", [time(4)], 127, ["sms"], first), utc_now())
    return client


async def do(process: Notifier, client: Client, *days_ago: int, outcome: Outcome = Outcome.DONE) -> None:
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        for ago in days_ago:
            when = When(today_at(client) - ago * DAY, utc_now() - ago * DAY)
            await record_session(session, client, NewSession(outcome), when, utc_now())


async def asked(process: Notifier, client: Client, ago: timedelta, slot: int = 0) -> None:
    """A reminder of the plan that was sent so long ago."""
    at = utc_now() - ago
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        [reminder] = await reminders(session, client.id)
        await add_occurrence(
            session,
            client_id=client.id,
            reminder_id=reminder.id,
            kind="plan",
            slot=Slot(at.astimezone(ZoneInfo(client.zone)).date(), slot, at, None),
            zone=client.zone,
            state="sent",
            reason=None,
            channel="sms",
            now=at,
        )


async def look(process: Notifier) -> None:
    await Rhythm(process.planner.database, "s" * 40).tick()


async def row(process: Notifier, client: Client) -> ReminderRhythm:
    async with process.owner.installation_tx() as connection:
        found = await connection.execute(text("SELECT * FROM reminder_rhythm WHERE client_id = :id"), {"id": client.id})
        return ReminderRhythm(**found.one()._mapping)


async def again_tomorrow(process: Notifier, client: Client) -> None:
    """As if the last look, and everything said in it, had been a day ago."""
    await process.shift(
        "UPDATE reminder_rhythm SET next_at = now(), morning_on = morning_on - 1 WHERE client_id = :id", id=client.id
    )
    await process.shift("UPDATE message SET dedupe_key = dedupe_key || '.' WHERE client_id = :id", id=client.id)
    await process.shift(
        "UPDATE occurrence SET day = day - 1, due_at = due_at - interval '1 day' WHERE client_id = :id", id=client.id
    )


async def words(process: Notifier, client: Client) -> list[tuple[int, str, str | None, str | None]]:
    """Slot, state and reason of what is no time of the reminder, and the kind of its message."""
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text(
                "SELECT o.slot, o.state, o.reason, m.kind FROM occurrence o LEFT JOIN message m"
                " ON m.occurrence_id = o.id WHERE o.client_id = :id AND o.slot < 0 ORDER BY o.due_at, o.slot"
            ),
            {"id": client.id},
        )
        return [(o.slot, o.state, o.reason, o.kind) for o in rows]


async def evening_now(process: Notifier) -> None:
    """Quiet hours begin in an hour and a half: the evening's look is half an hour old."""
    client = await process.client()
    begins = (now_at(client) + timedelta(minutes=90)).time().replace(second=0, microsecond=0)
    await process.shift(
        "UPDATE clinic SET quiet_from = :at WHERE clinic_id = :id", at=begins, id=process.team.clinic_id
    )


async def test_silence_gets_one_offer_and_then_no_daily_texts_until_back(process: Notifier, sms: SmsProvider) -> None:
    client = await planned(process, 3)
    await look(process)
    await look(process)
    assert await words(process, client) == [(-3, "queued", None, "lapse_3")]
    await process.delivery.tick()
    [sent] = [text["body"] for text in sms.accepted]
    assert sent.startswith("Northside: a few days off is fine.")
    assert (await row(process, client)).rung == 3
    # Seven planned days later, still nothing.
    await process.shift("UPDATE plan_version SET starts_on = starts_on - 7 WHERE client_id = :id", id=client.id)
    await process.shift("UPDATE reminder_rhythm SET rung_on = rung_on - 7 WHERE client_id = :id", id=client.id)
    await again_tomorrow(process, client)
    await look(process)
    assert [word[3] for word in await words(process, client)] == ["lapse_3", "lapse_10"]
    assert (await row(process, client)).rung == 10
    await process.delivery.tick()
    await process.remind(client, "check_in")
    await process.planner.tick()
    assert ("skipped", "silent") in await process.ledger(client)
    await again_tomorrow(process, client)
    await look(process)
    assert [word[3] for word in await words(process, client)] == ["lapse_3", "lapse_10"]


async def test_who_logs_again_after_the_offer_is_at_the_start_of_the_ladder(process: Notifier) -> None:
    client = await planned(process, 3)
    await look(process)
    await do(process, client, 1)
    await again_tomorrow(process, client)
    await look(process)
    assert (await row(process, client)).rung == 0
    assert len(await words(process, client)) == 1


async def test_a_good_rhythm_is_announced_and_then_asked_about_on_two_days(process: Notifier, sms: SmsProvider) -> None:
    client = await planned(process, 14, locale="es")
    await do(process, client, *range(1, 11))
    await look(process)
    assert await words(process, client) == [(-5, "queued", None, "taper")]
    await process.delivery.tick()
    [sent] = [text["body"] for text in sms.accepted]
    assert sent.startswith("Northside: llevas buen ritmo, asi que solo escribiremos lun y jue.")
    known = await row(process, client)
    assert (known.texts_a_week, known.ask_days, known.stepped_on) == (2, 9, today_at(client))
    # On the other days nothing is asked, and the ledger says why.
    today = 1 << today_at(client).weekday()
    await process.shift(
        "UPDATE reminder_rhythm SET ask_days = :mask WHERE client_id = :id", mask=127 - today, id=client.id
    )
    await process.remind(client, "check_in")
    await process.planner.tick()
    assert ("skipped", "taper") in await process.ledger(client)


async def test_a_taper_that_cannot_be_told_does_not_happen(process: Notifier) -> None:
    client = await planned(process, 14)
    await do(process, client, *range(1, 11))
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        await opt_out(session, (await contact_points(session, client.id))[0].id, "text", utc_now())
    await look(process)
    assert await words(process, client) == [(-5, "suppressed", "opted_out", None)]
    assert (await row(process, client)).texts_a_week is None


async def test_two_misses_lead_a_step_back_without_a_word(process: Notifier) -> None:
    client = await planned(process, 14)
    await do(process, client, *range(3, 15))
    await process.shift("UPDATE reminder_rhythm SET texts_a_week = 1, ask_days = 1 WHERE client_id = :id", id=client.id)
    await look(process)
    known = await row(process, client)
    assert (known.texts_a_week, known.ask_days) == (2, 9)
    assert await words(process, client) == []


async def test_a_miss_is_asked_about_once(process: Notifier) -> None:
    client = await planned(process, 2)
    await do(process, client, 2)
    await asked(process, client, DAY)
    await look(process)
    assert await words(process, client) == [(-4, "queued", None, "why")]
    known = await row(process, client)
    assert (known.asked_why_on, known.missed_on) == (today_at(client), today_at(client) - DAY)
    await process.shift(
        "UPDATE reminder_rhythm SET next_at = now(), morning_on = NULL WHERE client_id = :id", id=client.id
    )
    await look(process)
    assert len(await words(process, client)) == 1


async def test_an_evening_text_goes_only_to_whoever_was_asked_and_told_nothing_today(process: Notifier) -> None:
    await evening_now(process)
    silent, done, unasked = [await planned(process, 1) for _ in range(3)]
    for client in (silent, done, unasked):
        await do(process, client, 1)
    for client in (silent, done):
        await asked(process, client, timedelta(hours=3))
    await do(process, done, 0, outcome=Outcome.PARTLY)
    await look(process)
    await look(process)
    assert await words(process, silent) == [(-2, "queued", None, "evening")]
    assert await words(process, done) == []
    assert await words(process, unasked) == []


async def test_what_was_put_off_is_asked_again_once_when_its_time_comes(process: Notifier) -> None:
    client, skipped, finished = [await planned(process, 0) for _ in range(3)]
    await look(process)
    for each in (client, skipped, finished):
        async with process.database.clinic_tx(process.team.clinic_id, Actor("client", each.id, "text")) as session:
            assert (await put_off(session, each, "plan", None, "sms", utc_now())).at is not None
    await look(process)
    assert await words(process, client) == [(-1, "queued", None, None)]
    await process.shift(
        "UPDATE occurrence SET due_at = now() - interval '1 second' WHERE slot = -1 AND client_id = ANY(:ids)",
        ids=[client.id, skipped.id, finished.id],
    )
    await process.shift("UPDATE reminder_rhythm SET next_at = now()")
    await do(process, finished, 0)
    async with process.database.clinic_tx(process.team.clinic_id, Actor("client", skipped.id, "text")) as session:
        await let_go(session, skipped, utc_now())
    await look(process)
    await process.shift("UPDATE reminder_rhythm SET next_at = now()")
    await look(process)
    assert await words(process, client) == [(-1, "queued", None, "plan")]
    assert await words(process, skipped) == [(-1, "skipped", "client_skipped", None)]
    assert await words(process, finished) == [(-1, "skipped", "done_today", None)]
    await process.delivery.tick()
    assert await words(process, client) == [(-1, "sent", None, "plan")]


async def test_a_high_score_rests_the_plan_for_a_day_and_not_the_check_in(process: Notifier) -> None:
    client = await planned(process, 0)
    for score, expected in ((6, [("suppressed", "flare")]), (5, [])):
        client = await planned(process, 0)
        async with process.database.clinic_tx(process.team.clinic_id, Actor("client", client.id, "text")) as session:
            entry = await record_pain(session, client, NewPain(score), When(), utc_now())
        assert entry.flare_until == (entry.done_at + DAY if expected else None)
        await process.remind(client, "plan")
        await process.remind(client, "habit")
        await process.planner.tick()
        ledger = await process.ledger(client)
        assert [row for row in ledger if row[1] == "flare"] == expected
        assert ("queued", None) in ledger


async def test_an_open_warning_sign_stops_everything_until_staff_close_it(process: Notifier) -> None:
    client = await planned(process, 3)
    clinic_id = process.team.clinic_id
    async with process.database.clinic_tx(clinic_id, Actor("client", client.id, "text")) as session:
        await open_red_flag(session, client.id, "text", utc_now())
        await open_red_flag(session, client.id, "text", utc_now())
    await process.remind(client, "check_in")
    await process.planner.tick()
    await look(process)
    assert await process.ledger(client) == [("suppressed", "red_flag")] * 2
    async with process.database.clinic_tx(clinic_id, process.team.therapist) as session:
        [flag_id] = (await session.execute(text("SELECT id FROM red_flag"))).scalars()
        flag: RedFlag = await close_red_flag(session, client.id, flag_id, utc_now())
        assert flag.closed_by == process.team.therapist_id
    await process.shift(
        "UPDATE reminder_rhythm SET next_at = now(), morning_on = NULL WHERE client_id = :id", id=client.id
    )
    await process.shift("DELETE FROM occurrence WHERE client_id = :id", id=client.id)
    await look(process)
    assert await words(process, client) == [(-3, "queued", None, "lapse_3")]


async def test_without_a_reminder_nobody_is_looked_at(process: Notifier) -> None:
    client = await process.client()
    await process.shift(
        "INSERT INTO reminder_rhythm (clinic_id, client_id, next_at, wants_daily, rung)"
        " VALUES (:clinic, :id, now(), false, 0)",
        clinic=process.team.clinic_id,
        id=client.id,
    )
    await look(process)
    assert (await row(process, client)).next_at is None


async def test_somebody_who_cannot_be_looked_at_holds_up_nobody(process: Notifier) -> None:
    broken, fine = await planned(process, 3), await planned(process, 3)
    await process.shift("UPDATE client SET locale = 'en', zone = 'Mars/Olympus' WHERE id = :id", id=broken.id)
    await look(process)
    assert [word[3] for word in await words(process, fine)] == ["lapse_3"]
    assert await words(process, broken) == []


async def test_a_check_in_and_the_plan_within_half_an_hour_are_one_text(process: Notifier, sms: SmsProvider) -> None:
    together, far, mailed, done = [await planned(process, 0) for _ in range(4)]
    # A minute ago, and in 20, 31 and 20 minutes.
    for client, channel, seconds in (
        (together, "sms", -1200),
        (far, "sms", -1860),
        (mailed, "email", -1200),
        (done, "sms", -1200),
    ):
        await process.remind(client, "check_in", channel)
        await process.remind(client, "plan", channel, ago=seconds)
    await process.planner.tick()
    await do(process, done, 0)
    await process.delivery.tick()
    assert await process.ledger(together) == [("sent", None), ("skipped", "bundled")]
    for client in (far, mailed, done):
        assert await process.ledger(client) == [("sent", None), ("queued", None)]
    said = sorted(text["body"].partition(". ")[0] for text in sms.accepted)
    assert said == ["Northside: time for today's check-in"] * 2 + ["Northside: time for today's check-in and plan"]
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT kind, state, reason FROM message WHERE client_id = :id ORDER BY due_at"), {"id": together.id}
        )
        assert [tuple(row) for row in rows] == [("bundle", "accepted", None), ("plan", "suppressed", "bundled")]


async def test_when_the_earlier_one_is_not_marked_the_later_one_stays_as_it_was(process: Notifier) -> None:
    client = await planned(process, 0)
    await process.remind(client, "check_in")
    await process.remind(client, "plan", ago=-1200)
    await process.planner.tick()
    await used_up(process, client, Fuse.REMINDER)
    await process.delivery.tick()
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(
            text("SELECT kind, state, reason FROM message WHERE client_id = :id ORDER BY created_at, kind"),
            {"id": client.id},
        )
        assert [tuple(row) for row in rows] == [("check_in", "suppressed", "fuse"), ("plan", "queued", None)]
    assert await process.ledger(client) == [("suppressed", "fuse"), ("queued", None)]


async def test_two_claimed_together_are_one_text_whichever_comes_first(process: Notifier, sms: SmsProvider) -> None:
    clients = [await planned(process, 0) for _ in range(3)]
    for client in clients:
        for kind in ("check_in", "plan"):
            await process.remind(client, kind, ago=60 if kind == "plan" else 50)
    await process.planner.tick()
    await process.delivery.tick()
    for client in clients:
        assert sorted(await process.ledger(client)) == [("sent", None), ("skipped", "bundled")]
    assert len(sms.accepted) == 3


async def test_two_that_a_batch_would_part_are_claimed_together(process: Notifier) -> None:
    for kinds in (("check_in", "plan"), ("plan", "check_in")):
        client = await planned(process, 0)
        for kind, ago in zip(kinds, (60, 50), strict=True):
            await process.remind(client, kind, ago=ago)
    await process.planner.tick()
    batches = []
    for _ in range(4):
        async with process.delivery.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
            batches.append(await claims.claim(session, "sms", "worker", 1, 60))
    assert [len(batch) for batch in batches] == [2, 2, 0, 0]
    marked = [await process.delivery.marker.mark(process.team.clinic_id, batch, 1e9) for batch in batches[:2]]
    assert [one.message.kind for some in marked for one in some] == ["bundle"] * 2


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
