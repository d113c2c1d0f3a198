"""What a text asks of the reminders. It is 11:00 in New York, and everybody was asked ten minutes ago."""

from datetime import date, time, timedelta

import pytest
from sqlmodel import col, select

from service.accounts.tables import Link
from service.database.tenancy import Database
from service.diary.tables import RedFlag
from service.outbox.rules import MessageKind
from service.reminders.actions import set_reminder
from service.reminders.queries import reminders
from service.reminders.tables import Occurrence, ReminderRhythm
from service.reminders.wishes import Wish
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person
from tests.service.conversation.told import ask, readings, sessions

pytestmark = pytest.mark.anyio

TOO_LATE = "OK. We cannot ask this again later, so reply any time you like: a number 0 to 10, DONE or SKIP."
SKIPPED = "OK, skipped for today. No need to catch up."


def again(clock: str) -> str:
    return f"OK. We will text again at {clock} today. Reply SKIP if today will not work."


async def reminded(database: Database, team: Team, kind: MessageKind | None = MessageKind.CHECK_IN) -> Person:
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for each in ("check_in", "plan"):
            await set_reminder(session, person.client, Wish(each, [time(8)], 127, ["sms"], TODAY), NOW)
    if kind is not None:
        await ask(person, kind)
    return person


async def ledger(person: Person) -> list[tuple[str, int, str, str | None]]:
    statement = select(Occurrence).where(
        col(Occurrence.clinic_id) == person.clinic_id, col(Occurrence.client_id) == person.client.id
    )
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        return [(o.kind, o.slot, o.state, o.reason) for o in await session.scalars(statement)]


async def rhythm(person: Person, **changes: object) -> ReminderRhythm:
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        row = await session.get_one(ReminderRhythm, (person.clinic_id, person.client.id))
        row.sqlmodel_update(changes)
        return row


async def paused_until(person: Person) -> list[date | None]:
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        return [reminder.paused_until for reminder in await reminders(session, person.client.id)]


async def test_later_is_a_moment_of_its_own_and_its_time_is_told(
    provider: Provider, database: Database, team: Team
) -> None:
    person, named, silent = [await reminded(database, team) for _ in range(3)]
    await provider.text(person.phone, "LATER")
    await provider.text(named.phone, "LATER 7PM")
    assert await person.answers() == [("later_ack", again("1:00\u202fpm"))]
    assert await named.answers() == [("later_ack", again("7:00\u202fpm"))]
    assert await ledger(person) == [("check_in", -1, "queued", None)]
    assert (await rhythm(person)).next_at == NOW
    assert await ledger(silent) == []


