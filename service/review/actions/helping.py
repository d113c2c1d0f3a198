"""Sends a helper their link, once, when the client said that they may be written to."""

from datetime import datetime
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.conversation.actions.silence import asked_to_stop
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id
from service.intake.queries.helpers import helpers
from service.intake.tables import Helper
from service.reminders.rules import DAY, local_day, next_allowed
from service.review.queries.helping import sealed_contact, sends_of
from service.review.rules.escalation import MailKind
from service.review.rules.helping import SENDS_A_DAY, SENT_WITHIN
from service.review.tables import DigestMail


async def send_link(
    session: ClinicSession, client: Client, helper_id: UUID, yes: str, staff_id: UUID, now: datetime
) -> None:
    """At the address the helper was named with, out of the client's quiet hours. `yes` is what the client said to it,
    and is kept with the helper."""
    await next_seq(session, client.id)
    helper = next((one for one in await helpers(session, client.id, now) if one.id == helper_id), None)
    if helper is None:
        raise NotFound
    clinic, sent = await accounts.clinic(session), await sends_of(session, client.id)
    if clinic.live_at is None:
        raise _refused("test_mode", "Your clinic is in test mode, and nothing leaves. Hand the link over yourself.")
    if any(one.helper_id == helper_id for one in sent):
        raise _refused("sent", "We wrote to them already. We do so only once.")
    if len([one for one in sent if one.created_at > now - DAY]) >= SENDS_A_DAY:
        raise _refused("too_many", "Three links were sent in 24 hours. Hand this one over yourself.")
    if await asked_to_stop(session, helper.contact):
        raise _refused("stopped", "This phone or email asked us to stop. Hand the link over yourself.")
    named = await session.get_one(Helper, (session.clinic_id, helper_id))
    named.wording = f"{named.wording} {yes}"
    await session.flush()
    due_at = next_allowed(now, client.zone, *accounts.quiet_hours(client, clinic))
    mail = DigestMail(
        clinic_id=session.clinic_id,
        id=new_id(now),
        staff_id=staff_id,
        kind=MailKind.HELPER.value,
        channel="email" if "@" in helper.contact else "sms",
        client_id=client.id,
        helper_id=helper_id,
        day=local_day(now, clinic.zone),
        address=await sealed_contact(session, helper_id),
        about={"language": client.locale},
        due_at=due_at,
        expires_at=due_at + SENT_WITHIN,
        created_at=now,
    )
    session.add(mail)
    record(session, now, "send", "helper", helper_id, client_id=client.id)


def _refused(code: str, message: str) -> Refused:
    return Refused.one("/send", code, message)
