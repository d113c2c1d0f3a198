"""Whether an address asked us to stop, whosever it is: before we write to somebody who is no client."""

from sqlalchemy import exists, select
from sqlmodel import col

from service.accounts.rules import LOCALES
from service.accounts.tables import ContactPoint
from service.conversation.grammar import read_reply
from service.conversation.rules import Stop
from service.conversation.tables import UnplacedText
from service.database.sealing import mark_of
from service.database.tenancy import ClinicSession


async def asked_to_stop(session: ClinicSession, address: str) -> bool:
    """As somebody's client here, or by a text from a phone that nobody here has."""
    mark = await mark_of(session, address)
    stopped = select(col(ContactPoint.id)).where(
        col(ContactPoint.clinic_id) == session.clinic_id,
        col(ContactPoint.address_mark) == mark,
        col(ContactPoint.opted_out_at).is_not(None),
    )
    if await session.scalar(select(exists(stopped))):
        return True
    texts = select(UnplacedText).where(
        col(UnplacedText.clinic_id) == session.clinic_id, col(UnplacedText.sent_mark) == mark
    )
    bodies = [one.body or "" for one in await session.scalars(texts)]
    return any(Stop() in read_reply(body, asked=None, locale=locale) for body in bodies for locale in LOCALES)
