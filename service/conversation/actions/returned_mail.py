"""What became of a mail, as its server or a provider reports it. The address is closed in the transaction that keeps
the report, so that nothing is written to it from then on; the ledger follows in `reports`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from service.accounts.actions import close_mailbox
from service.conversation import queries
from service.conversation.actions.events import store_event
from service.conversation.bounces import Report
from service.conversation.queries.reports import mail_attempt
from service.database.tenancy import ClinicSession

# In the words of status callbacks. Who complains about a mail has received it.
_STATES: Final = {
    "gone": "undelivered",
    "undelivered": "undelivered",
    "delayed": "delayed",
    "delivered": "delivered",
    "complaint": "delivered",
}
_CLOSES: Final = {"gone": "bounce", "complaint": "complaint"}
"""How the address was closed. A mailbox that is only full, or a mail taken for spam, closes nothing."""


async def take_report(session: ClinicSession, provider: str, key: str, report: Report, now: datetime) -> UUID:
    """Keeps it, about a mail of this clinic or not; the same told again changes nothing. Returns its id."""
    told_before = await queries.stored_event(session, key, provider) is not None
    found = await mail_attempt(session, report.ids)
    attempt, mark = found or (None, None)
    event_id = await store_event(
        session,
        report.kind,
        key,
        now,
        provider=provider,
        attempt_id=attempt.id if attempt else next(iter(report.ids), None),
        message_id=attempt.message_id if attempt else None,
        provider_message_id=(attempt.provider_message_id or str(attempt.message_id)) if attempt else None,
        # Whoever has a ledger of its own for its mails reads the outcome here.
        state=_STATES[report.outcome] if attempt else report.outcome,
        code=report.code,
    )
    if mark is not None and report.outcome in _CLOSES and not told_before:
        await close_mailbox(session, mark, _CLOSES[report.outcome], now)
    return event_id
