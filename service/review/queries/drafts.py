"""Plans that are still being written. A draft is its writer's: nobody else reads it."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.review.tables import PlanDraft


async def draft_of(session: ClinicSession, client_id: UUID) -> PlanDraft | None:
    """The caller's own."""
    statement = select(PlanDraft).where(
        col(PlanDraft.clinic_id) == session.clinic_id,
        col(PlanDraft.client_id) == client_id,
        col(PlanDraft.staff_id) == session.actor.id,
    )
    return (await session.scalars(statement)).one_or_none()
