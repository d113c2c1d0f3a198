"""How far a clinic's set-up is."""

from sqlalchemy import select
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.review.queries.digests import came_back
from service.review.rules.escalation import MailKind
from service.review.rules.set_up import Known
from service.review.tables import DigestMail
from service.settings import Settings


async def known(session: ClinicSession, settings: Settings) -> Known:
    clinic = await accounts.clinic(session)
    has_mail = bool(settings.mail or settings.mail_api)
    first = select(col(Client.id)).where(col(Client.clinic_id) == session.clinic_id).limit(1)
    last = await last_test(session)
    left = last is not None and last.state == "sent" and not await came_back(session, [last.id])
    return Known(
        set_up=clinic.set_up,
        provider=has_mail or settings.sms is not None,
        mail=has_mail,
        tested=left,
        has_client=await session.scalar(first) is not None,
    )


async def last_test(session: ClinicSession) -> DigestMail | None:
    statement = (
        select(DigestMail)
        .where(col(DigestMail.clinic_id) == session.clinic_id, col(DigestMail.kind) == MailKind.TEST.value)
        .order_by(col(DigestMail.created_at).desc())
        .limit(1)
    )
    return await session.scalar(statement)
