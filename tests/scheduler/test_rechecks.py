"""One-off fixes that are to be looked at again: told once, to whoever has not looked yet."""

import pytest
from sqlalchemy import text

from service.accounts.tables import Client
from service.clock import utc_now
from service.diary.actions import mark_habit
from service.diary.entries import When
from service.diary.fix_reports import tell_fix
from service.plans.actions import HabitToPrescribe
from service.plans.fix_rows import FixToPrescribe, OnceToPrescribe
from service.plans.fixes import FixAnswer
from service.plans.queries import current
from tests.far_ends import SmsProvider
from tests.scheduler.conftest import Notifier
from tests.scheduler.days import DAY, do, look, planned, today_at, words

pytestmark = pytest.mark.anyio


async def set_up(process: Notifier, ago: int = 1) -> Client:
    """A wedge on the car seat, told done so many days ago, to be looked at a day after that."""
    wedge = FixToPrescribe("Put a wedge on your car seat.", (utc_now() + DAY).date(), 1)
    client = await planned(process, 1, once=OnceToPrescribe([wedge]))
    await do(process, client, 1)
    await tell(process, client, FixAnswer.DONE, ago)
    return client


async def tell(process: Notifier, client: Client, answer: FixAnswer, ago: int = 0) -> None:
    day = today_at(client) - ago * DAY
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        [fix] = (await current(session, client.id, today_at(client))).fixes
        await tell_fix(session, client, fix.id, answer, When(day), utc_now())


async def kinds(process: Notifier, client: Client) -> list[str]:
    async with process.owner.installation_tx() as connection:
        statement = text("SELECT kind FROM occurrence WHERE client_id = :id AND slot = -9 ORDER BY day")
        return list((await connection.execute(statement, {"id": client.id})).scalars())


async def look_anew(process: Notifier) -> None:
    await process.shift("UPDATE reminder_rhythm SET next_at = now(), morning_on = NULL")
    await look(process)


async def test_a_look_is_due_once_with_a_kind_of_its_own_and_one_text(process: Notifier, sms: SmsProvider) -> None:
    client = await set_up(process)
    await look(process)
    await look_anew(process)
    assert await words(process, client) == [(-9, "queued", None, "recheck")]
    assert await kinds(process, client) == ["fix"]
    await process.delivery.tick()
    [sent] = [message["body"] for message in sms.accepted]
    said = "Northside: a short look back at one thing you set up. Is it still in place? It takes one tap: "
    assert sent.startswith(said + "http://127.0.0.1:9/r/")
    assert await words(process, client) == [(-9, "sent", None, "recheck")]


async def test_what_was_looked_at_meanwhile_is_not_asked(process: Notifier, sms: SmsProvider) -> None:
    client = await set_up(process)
    await look(process)
    await tell(process, client, FixAnswer.STILL_FINE)
    await process.delivery.tick()
    await look_anew(process)
    assert await words(process, client) == [(-9, "skipped", "nothing_asked", "recheck")]
    assert sms.accepted == []


async def test_before_its_day_and_after_three_mornings_nothing_is_said(process: Notifier) -> None:
    early, late = await set_up(process, ago=0), await set_up(process, ago=4)
    await look(process)
    assert [await words(process, client) for client in (early, late)] == [[], []]


async def test_a_reminder_that_rests_says_in_the_ledger_why_the_look_was_not_told(process: Notifier) -> None:
    client = await set_up(process)
    await process.shift(
        "UPDATE reminder SET paused_until = :day WHERE client_id = :id", day=today_at(client), id=client.id
    )
    await look(process)
    assert await words(process, client) == [(-9, "skipped", "paused", None)]


async def test_a_weekly_habit_told_this_week_is_not_asked_again(process: Notifier) -> None:
    habits = [HabitToPrescribe("hab-cross-same", None, None)]
    client = await planned(process, 7, habits=habits)
    # On a Monday the week has had no earlier day.
    earlier = today_at(client).weekday() > 0
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        [habit] = (await current(session, client.id, today_at(client))).habits
        day = today_at(client) - (DAY if earlier else 0 * DAY)
        await mark_habit(session, client, habit.id, "mixed", When(day), utc_now())
    await process.remind(client, "habit")
    await process.planner.tick()
    reason = "nothing_asked" if earlier else "done_today"
    assert [reason for _, reason in await process.ledger(client)][-1] == reason


async def test_a_version_that_never_began_hides_no_look(process: Notifier) -> None:
    client = await set_up(process)
    await process.shift(
        "INSERT INTO plan_version SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(),"
        " 'number', v.number + 1, 'starts_on', v.starts_on + 1, 'deleted_at', now(), 'sync_seq', v.sync_seq + 1000))).*"
        " FROM plan_version v"
    )
    await look(process)
    assert await words(process, client) == [(-9, "queued", None, "recheck")]
