"""What a client told staff, by telephone or across the desk, put into the client's diary as told by staff."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.actions import NewPain, NewSession, record_pain, record_session
from service.diary.entries import When


@dataclass(frozen=True, slots=True)
class Noted:
    """`entry` is the id of the form, under which its pain is kept: sent twice it is one."""

    day: date
    entry: UUID
    session: NewSession | None
    pain: NewPain | None


async def note_for(session: ClinicSession, client: Client, noted: Noted, now: datetime) -> None:
    """Raises Refused by field; the caller's transaction then keeps nothing of it."""
    if noted.session is not None:
        await record_session(session, client, noted.session, When(noted.day), now)
    if noted.pain is not None:
        await record_pain(session, client, noted.pain, When(noted.day, id=noted.entry), now)
