"""Queues what was decided to be sent, with the links it needs."""

from collections.abc import Iterable
from datetime import datetime

from service.accounts.sign_in import make_links
from service.database.tenancy import ClinicSession
from service.outbox.actions import Outgoing, enqueue_all
from service.reminders.failures import links_in


async def queue_reminders(session: ClinicSession, secret_key: str, messages: Iterable[Outgoing], now: datetime) -> None:
    """In as many statements for one as for hundreds; the same due moment twice is one message."""
    outgoing = {message.dedupe_key: message for message in messages}
    made = await enqueue_all(session, list(outgoing.values()), now)
    links = [link for key, message_id in made.items() for link in links_in(outgoing[key], message_id, secret_key, now)]
    await make_links(session, links, now)
