"""One-tap links, found by what they were sent with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.tables import Link
from service.database.tenancy import ClinicSession


async def clinic_with_link(connection: AsyncConnection, token_hash: bytes) -> UUID | None:
    """Through the door `find_link`."""
    found: UUID | None = await connection.scalar(
        text("SELECT clinic_id FROM link WHERE token_hash = :token_hash"), {"token_hash": token_hash}
    )
    return found


async def link_by_token(session: ClinicSession, token_hash: bytes) -> Link | None:
    return await session.scalar(
        select(Link).where(col(Link.clinic_id) == session.clinic_id, col(Link.token_hash) == token_hash)
    )


def usable(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and now < link.expires_at
