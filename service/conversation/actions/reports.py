"""What providers and mail servers report about a message they took. Reports come in any order and more than once: a
message only ever goes up in `_RANK`, and its ledger row follows."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlmodel import col

from service.accounts.actions import opt_out
from service.conversation.actions.events import store_event
from service.conversation.queries.reports import WaitingReport, waiting_report
from service.conversation.tables import ProviderEvent
from service.database.tenancy import ClinicSession
from service.outbox.codes import Failure, failure_of
from service.outbox.rules import MessageKind
from service.outbox.tables import Attempt, Message
from service.reminders.failures import Failed, act_on_failure, withdraw_other_tries
from service.reminders.reasons import FAILED, Reason
from service.reminders.tables import Occurrence

# Every report proves that the provider took the message. One it never heard of is kept and changes nothing.
_STATES: Final = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "accepted"),
    **dict.fromkeys(("undelivered", "failed", "canceled"), "undelivered"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
}
_RANK: Final = {"accepted": 1, "undelivered": 2, "delivered": 3}


async def store_report(
    session: ClinicSession,
    attempt_id: UUID,
    provider_message_id: str,
    state: str,
    code: str | None,
    now: datetime,
) -> UUID:
    """Keeps what was said about an attempt, known here or not; the same said again changes nothing. Returns its id."""
    attempt = await session.get(Attempt, (session.clinic_id, attempt_id))
    return await store_event(
        session,
        "status",
        f"{attempt_id}:{provider_message_id}:{state}",
        now,
        attempt_id=attempt_id,
        message_id=attempt.message_id if attempt else None,
        provider_message_id=provider_message_id,
        state=state,
        code=code,
    )


async def act_on_report(session: ClinicSession, event_id: UUID, secret_key: str, now: datetime) -> None:
    """Believes a report. One about a message in flight waits for the notifier's next look: its worker speaks first.

    Each in a transaction of its own: whoever holds one attempt and asks for the next could wait in a ring with a worker
    that records a batch of them.
    """
    event = await waiting_report(session, event_id)
    if event is not None and await _believe(session, event, secret_key, now):
        this = (col(ProviderEvent.clinic_id) == session.clinic_id, col(ProviderEvent.id) == event_id)
        await session.execute(update(ProviderEvent).where(*this).values(acted_at=now))


async def put_off(session: ClinicSession, event_id: UUID, try_at: datetime) -> None:
    """It could not be acted on: once more then."""
    await _count_try(session, event_id, try_at=try_at)


async def put_aside(session: ClinicSession, event_id: UUID, trouble: str, now: datetime) -> None:
    """Nobody will ever act on it. It is kept with the reason, and staff are told."""
    await _count_try(session, event_id, trouble=trouble, acted_at=now)


async def _count_try(session: ClinicSession, event_id: UUID, **values: object) -> None:
    this = (col(ProviderEvent.clinic_id) == session.clinic_id, col(ProviderEvent.id) == event_id)
    waits = col(ProviderEvent.acted_at).is_(None)
    await session.execute(
        update(ProviderEvent).where(*this, waits).values(tries=col(ProviderEvent.tries) + 1, **values)
    )


async def _believe(session: ClinicSession, event: WaitingReport, secret_key: str, now: datetime) -> bool:
    state = _STATES.get(event.state or "")
    if event.message_id is None or event.attempt_id is None or state is None:
        return True
    await _keep_evidence(session, event.attempt_id, event.provider_message_id)
    key = (session.clinic_id, event.message_id)
    message = await session.get_one(Message, key, with_for_update=True, populate_existing=True)
    if message.state == "in_flight":
        return False
    if _RANK.get(message.state, 0) < _RANK[state]:
        failure = _raise(message, event, state, now)
        await session.flush()
        await _tell_ledger(session, message, now)
        await _follow(session, message, failure, event.code, secret_key, now)
    elif failure_of(event.code) is Failure.OPTED_OUT:
        await opt_out(session, message.contact_point_id, "provider", now)
    return True


async def _follow(
    session: ClinicSession, message: Message, failure: Failure | None, code: str | None, secret_key: str, now: datetime
) -> None:
    if failure is not None:
        failed = Failed(
            message.id, message.contact_point_id, message.channel, MessageKind(message.kind), failure, code or ""
        )
        await act_on_failure(session, failed, secret_key, now)
    elif message.occurrence_id is not None:
        await withdraw_other_tries(session, message.occurrence_id, message.id)


async def _keep_evidence(session: ClinicSession, attempt_id: UUID, provider_message_id: str | None) -> None:
    """From now on nobody sends this message again, whatever state it is in."""
    await session.execute(
        update(Attempt)
        .where(
            col(Attempt.clinic_id) == session.clinic_id,
            col(Attempt.id) == attempt_id,
            col(Attempt.provider_message_id).is_(None),
        )
        .values(provider_message_id=provider_message_id)
    )


def _raise(message: Message, event: WaitingReport, state: str, now: datetime) -> Failure | None:
    """Without a code, or with one that nobody knows, all that is certain is that the message did not arrive."""
    failure = (failure_of(event.code) or Failure.UNREACHABLE) if state == "undelivered" else None
    message.state = state
    message.reason = FAILED[failure].value if failure else None
    message.provider_message_id = message.provider_message_id or event.provider_message_id
    message.accepted_at = message.accepted_at or event.received_at
    message.settled_at = message.updated_at = now
    message.check_at = message.lease_owner = message.lease_until = None
    return failure


async def _tell_ledger(session: ClinicSession, message: Message, now: datetime) -> None:
    """The due moment was sent; or, when no channel got it through, it failed. Another try speaks for itself."""
    if message.occurrence_id is None:
        return
    if message.state == "undelivered" and await _may_go_out_otherwise(session, message):
        return
    reason = Reason(message.reason) if message.reason else None
    await session.execute(
        update(Occurrence)
        .where(col(Occurrence.clinic_id) == session.clinic_id, col(Occurrence.id) == message.occurrence_id)
        .values(
            state=reason.state if reason else "sent",
            reason=reason.value if reason else None,
            channel=message.channel,
            settled_at=now,
        )
    )


async def _may_go_out_otherwise(session: ClinicSession, message: Message) -> bool:
    others = select(col(Message.id)).where(
        col(Message.clinic_id) == session.clinic_id,
        col(Message.client_id) == message.client_id,
        col(Message.occurrence_id) == message.occurrence_id,
        col(Message.id) != message.id,
        col(Message.state).in_(("queued", "leased", "in_flight", "uncertain", "accepted", "delivered")),
    )
    return bool(await session.scalar(select(exists(others))))
