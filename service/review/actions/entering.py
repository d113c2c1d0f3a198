"""A link by email with which staff sign in when their password does not: forgotten, or locked by a stranger's tries."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.codes import link_token
from service.accounts.rules import SIGN_IN_LINK
from service.accounts.sign_in import hashed
from service.accounts.tables import Staff, StaffInvite
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.rules import local_day
from service.review.actions.mailed_links import take_links_back
from service.review.rules.escalation import MailKind
from service.review.rules.team import SIGN_IN
from service.review.tables import DigestMail


async def send_sign_in_link(session: ClinicSession, email: str, secret_key: str, now: datetime) -> None:
    """An older link works no more. Nobody here with this email: nothing."""
    person = await accounts.staff_by_email(session, email)
    if person is None or not person.active:
        return
    await take_links_back(session, now, to=person.id, purpose=SIGN_IN)
    link_id = new_id(now)
    link = StaffInvite(
        clinic_id=session.clinic_id,
        # The mail's link is made of it, so that it stands nowhere in clear.
        id=link_id,
        staff_id=person.id,
        purpose=SIGN_IN,
        token_hash=hashed(link_token(secret_key, SIGN_IN, link_id)),
        created_at=now,
        expires_at=now + SIGN_IN_LINK,
    )
    mail = DigestMail(
        clinic_id=session.clinic_id,
        id=link_id,
        staff_id=person.id,
        kind=MailKind.SIGN_IN.value,
        day=local_day(now, (await accounts.clinic(session)).zone),
        address=person.email,
        about={},
        due_at=now,
        # A link that has run out helps nobody.
        expires_at=now + SIGN_IN_LINK,
        created_at=now,
    )
    session.add_all([link, mail])
    record(session, now, "send_link", "staff", person.id)


async def use_sign_in_link(
    session: ClinicSession, token_hash: bytes, now: datetime, *, used: bool = False
) -> Staff | None:
    """Whose link it is while it can be used; `used`: it is, once. Locked: of two who press at once, one is first."""
    statement = select(StaffInvite).where(
        col(StaffInvite.clinic_id) == session.clinic_id,
        col(StaffInvite.token_hash) == token_hash,
        col(StaffInvite.purpose) == SIGN_IN,
        col(StaffInvite.used_at).is_(None),
        col(StaffInvite.revoked_at).is_(None),
        col(StaffInvite.expires_at) > now,
    )
    link = await session.scalar(statement.with_for_update() if used else statement)
    if link is None:
        return None
    staff = await accounts.staff(session, link.staff_id)
    if not staff.active:
        return None
    if used:
        link.used_at = now
        record(session, now, "use_link", "staff", staff.id)
    return staff
