"""Queues what was decided to be sent, with the links it needs."""

from datetime import datetime

from service.accounts.rules import QUICK_LINK, UNSUBSCRIBE_LINK, LinkPurpose
from service.accounts.sign_in import link_token, make_link
from service.database.tenancy import ClinicSession
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MESSAGES
from service.reminders.rules import ASKS_FOR


async def queue_reminder(session: ClinicSession, secret_key: str, outgoing: Outgoing, now: datetime) -> None:
    """The same due moment twice is one message. Its link answers what it asks for, on its day."""
    message_id = await enqueue(session, outgoing, now)
    if message_id is None:
        return
    if MESSAGES[outgoing.kind].button is not None:
        await make_link(
            session,
            client_id=outgoing.client_id,
            purpose=LinkPurpose(ASKS_FOR[outgoing.kind]),
            token=link_token(secret_key, "answer", message_id),
            lifetime=outgoing.due_at + QUICK_LINK - now,
            day=outgoing.day,
            contact_point_id=outgoing.contact_point_id,
            now=now,
        )
    if outgoing.channel == "email":
        await make_link(
            session,
            client_id=outgoing.client_id,
            purpose=LinkPurpose.UNSUBSCRIBE,
            token=link_token(secret_key, "unsubscribe", message_id),
            lifetime=UNSUBSCRIBE_LINK,
            contact_point_id=outgoing.contact_point_id,
            now=now,
        )
