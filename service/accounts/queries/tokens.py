"""Tokens of a clinic, and what one that was sent opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.tables import Clinic, Staff
from service.accounts.tables.tokens import ApiToken
from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.errors import NotFound

_SENT = Reading(
    Rows(ApiToken, "WHERE t.clinic_id = %(clinic_id)s AND t.token_hash = %(token_hash)s AND t.revoked_at IS NULL"),
    Rows(Clinic, "WHERE t.clinic_id = %(clinic_id)s"),
    Rows(
        Staff,
        "JOIN api_token k ON k.clinic_id = t.clinic_id AND k.staff_id = t.id "
        "WHERE t.clinic_id = %(clinic_id)s AND k.token_hash = %(token_hash)s",
        columns=["clinic_id", "id", "name", "role", "active"],
    ),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A token that nobody revoked, of whom, and where; to be read only."""

    row: ApiToken
    clinic: Clinic
    staff: Staff


async def sent_token(session: ClinicSession, token_hash: bytes) -> Sent | None:
    found = await _SENT(session, token_hash=token_hash)
    row, clinic, staff = found.first(ApiToken), found.first(Clinic), found.first(Staff)
    return Sent(row, clinic, staff) if row and clinic and staff else None


async def tokens(session: ClinicSession) -> Sequence[ApiToken]:
    """Of the whole clinic, the newest first; those that were revoked left out."""
    statement = (
        select(ApiToken)
        .where(col(ApiToken.clinic_id) == session.clinic_id, col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id).desc())
    )
    return (await session.scalars(statement)).all()


async def token(session: ClinicSession, token_id: UUID) -> ApiToken:
    found = await session.get(ApiToken, (session.clinic_id, token_id))
    if found is None or found.revoked_at is not None:
        raise NotFound
    return found
