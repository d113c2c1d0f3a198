from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.reading import Rows
from service.database.tenancy import ClinicSession
from service.diary.tables import WeekAim

WEEK_AIM = Rows(
    WeekAim,
    "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.monday = %(monday)s"
    " AND t.deleted_at IS NULL",
)


async def week_aim(session: ClinicSession, client_id: UUID, monday: date) -> WeekAim | None:
    statement = select(WeekAim).where(
        col(WeekAim.clinic_id) == session.clinic_id,
        col(WeekAim.client_id) == client_id,
        col(WeekAim.monday) == monday,
        col(WeekAim.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).one_or_none()
