from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.intake.tables import Helper


async def helpers(session: ClinicSession, client_id: UUID, now: datetime) -> Sequence[Helper]:
    """Those whose link works, in the order in which they were named."""
    statement = (
        select(Helper)
        .where(
            col(Helper.clinic_id) == session.clinic_id,
            col(Helper.client_id) == client_id,
            col(Helper.ended_at).is_(None),
            col(Helper.expires_at) > now,
        )
        .order_by(col(Helper.created_at), col(Helper.id))
    )
    return (await session.scalars(statement)).all()
