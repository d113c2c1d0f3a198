"""An owner who is alone and has lost every second way to sign in: the operator lets them begin anew."""

from datetime import datetime

from service.accounts import queries as accounts
from service.database.tenancy import ClinicSession
from service.errors import NotFound
from service.ids import new_id
from service.reminders.rules import local_day
from service.review.actions.team import reset_factors
from service.review.queries.team import active_owners
from service.review.rules.escalation import MailKind
from service.review.rules.team import MAIL_LASTS
from service.review.tables import DigestMail


async def reset_owner(session: ClinicSession, email: str, now: datetime) -> int:
    """Every owner hears of it, the one it is done for too: who did not ask for it should know. Returns how many mails
    there are; NotFound for whoever is no owner here: for them an owner does it, on the page Team."""
    person = await accounts.staff_by_email(session, email)
    if person is None or person.role != "owner":
        raise NotFound
    await reset_factors(session, person.id, now)
    day = local_day(now, (await accounts.clinic(session)).zone)
    mails = [
        DigestMail(
            clinic_id=session.clinic_id,
            id=new_id(now),
            staff_id=owner.id,
            kind=MailKind.RESET.value,
            day=day,
            address=owner.email,
            about={"name": person.name},
            due_at=now,
            expires_at=now + MAIL_LASTS,
            created_at=now,
        )
        for owner in await active_owners(session)
    ]
    session.add_all(mails)
    return len(mails)
