"""On which days a client told something, through what, and what staff did in a month."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, union_all
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.diary.rules import CLIENT_BACK_DAYS, local_day
from service.diary.tables import DiaryEntry, ExerciseSession, HabitMark, MorningAfter, PainEntry
from service.review.tables import Monitoring, MonitoringTime

_TOLD = (PainEntry, ExerciseSession, HabitMark, MorningAfter)
_A_DAY = timedelta(days=1)


async def monitoring_of(session: ClinicSession, client_id: UUID) -> Sequence[Monitoring]:
    """Newest first."""
    statement = (
        select(Monitoring)
        .where(col(Monitoring.clinic_id) == session.clinic_id, col(Monitoring.client_id) == client_id)
        .order_by(col(Monitoring.starts_on).desc(), col(Monitoring.created_at).desc())
    )
    return (await session.scalars(statement)).all()


async def told_days(
    session: ClinicSession, client_id: UUID, first: date, last: date, zone: ZoneInfo
) -> dict[date, set[str]]:
    """The days in `zone` on which something reached us, with the channels it came through.

    Told by the client or a helper, whichever day it is about: seven days filled in at one sitting are one day of data.
    """
    told = union_all(*(_told(session, table, client_id, first, last, zone) for table in _TOLD))
    found: dict[date, set[str]] = defaultdict(set)
    for row in await session.execute(told):
        found[local_day(row.received_at, zone)].add(row.channel)
    return dict(sorted(found.items()))


def _told(
    session: ClinicSession, table: type[DiaryEntry], client_id: UUID, first: date, last: date, zone: ZoneInfo
) -> Select[datetime, str]:
    return select(col(table.received_at), col(table.channel)).where(
        col(table.clinic_id) == session.clinic_id,
        col(table.client_id) == client_id,
        col(table.day).between(first - timedelta(days=CLIENT_BACK_DAYS + 1), last + _A_DAY),
        col(table.received_at) >= datetime.combine(first, time(), zone),
        col(table.received_at) < datetime.combine(last + _A_DAY, time(), zone),
        col(table.entered_by) != "therapist",
        col(table.deleted_at).is_(None),
    )


async def times_of(session: ClinicSession, client_id: UUID, first: date, last: date) -> Sequence[MonitoringTime]:
    statement = (
        select(MonitoringTime)
        .where(
            col(MonitoringTime.clinic_id) == session.clinic_id,
            col(MonitoringTime.client_id) == client_id,
            col(MonitoringTime.day).between(first, last),
            col(MonitoringTime.deleted_at).is_(None),
        )
        .order_by(col(MonitoringTime.day), col(MonitoringTime.created_at))
    )
    return (await session.scalars(statement)).all()
