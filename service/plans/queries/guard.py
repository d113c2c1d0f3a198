"""What a prescription is checked against, and what was prescribed against it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.plans.tables import ClientContext, PlanWarning

_CONTEXTS = Reading(
    Rows(
        ClientContext,
        "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.deleted_at IS NULL"
        " ORDER BY t.created_at, t.context",
    )
)


async def contexts(session: ClinicSession, client_id: UUID) -> Sequence[ClientContext]:
    """The labels that stand, as they were picked; to be read only."""
    return (await _CONTEXTS(session, client_id=client_id)).of(ClientContext)


async def contexts_to_change(session: ClinicSession, client_id: UUID) -> Sequence[ClientContext]:
    statement = select(ClientContext).where(
        col(ClientContext.clinic_id) == session.clinic_id,
        col(ClientContext.client_id) == client_id,
        col(ClientContext.deleted_at).is_(None),
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
