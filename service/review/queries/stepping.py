"""Of whom a step is allowed ahead, and whose evening it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.plans.rules.ahead import LOOK_AT

_CLINICS: Final = text("SELECT clinic_id FROM clinic WHERE steps_at <= :now ORDER BY steps_at")
_ALLOWED: Final = text(
    "SELECT DISTINCT p.client_id, c.zone, p.steps_on FROM plan_item i "
    "JOIN plan_version v ON v.clinic_id = i.clinic_id AND v.id = i.plan_version_id "
    "JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id AND p.latest_version = v.number "
    "JOIN client c ON c.clinic_id = p.clinic_id AND c.id = p.client_id "
    "WHERE i.clinic_id = :clinic_id AND i.ahead IS NOT NULL AND p.ended_on IS NULL AND c.state <> 'ended'"
)
_LATELY: Final = text(
    "SELECT v.client_id, v.starts_on, v.change_lines -> 0 AS change FROM plan_version v "
    "JOIN plan p ON p.clinic_id = v.clinic_id AND p.id = v.plan_id AND p.latest_version = v.number "
    "WHERE v.clinic_id = :clinic_id AND v.step_key IS NOT NULL AND v.starts_on > :since AND p.ended_on IS NULL "
    "ORDER BY v.starts_on DESC, v.id"
)
# Nobody writes of a client, and nothing is logged, while it is decided: it ends within a moment.
_LOCK: Final = text(
    "SELECT 1 FROM client_scope WHERE clinic_id = :clinic_id AND client_id = :client_id FOR NO KEY UPDATE"
)


async def clinics_to_step(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS, {"now": now})).scalars())


async def to_look_at(session: ClinicSession, now: datetime) -> list[UUID]:
    rows = await session.execute(_ALLOWED, {"clinic_id": session.clinic_id})
    return [row.client_id for row in rows if evening_of(row.zone, row.steps_on, now)]


def evening_of(zone: str, looked_on: date | None, now: datetime) -> date | None:
    """The client's day, once it is time to look: once a day."""
    local = now.astimezone(ZoneInfo(zone))
    is_due = local.time() >= LOOK_AT and (looked_on is None or looked_on < local.date())
    return local.date() if is_due else None


@dataclass(frozen=True, slots=True)
class Step:
    """`change` is the line of the version."""

    client_id: UUID
    starts_on: date
    change: Sentence


async def steps_lately(session: ClinicSession, since: date) -> list[Step]:
    """That nobody has changed since."""
    rows = await session.execute(_LATELY, {"clinic_id": session.clinic_id, "since": since})
    return [Step(row.client_id, row.starts_on, Sentence.from_stored(row.change)) for row in rows]


async def lock_record(session: ClinicSession, client_id: UUID) -> None:
    await session.execute(_LOCK, {"clinic_id": session.clinic_id, "client_id": client_id})
