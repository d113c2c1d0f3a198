"""Writes the mails that say where the chain of the trail ends."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from service.accounts import queries as accounts
from service.audit.actions import take_anchor
from service.audit.rules import written_anchor
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.rules import local_day
from service.review.queries.team import active_owners
from service.review.rules.anchor import EVERY, MAIL_LASTS
from service.review.rules.escalation import MailKind
from service.review.tables import DigestMail


async def write_anchor(session: ClinicSession, send_to: str, now: datetime) -> int:
    """To `send_to`, or else to the clinic's owners: once a day, when something was done or seen since. Returns how
    many. It is no entry of the trail itself: then every day would have something to prove."""
    anchor = await take_anchor(session, now, EVERY)
    owners = await active_owners(session) if anchor else []
    if anchor is None or not owners:
        return 0
    clinic = await accounts.clinic(session)
    command = f"clamshell audit verify --clinic {session.clinic_id} --anchor {written_anchor(anchor)}"
    mails = [
        {
            "clinic_id": session.clinic_id,
            "id": new_id(now),
            "staff_id": owner.id,
            "kind": MailKind.ANCHOR.value,
            "day": local_day(now, clinic.zone),
            "address": send_to or owner.email,
            "about": {"number": anchor.number, "command": command},
            "due_at": now,
            "expires_at": now + MAIL_LASTS,
            "created_at": now,
            "state": "queued",
            "lease_token": 0,
            "soft_fails": 0,
        }
        for owner in (owners[:1] if send_to else owners)
    ]
    await session.execute(insert(DigestMail).values(mails).on_conflict_do_nothing())
    return len(mails)
