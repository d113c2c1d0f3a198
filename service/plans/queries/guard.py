"""What a prescription is checked against, and what was prescribed against it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.plans.tables import ClientContext, PlanWarning


async def contexts(session: ClinicSession, client_id: UUID) -> Sequence[ClientContext]:
    """The labels that stand, as they were picked."""
    statement = (
        select(ClientContext)
        .where(
            col(ClientContext.clinic_id) == session.clinic_id,
            col(ClientContext.client_id) == client_id,
            col(ClientContext.deleted_at).is_(None),
        )
        .order_by(col(ClientContext.created_at), col(ClientContext.context))
    )
    return (await session.scalars(statement)).all()


async def warnings(session: ClinicSession, client_id: UUID, version_id: UUID | None = None) -> Sequence[PlanWarning]:
    """What was prescribed against, with its reason: of one version, or of all that a client ever had."""
    statement = (
        select(PlanWarning)
        .where(col(PlanWarning.clinic_id) == session.clinic_id, col(PlanWarning.client_id) == client_id)
        .order_by(col(PlanWarning.created_at), col(PlanWarning.id))
    )
    if version_id is not None:
        statement = statement.where(col(PlanWarning.plan_version_id) == version_id)
    return (await session.scalars(statement)).all()
