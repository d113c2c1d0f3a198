"""Monitoring of a client starts and ends, and staff note their minutes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Conflict, FieldProblem, IdTaken, NotFound, Refused
from service.ids import new_id
from service.review.queries.monitoring import monitoring_of
from service.review.tables import Monitoring, MonitoringTime

BACK_DAYS = 90
MOST_MINUTES = 480


@dataclass(frozen=True, slots=True)
class NewTime:
    """`id` is made by whoever writes it down: sent twice, it is one."""

    id: UUID
    day: date
    minutes: int
    is_live: bool


async def require_monitoring(session: ClinicSession) -> None:
    """Raises NotFound in a clinic that has not turned it on."""
    if not (await accounts.clinic(session)).monitoring:
        raise NotFound


async def start(session: ClinicSession, client: Client, starts_on: date, now: datetime) -> None:
    """The day from which 30 days are counted, again and again; the client's zone is fixed with it."""
    await require_monitoring(session)
    if problems := _day_problems("/starts_on", starts_on, today_of(client, now)):
        raise Refused(problems)
    await next_seq(session, client.id)  # two at once: the second waits, and finds what the first did
    listed = await monitoring_of(session, client.id)
    if listed and listed[0].ended_on is None:
        if listed[0].starts_on == starts_on:
            return
        raise Conflict
    if listed and listed[0].ended_on is not None and starts_on <= listed[0].ended_on:
        raise Refused.one("/starts_on", "overlap", "Use a day after the end of the monitoring before.")
    one = Monitoring(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client.id,
        staff_id=_who(session),
        starts_on=starts_on,
        zone=client.zone,
        created_at=now,
    )
    session.add(one)
    record(session, now, "start", "monitoring", one.id, client_id=client.id)


async def end(session: ClinicSession, client: Client, now: datetime) -> None:
    """Today is its last day; twice is once."""
    await require_monitoring(session)
    listed = await monitoring_of(session, client.id)
    if listed and listed[0].ended_on is None:
        listed[0].ended_on = max(today_of(client, now), listed[0].starts_on)
        record(session, now, "end", "monitoring", listed[0].id, client_id=client.id)


async def note_time(session: ClinicSession, client: Client, new: NewTime, now: datetime) -> None:
    await require_monitoring(session)
    if problems := time_problems(new, today_of(client, now)):
        raise Refused(problems)
    await next_seq(session, client.id)
    known = await session.get(MonitoringTime, (session.clinic_id, new.id))
    if known is not None:
        if (known.client_id, known.day, known.minutes, known.is_live) != (client.id, new.day, new.minutes, new.is_live):
            raise IdTaken
        return
    row = MonitoringTime(
        clinic_id=session.clinic_id,
        id=new.id,
        client_id=client.id,
        staff_id=_who(session),
        day=new.day,
        minutes=new.minutes,
        is_live=new.is_live,
        created_at=now,
    )
    session.add(row)
    record(session, now, "create", "monitoring_time", new.id, client_id=client.id)


async def take_back_time(session: ClinicSession, client: Client, time_id: UUID, now: datetime) -> None:
    """It stays in the database, and counts no more."""
    await require_monitoring(session)
    known = await session.get(MonitoringTime, (session.clinic_id, time_id))
    if known is None or known.client_id != client.id:
        raise NotFound
    if known.deleted_at is None:
        known.deleted_at = now
        record(session, now, "delete", "monitoring_time", time_id, client_id=client.id)


def time_problems(new: NewTime, today: date) -> list[FieldProblem]:
    problems = _day_problems("/day", new.day, today)
    if not 0 <= new.minutes <= MOST_MINUTES:
        problems.append(FieldProblem("/minutes", "range", "Use 0 to 480 minutes."))
    elif not new.minutes and not new.is_live:
        problems.append(FieldProblem("/minutes", "nothing", "Use at least one minute, or say that you spoke."))
    return problems


def _day_problems(pointer: str, day: date, today: date) -> list[FieldProblem]:
    if today - timedelta(days=BACK_DAYS) <= day <= today:
        return []
    return [FieldProblem(pointer, "day", "Use today or one of the last 90 days.")]


def _who(session: ClinicSession) -> UUID:
    if session.actor.id is None or session.actor.kind != "staff":
        raise Refused.one("", "staff", "Only a member of staff does this.")
    return session.actor.id
