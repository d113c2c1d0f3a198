"""Mornings and evenings of clients through the real ticks: what is said, and what the ledger says of the rest."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Actor
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from service.diary.red_flags import close_red_flag, open_red_flag
from service.diary.rules import Outcome
from service.diary.tables import RedFlag
from service.reminders.pacing import let_go, put_off
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier
from tests.scheduler.days import (
    DAY,
    again_tomorrow,
    asked,
    do,
    evening_now,
    look,
    planned,
    row,
    today_at,
    words,
)

pytestmark = pytest.mark.anyio


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
        flag: RedFlag = await close_red_flag(session, client.id, flag_id, "Checked by phone.", utc_now())
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