async def test_the_second_later_of_a_day_is_a_skip(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person, of_plan = await reminded(database, team), await reminded(database, team, MessageKind.PLAN)
    for each in (person, of_plan):
        await provider.text(each.phone, "LATER")
        await provider.text(each.phone, "later")
        assert [kind for kind, _ in await each.answers()] == ["later_ack", "skip_ack"]
    assert await ledger(person) == [("check_in", -1, "skipped", "client_skipped")]
    assert await sessions(person) == []
    assert await ledger(of_plan) == [("plan", -1, "skipped", "client_skipped")]
    assert await sessions(of_plan) == [("skipped", None, [False, False])]
    # The next day is a new one.
    clock.now = NOW + timedelta(days=1)
    await provider.text(person.phone, "LATER")
    assert (await person.answers())[-1][0] == "later_ack"


async def test_skip_takes_back_what_was_put_off(provider: Provider, database: Database, team: Team) -> None:
    person = await reminded(database, team)
    await provider.text(person.phone, "LATER")
    await provider.text(person.phone, "SKIP")
    assert await ledger(person) == [("check_in", -1, "skipped", "client_skipped")]


async def test_what_cannot_be_asked_again_today_is_said_so(provider: Provider, database: Database, team: Team) -> None:
    nobody_asked, named_past = await reminded(database, team, None), await reminded(database, team)
    await provider.text(nobody_asked.phone, "LATER")
    await provider.text(named_past.phone, "LATER 7AM")
    for person in (nobody_asked, named_past):
        assert await person.answers() == [("too_late_ack", TOO_LATE)]
        assert await ledger(person) == []


async def test_daily_and_back_end_what_made_us_quiet(provider: Provider, database: Database, team: Team) -> None:
    tapered, silent = await reminded(database, team), await reminded(database, team)
    await rhythm(tapered, texts_a_week=2, ask_days=9, stepped_on=TODAY)
    await rhythm(silent, rung=10, rung_on=TODAY)
    await provider.text(tapered.phone, "DAILY")
    await provider.text(silent.phone, "BACK")
    row = await rhythm(tapered)
    assert (row.texts_a_week, row.ask_days, row.wants_daily, row.heard_on) == (None, None, True, TODAY)
    row = await rhythm(silent)
    assert (row.rung, row.rung_on, row.heard_on) == (0, None, TODAY)
    assert [kind for kind, _ in [*await tapered.answers(), *await silent.answers()]] == ["daily_ack", "back_ack"]


async def test_a_break_lasts_a_week_and_back_ends_it(provider: Provider, database: Database, team: Team) -> None:
    person = await reminded(database, team)
    await provider.text(person.phone, "PAUSE")
    assert await paused_until(person) == [date(2026, 3, 16)] * 2
    answer = "OK, a break until Mon, Mar 16. No reminders before that. Reply BACK to start sooner."
    assert await person.answers() == [("pause_ack", answer)]
    assert (await rhythm(person)).heard_on == date(2026, 3, 16)
    await provider.text(person.phone, "BACK")
    assert await paused_until(person) == [None, None]


async def test_each_answer_to_why_is_acted_on(provider: Provider, database: Database, team: Team) -> None:
    for number, reading, answer, in_diary in [
        (1, "why_hurts", "note_ack", "hurts"),
        (2, "why_unsure_how", "how_ack", "unsure_how"),
        (3, "why_forgot", "forgot_ack", None),
        (4, "why_no_time", "easy_ack", "no_time"),
        (5, "why_away", "pause_ack", None),
    ]:
        person = await reminded(database, team, MessageKind.WHY)
        await rhythm(person, missed_on=TODAY)
        # Answered in full, and by the bare number of the list.
        words = f"Why {number}" if number % 2 else str(number)
        await provider.text(person.phone, words)
        assert await readings(person) == [(words, reading)]
        assert [kind for kind, _ in await person.answers()] == [answer]
        assert await paused_until(person) == [date(2026, 3, 16) if number == 5 else None] * 2
        assert await sessions(person) == ([("skipped", in_diary, [False, False])] if in_diary else [])
        assert (await rhythm(person)).missed_on is None


async def test_a_reason_for_a_miss_does_not_replace_what_was_logged_since(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await reminded(database, team)
    await rhythm(person, missed_on=TODAY)
    await provider.text(person.phone, "DONE")
    await provider.text(person.phone, "WHY 1")
    assert await sessions(person) == [("done", None, [True, True])]


async def test_danger_opens_a_warning_sign_once(provider: Provider, database: Database, team: Team) -> None:
    person = await reminded(database, team)
    await provider.text(person.phone, "i fell")
    await provider.text(person.phone, "i fell again")
    statement = select(RedFlag).where(col(RedFlag.client_id) == person.client.id)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        [flag] = await session.scalars(statement)
    assert (flag.source, flag.opened_at, flag.closed_at) == ("text", NOW, None)


async def test_keep_leaves_a_moved_time_and_change_back_ends_moving(
    provider: Provider, database: Database, team: Team
) -> None:
    keeps, back, unmoved = [await reminded(database, team) for _ in range(3)]
    for person in (keeps, back):
        await rhythm(person, moved_from=time(7, 45), moved_on=TODAY)
    await provider.text(keeps.phone, "KEEP")
    await provider.text(back.phone, "change back")
    await provider.text(unmoved.phone, "Keep")
    for person, at, never_again in ((keeps, time(8), False), (back, time(7, 45), True)):
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            [plan] = [r for r in await reminders(session, person.client.id) if r.kind == "plan"]
        assert plan.local_times == [at]
        row = await rhythm(person)
        assert (row.moved_from, row.keeps_time) == (None, never_again)
    assert await keeps.answers() == [("time_ack", "OK, we will text at 8:00\u202fam.")]
    assert await back.answers() == [("time_ack", "OK, we will text at 7:45\u202fam.")]
    assert [kind for kind, _ in await unmoved.answers()] == ["note_ack"]


async def test_an_hour_for_good_moves_the_reminder_and_it_stays_there(
    provider: Provider, database: Database, team: Team
) -> None:
    """Quiet hours are 21:00 to 8:00; the check-in was asked last, at 8:00."""
    night = "We can text you from 8:00 am to 8:30 pm. Reply TIME and an hour in between, like TIME 7PM."
    rows = [
        ("TIME 7PM", "OK, we will text at 7:00 pm.", time(19)),
        ("change the time to 9:30", "OK, we will text at 9:30 am.", time(9, 30)),
        ("hora 7", "OK, we will text at 7:00 pm.", time(19)),
        ("TIME 11pm", night, time(8)),
    ]
    for words, answer, wall in rows:
        person = await reminded(database, team)
        await provider.text(person.phone, words)
        assert [told.replace("\u202f", " ") for _, told in await person.answers()] == [answer], words
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            times = {r.kind: r.local_times for r in await reminders(session, person.client.id)}
        assert times == {"check_in": [wall], "plan": [time(8)]}, words
        assert (await rhythm(person)).keeps_time is (wall != time(8)), words
    person = await make_person(database, team)
    await provider.text(person.phone, "TIME 7PM")
    # Without a reminder somebody else must see to it.
    assert [kind for kind, _ in await person.answers()] == ["note_ack"]


async def test_not_sure_how_gets_a_link_that_opens_for_whoever_signs_in(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await reminded(database, team, MessageKind.WHY)
    await rhythm(person, missed_on=TODAY)
    await provider.text(person.phone, "2")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        links = await session.scalars(select(Link).where(col(Link.client_id) == person.client.id))
    [link] = [one for one in links if one.purpose != "questions"]
    assert (link.purpose, link.expires_at) == ("look", NOW + timedelta(hours=36))
