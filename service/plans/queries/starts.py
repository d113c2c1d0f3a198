"""What a plan can start from: templates, and versions of any plan of the clinic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.errors import NotFound
from service.plans.tables import PlanTemplate, PlanVersion


async def version_owner(session: ClinicSession, version_id: UUID) -> UUID | None:
    """Whose plan this version is of."""
    statement = select(PlanVersion).where(
        col(PlanVersion.clinic_id) == session.clinic_id, col(PlanVersion.id) == version_id
    )
    version = await session.scalar(statement)
    return version.client_id if version else None


async def templates(session: ClinicSession) -> Sequence[PlanTemplate]:
    """By name, without those that were removed."""
    statement = (
        select(PlanTemplate)
        .where(col(PlanTemplate.clinic_id) == session.clinic_id, col(PlanTemplate.removed_at).is_(None))
        .order_by(col(PlanTemplate.name))
    )
    return (await session.scalars(statement)).all()


async def template(session: ClinicSession, template_id: UUID, *, lock: bool = False) -> PlanTemplate:
    """Raises NotFound for one that was removed."""
    statement = select(PlanTemplate).where(
        col(PlanTemplate.clinic_id) == session.clinic_id,
        col(PlanTemplate.id) == template_id,
        col(PlanTemplate.removed_at).is_(None),
    )
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    return found


_NEWEST = text(
    "SELECT DISTINCT ON (v.client_id) v.client_id, v.id, v.starts_on FROM plan_version v "
    "JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id AND p.ended_on IS NULL "
    "WHERE v.clinic_id = :clinic_id ORDER BY v.client_id, v.number DESC"
)


@dataclass(frozen=True, slots=True)
class NewestVersion:
    id: UUID
    starts_on: date


async def newest_versions(session: ClinicSession) -> dict[UUID, NewestVersion]:
    """The newest version of every running plan of the clinic, by client."""
    rows = await session.execute(_NEWEST, {"clinic_id": session.clinic_id})
    return {row.client_id: NewestVersion(row.id, row.starts_on) for row in rows}
