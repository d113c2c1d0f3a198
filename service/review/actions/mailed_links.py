"""Links that staff get by email, taken back before they are used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts.tables import StaffInvite
from service.database.tenancy import ClinicSession
from service.review.rules.digest import NotSent
from service.review.tables import DigestMail


async def take_links_back(
    session: ClinicSession, now: datetime, *, to: UUID | None = None, by: UUID | None = None, purpose: str | None = None
) -> None:
    """Those somebody was sent, or gave out. A mail that was not sent yet is not sent: it would lead nowhere."""
    await session.flush()
    links = update(StaffInvite).where(
        col(StaffInvite.clinic_id) == session.clinic_id,
        col(StaffInvite.staff_id) == to if to else col(StaffInvite.invited_by) == by,
        col(StaffInvite.used_at).is_(None),
        col(StaffInvite.revoked_at).is_(None),
        *([col(StaffInvite.purpose) == purpose] if purpose else []),
    )
    ended = await session.scalars(links.values(revoked_at=now).returning(col(StaffInvite.id)))
    letters = update(DigestMail).where(
        col(DigestMail.clinic_id) == session.clinic_id,
        # A mail has the id of its link.
        col(DigestMail.id).in_(ended.all()),
        col(DigestMail.state) == "queued",
    )
    await session.execute(letters.values(state="skipped", reason=NotSent.NOT_WANTED.value, about={}, settled_at=now))
