from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from service.database.reading import Rows
from service.database.tenancy import ClinicSession
from service.review.tables import ReadyText

READY: Final = Rows(ReadyText, "WHERE t.clinic_id = %(clinic_id)s AND t.ended_at IS NULL ORDER BY t.position, t.id")


async def own_ready(session: ClinicSession) -> Sequence[ReadyText]:
    """In the clinic's order."""
    statement = (
        select(ReadyText)
        .where(col(ReadyText.clinic_id) == session.clinic_id, col(ReadyText.ended_at).is_(None))
        .order_by(col(ReadyText.position), col(ReadyText.id))
    )
    return (await session.scalars(statement)).all()
