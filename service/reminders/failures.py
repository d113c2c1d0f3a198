"""What follows when a provider will not deliver a message, whether it said so at once or in a report.

Only a message that certainly did not arrive is tried on another channel: one in doubt never is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from service.accounts import queries as accounts
from service.accounts.actions import mark_invalid, opt_out
from service.accounts.codes import link_token
from service.accounts.rules import QUICK_LINK, UNSUBSCRIBE_LINK, WEEK_LINK, LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import ContactPoint
from service.database.tenancy import ClinicSession
from service.outbox.actions import Outgoing, enqueue, stop_sending
from service.outbox.codes import Failure
from service.outbox.rules import MESSAGES, MessageKind
from service.reminders.reasons import Reason
from service.reminders.rules import ASKS_FOR, dedupe_key

# A try that the provider is known to have taken and that was not reported undelivered may still arrive.
_FAILED: Final = text(
    "SELECT m.id, m.client_id, m.contact_point_id, m.channel, m.kind, m.params, m.prompt, o.day, m.priority,"
    "  m.expires_at, o.id AS occurrence_id, o.reminder_id, o.slot, r.channels "
    "FROM message m "
    "JOIN occurrence o ON o.clinic_id = m.clinic_id AND o.id = m.occurrence_id "
    "JOIN reminder r ON r.clinic_id = o.clinic_id AND r.id = o.reminder_id "
    "WHERE m.clinic_id = :clinic_id AND m.id = :message_id AND m.expires_at > :now AND r.ended_at IS NULL"
    "  AND (m.state = 'undelivered' OR m.state = 'failed' AND NOT EXISTS (SELECT 1 FROM attempt a"
    "    WHERE a.clinic_id = m.clinic_id AND a.message_id = m.id AND a.provider_message_id IS NOT NULL))"
)

_WAITS_AGAIN: Final = text(
    "UPDATE occurrence SET state = 'queued', reason = NULL, channel = :channel, settled_at = NULL "
    "WHERE clinic_id = :clinic_id AND id = :occurrence_id"
)

_END_SECOND_TRIES: Final = text(
    "WITH ended AS (UPDATE message m SET state = 'suppressed', reason = :changed, settled_at = now(),"
    "  updated_at = now() FROM occurrence o WHERE m.clinic_id = :clinic_id AND o.clinic_id = :clinic_id"
    "  AND m.occurrence_id = o.id AND o.reminder_id = :reminder_id AND (o.slot >= 0 OR :also_extra)"
    "  AND m.state = 'queued' AND EXISTS (SELECT 1 FROM message f"
    "  WHERE f.clinic_id = :clinic_id AND f.occurrence_id = o.id AND f.id <> m.id)"
    "  RETURNING m.occurrence_id) "
    "UPDATE occurrence o SET state = 'skipped', reason = :changed, settled_at = now() "
    "FROM ended WHERE o.clinic_id = :clinic_id AND o.id = ended.occurrence_id AND o.state = 'queued'"
)

# What leads to something to read, and asks for nothing.
_SHOWS: Final = {
    MessageKind.WEEK: (LinkPurpose.WEEK, WEEK_LINK),
    MessageKind.PLAN_CHANGED: (LinkPurpose.LOOK, QUICK_LINK),
}

# One that is in flight already is out of our hands.
_WITHDRAW: Final = text(
    "UPDATE message SET state = 'suppressed', reason = :reason, settled_at = now(), updated_at = now(),"
    "  lease_owner = NULL, lease_until = NULL "
    "WHERE clinic_id = :clinic_id AND occurrence_id = :occurrence_id AND id <> :message_id"
    " AND state IN ('queued', 'leased')"
)


@dataclass(frozen=True, slots=True)
class Failed:
    """A message of ours, and who says what about it."""

    message_id: UUID
    contact_point_id: UUID
    channel: str
    kind: MessageKind
    failure: Failure
    code: str


@dataclass(frozen=True, slots=True)
class _Moment:
    """A failed message of a due moment that is not over."""

    id: UUID
    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: str
    params: dict[str, Any]
    prompt: str | None
    day: date
    priority: int
    expires_at: datetime
    occurrence_id: UUID
    reminder_id: UUID
    slot: int
    channels: list[str]


async def act_on_failure(session: ClinicSession, failed: Failed, secret_key: str, now: datetime) -> None:
    """Nothing that would only fail again is sent again; the due moment gets its next channel."""
    if failed.failure is Failure.OPTED_OUT:
        await opt_out(session, failed.contact_point_id, "provider", now)
        return
    if failed.failure is Failure.INVALID_ADDRESS:
        await mark_invalid(session, failed.contact_point_id, failed.code, now)
    if failed.failure.scope is not None:
        await stop_sending(session, failed.channel, failed.kind, failed.failure, failed.code, now)
    await fall_back(session, failed.message_id, secret_key, now)


async def fall_back(session: ClinicSession, message_id: UUID, secret_key: str, now: datetime) -> None:
    """Queues the next channel that the reminder wished for, once, in the window of the first; the mark decides again.

    Whoever said STOP on either of the two is left alone.
    """
    row = (
        await session.execute(_FAILED, {"clinic_id": session.clinic_id, "message_id": message_id, "now": now})
    ).one_or_none()
    if row is None:
        return
    moment = _Moment(**row._mapping)
    point = await _next_point(session, moment)
    if point is None:
        return
    message = _again(moment, point, now)
    queued = await enqueue(session, message, now)
    if queued is None:
        return
    await make_links(session, list(links_in(message, queued, secret_key, now)), now)
    values = {"clinic_id": session.clinic_id, "occurrence_id": moment.occurrence_id, "channel": point.channel}
    await session.execute(_WAITS_AGAIN, values)


async def withdraw_other_tries(session: ClinicSession, occurrence_id: UUID, message_id: UUID) -> None:
    """This message went out after all: what still waits for the same due moment is not sent."""
    values = {"clinic_id": session.clinic_id, "occurrence_id": occurrence_id, "message_id": message_id}
    await session.execute(_WITHDRAW, values | {"reason": Reason.SENT_OTHERWISE.value})


async def end_second_tries(session: ClinicSession, reminder_id: UUID, *, also_extra: bool) -> None:
    """The reminder was changed or ended: what was tried on one channel is not tried on the next."""
    values = {"clinic_id": session.clinic_id, "reminder_id": reminder_id, "also_extra": also_extra}
    await session.execute(_END_SECOND_TRIES, values | {"changed": Reason.CHANGED.value})


def links_in(message: Outgoing, message_id: UUID, secret_key: str, now: datetime) -> Iterator[NewLink]:
    """What the words of a reminder lead to: an answer to what it asks for, on its day, and an end to such mail."""

    def link(purpose: LinkPurpose, word: str, expires_at: datetime, day: date | None) -> NewLink:
        token = link_token(secret_key, word, message_id)
        return NewLink(message.client_id, purpose, token, expires_at, day, message.contact_point_id)

    if MESSAGES[message.kind].button is not None:
        purpose, lasts = _SHOWS.get(message.kind) or (LinkPurpose(ASKS_FOR[message.kind]), QUICK_LINK)
        yield link(purpose, "answer", message.due_at + lasts, message.day)
    if message.channel == "email":
        yield link(LinkPurpose.UNSUBSCRIBE, "unsubscribe", now + UNSUBSCRIBE_LINK, None)


async def _next_point(session: ClinicSession, moment: _Moment) -> ContactPoint | None:
    """The first address after the failed one, in the order of the wish, that may be written to."""
    points = await accounts.contact_points(session, moment.client_id)
    if any(point.id == moment.contact_point_id and point.opted_out_at is not None for point in points):
        return None
    given = await accounts.consents(session, moment.client_id)
    agreed = {consent.channel for consent in given if consent.withdrawn_at is None}
    for channel in _after(moment.channels, moment.channel):
        found = next((point for point in points if point.channel == channel), None)
        if found is not None and channel in agreed and _usable(found):
            return found
    return None


def _after(channels: Sequence[str], channel: str) -> Sequence[str]:
    return channels[channels.index(channel) + 1 :] if channel in channels else ()


def _usable(point: ContactPoint) -> bool:
    return point.opted_out_at is None and point.invalid_at is None and point.verified_at is not None


def _again(moment: _Moment, point: ContactPoint, now: datetime) -> Outgoing:
    return Outgoing(
        client_id=moment.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind(moment.kind),
        dedupe_key=dedupe_key(moment.reminder_id, moment.day, moment.slot, point.channel),
        due_at=now,
        expires_at=moment.expires_at,
        params=moment.params,
        occurrence_id=moment.occurrence_id,
        prompt=moment.prompt,
        day=moment.day,
        priority=moment.priority,
    )
