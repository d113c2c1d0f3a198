from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from service.database.tenancy import ClinicSession
from service.review.rules.escalation import MailKind
from service.review.tables import DigestMail


async def sends_of(session: ClinicSession, client_id: UUID) -> Sequence[DigestMail]:
    """The links that were sent to helpers of this client, as long as the ledger keeps them."""
    statement = select(DigestMail).where(
        col(DigestMail.clinic_id) == session.clinic_id,
        col(DigestMail.client_id) == client_id,
        col(DigestMail.kind) == MailKind.HELPER.value,
    )
    return (await session.scalars(statement)).all()


_CONTACT = text("SELECT encode(contact, 'hex') FROM helper WHERE clinic_id = :clinic_id AND id = :helper_id")


async def sealed_contact(session: ClinicSession, helper_id: UUID) -> str:
    """As it is kept, under the client's key, in hex: what the ledger may hold."""
    found = await session.execute(_CONTACT, {"clinic_id": session.clinic_id, "helper_id": helper_id})
    return str(found.scalar_one())
