"""Reads of what is known of a person; each is one statement, whatever the length of the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from service.database.reading import Rows
from service.database.tenancy import ClinicSession
from service.intake.rules import Answers, Goal
from service.intake.tables import ClientGoal, Intake, Treatment, Visit


@dataclass(frozen=True, slots=True)
class Version:
    row: Intake
    answers: Answers


async def versions(session: ClinicSession, client_id: UUID) -> list[Version]:
    """Newest first."""
    statement = (
        select(Intake)
        .where(col(Intake.clinic_id) == session.clinic_id, col(Intake.client_id) == client_id)
        .order_by(col(Intake.version).desc())
    )
    rows = (await session.scalars(statement)).all()
    return await _with_goals(session, client_id, rows)


async def newest(session: ClinicSession, client_id: UUID) -> Version | None:
    statement = (
        select(Intake)
        .where(col(Intake.clinic_id) == session.clinic_id, col(Intake.client_id) == client_id)
        .order_by(col(Intake.version).desc())
        .limit(1)
    )
    rows = (await session.scalars(statement)).all()
    return next(iter(await _with_goals(session, client_id, rows)), None)


ANY_VERSION = Rows(
    Intake,
    "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s LIMIT 1",
    columns=["id"],
)
"""Whether somebody has filled it in."""


async def version_of(session: ClinicSession, row: Intake) -> Version:
    return (await _with_goals(session, row.client_id, [row]))[0]


async def _with_goals(session: ClinicSession, client_id: UUID, rows: Sequence[Intake]) -> list[Version]:
    if not rows:
        return []
    statement = (
        select(ClientGoal)
        .where(
            col(ClientGoal.clinic_id) == session.clinic_id,
            col(ClientGoal.client_id) == client_id,
            col(ClientGoal.intake_id).in_([row.id for row in rows]),
        )
        .order_by(col(ClientGoal.position))
    )
    goals = (await session.scalars(statement)).all()
    return [Version(row, _answers(row, [goal for goal in goals if goal.intake_id == row.id])) for row in rows]


def _answers(row: Intake, goals: Sequence[ClientGoal]) -> Answers:
    return Answers(
        sites=tuple((site, side) for site, side in row.sites),
        radiates=row.radiates,
        qualities=tuple(row.qualities),
        timing=tuple(row.timing),
        aggravators=tuple(row.aggravators),
        onset=row.onset,
        previous_care=row.previous_care,
        goals=tuple(Goal(goal.words, goal.now_score, goal.wanted_score) for goal in goals),
        habits=row.habits,
        red_flags=tuple(row.red_flags),
    )


async def visits(session: ClinicSession, client_id: UUID) -> Sequence[Visit]:
    """Newest first."""
    statement = (
        select(Visit)
        .where(
            col(Visit.clinic_id) == session.clinic_id,
            col(Visit.client_id) == client_id,
            col(Visit.deleted_at).is_(None),
        )
        .order_by(col(Visit.day).desc())
    )
    return (await session.scalars(statement)).all()


async def visit_on(session: ClinicSession, client_id: UUID, day: date) -> Visit | None:
    statement = select(Visit).where(
        col(Visit.clinic_id) == session.clinic_id,
        col(Visit.client_id) == client_id,
        col(Visit.day) == day,
        col(Visit.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).one_or_none()


async def last_visit_on(session: ClinicSession, client_id: UUID, day: date) -> date | None:
    """The day of the last visit up to and with `day`, a local day of the client; None when there was none."""
    statement = select(func.max(col(Visit.day))).where(
        col(Visit.clinic_id) == session.clinic_id,
        col(Visit.client_id) == client_id,
        col(Visit.day) <= day,
        col(Visit.deleted_at).is_(None),
    )
    return (await session.execute(statement)).scalar_one()


async def treatments(session: ClinicSession, client_id: UUID) -> Sequence[Treatment]:
    """Newest first."""
    statement = (
        select(Treatment)
        .where(
            col(Treatment.clinic_id) == session.clinic_id,
            col(Treatment.client_id) == client_id,
            col(Treatment.deleted_at).is_(None),
        )
        .order_by(col(Treatment.day).desc(), col(Treatment.created_at).desc())
    )
    return (await session.scalars(statement)).all()
