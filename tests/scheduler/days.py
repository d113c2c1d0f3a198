"""The days of a client as the notifier finds them: planned, asked, told, and looked at each morning and evening."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from scheduler.rhythm import Rhythm
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from service.diary.actions import NewSession, record_session
from service.diary.entries import When
from service.diary.rules import Outcome
from service.reminders.actions import set_reminder
from service.reminders.queries import reminders
from service.reminders.rules import Slot
from service.reminders.tables import ReminderRhythm
from service.reminders.wishes import Wish
from tests.make import add_occurrence, make_plan
from tests.scheduler.conftest import Notifier

DAY = timedelta(days=1)


def now_at(client: Client) -> datetime:
    return utc_now().astimezone(ZoneInfo(client.zone))


def today_at(client: Client) -> date:
    return now_at(client).date()


async def planned(process: Notifier, days: int, locale: str = "en", **fields: object) -> Client:
    """A daily plan that began so many days ago, with a reminder at four in the morning, which is never sent."""
    client = await process.client(locale=locale)
    first = today_at(client) - days * DAY
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        await make_plan(session, client, now=utc_now(), starts_on=first, **fields)
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
