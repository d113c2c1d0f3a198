"""One line tells one day of a diary, the way its owner would have told it on that day."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import event, text

from service.accounts.actions import add_staff, next_seq
from service.accounts.queries import contact_points
from service.accounts.sign_in import start_session
from service.accounts.tables import Client, SignInSession
from service.conversation.tables import ThreadMessage
from service.database.tenancy import Actor, Channel, ClinicSession, Database
from service.diary.actions import NewPain, NewSession, mark_habit, record_pain, record_session
from service.diary.entries import When
from service.diary.mornings import NewMorning, record_morning
from service.diary.rules import HabitValue, Outcome, Response
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.progress.rules.pain_days import DayPain, PainDays, pain_days
from service.reminders.actions import set_reminder
from service.reminders.rules import Slot
from service.reminders.wishes import Wish
from tests.make import NOW, PASSWORD_HASH, TODAY, Team, add_occurrence


def as_client(client: Client, channel: Channel = "web") -> Actor:
    return Actor("client", client.id, channel)


def moment(client: Client, day: date, hour: int = 9) -> datetime:
    """An instant by the client's own clock."""
    return datetime.combine(day, time(hour), ZoneInfo(client.zone)).astimezone(UTC)


def known(pains: Iterable[DayPain]) -> PainDays:
    """As it is read from a diary."""
    told = [(pain.day.toordinal(), pain.score, round(pain.at.timestamp() * 1_000_000)) for pain in pains]
    return pain_days(*zip(*told, strict=True)) if told else PainDays()


async def pain(
    database: Database,
    client: Client,
    day: date,
    score: int,
    hour: int = 9,
    channel: Channel = "web",
    **more: Any,
) -> None:
    async with database.clinic_tx(client.clinic_id, as_client(client, channel)) as session:
        now = moment(client, day, hour)
        await record_pain(session, client, NewPain(score, **more), When(day), now)


async def pains(database: Database, client: Client, scores: Mapping[date, int]) -> None:
    """One score a day, each told at nine of that day."""
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        for day, score in scores.items():
            await record_pain(session, client, NewPain(score), When(day), moment(client, day, 9))


async def did(
    database: Database, client: Client, day: date, outcome: str = "done", hour: int = 10, **more: Any
) -> None:
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        now = moment(client, day, hour)
        await record_session(session, client, NewSession(Outcome(outcome), **more), When(day), now)


async def well(database: Database, client: Client, back: int, during: int = 2, morning: str = "same") -> None:
    """A session so many days ago, and the morning after it."""
    day = TODAY - timedelta(days=back)
    await did(database, client, day, pain={"before": 2, "during": during, "after": 2})
    after = day + timedelta(days=1)
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        now = moment(client, after)
        await record_morning(session, client, NewMorning(Response(morning), 2), When(after), now)


async def habit(database: Database, client: Client, day: date, habit_id: UUID, value: HabitValue) -> None:
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        await mark_habit(session, client, habit_id, value, When(day), moment(client, day, 20))


async def text_in(database: Database, client: Client, body: str, reading: str, at: datetime = NOW) -> None:
    """A text of the client that stands in the thread, with how the reply grammar read it."""
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        session.add(
            ThreadMessage(
                clinic_id=client.clinic_id,
                id=new_id(at),
                client_id=client.id,
                sync_seq=await next_seq(session, client.id),
                created_at=at,
                direction="in",
                channel="text",
                body=body,
                reading=reading,
                sent_at=at,
            )
        )


async def due_moments(database: Database, client: Client) -> None:
    """Three days of check-ins at 8:00: sent and answered, held back for quiet hours, delivered in silence."""
    async with database.clinic_tx(client.clinic_id, as_client(client)) as session:
        point = (await contact_points(session, client.id))[0]
        wish = Wish("check_in", [time(8)], 127, ["sms"], date(2026, 3, 7))
        reminder = await set_reminder(session, client, wish, NOW)
        for day, state, reason in ((9, "sent", None), (8, "suppressed", "quiet_hours"), (7, "sent", None)):
            at = moment(client, date(2026, 3, day), 8)
            slot = Slot(date(2026, 3, day), 0, at, None)
            occurrence_id = await add_occurrence(
                session,
                client_id=client.id,
                reminder_id=reminder.id,
                kind="check_in",
                slot=slot,
                zone=client.zone,
                state=state,
                reason=reason,
                channel="sms",
                now=at,
            )
            if state == "sent":
                message_id = await _delivered(session, client, point.id, occurrence_id, at)
                assert message_id is not None
    await pain(database, client, date(2026, 3, 9), 4)


async def _delivered(
    session: ClinicSession, client: Client, point_id: UUID, occurrence_id: UUID | None, at: datetime
) -> UUID | None:
    outgoing = Outgoing(
        client_id=client.id,
        contact_point_id=point_id,
        channel="sms",
        kind=MessageKind.CHECK_IN,
        dedupe_key=f"rem:{occurrence_id}",
        due_at=at,
        expires_at=at + timedelta(hours=4),
        occurrence_id=occurrence_id,
    )
    message_id = await enqueue(session, outgoing, at)
    await session.execute(
        text("UPDATE message SET state = 'delivered', accepted_at = :at WHERE clinic_id = :clinic AND id = :id"),
        {"at": at, "clinic": session.clinic_id, "id": message_id},
    )
    return message_id


async def make_staff(database: Database, team: Team, role: str) -> UUID:
    async with database.clinic_tx(team.clinic_id, Actor("system", None, "cli")) as session:
        return await add_dana(session, role)


async def add_dana(session: ClinicSession, role: str = "front_desk") -> UUID:
    email = f"dana-{uuid4()}@clinic.example"
    return await add_staff(session, name="Dana", email=email, role=role, password_hash=PASSWORD_HASH, now=NOW)


async def everybody_signed_in(session: ClinicSession, team: Team, client: Client) -> dict[str, dict[str, str]]:
    """Headers of a therapist, the owner, a front desk and a client, made together: one at a time takes far longer."""
    staff = {"therapist": team.therapist_id, "owner": team.owner_id, "front desk": await add_dana(session)}
    tokens = {who: await start_session(session, staff_id=staff_id, now=NOW) for who, staff_id in staff.items()}
    tokens["client"] = await start_session(session, client_id=client.id, now=NOW)
    return {who: {"Authorization": f"Bearer {token}"} for who, token in tokens.items()}


def started(session: ClinicSession) -> list[SignInSession]:
    """The sessions of people that began in this transaction."""
    return [row for row in session if isinstance(row, SignInSession)]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement sent while the block runs."""
    sent: list[str] = []

    def keep(_: Any, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", keep)
