from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import case, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.outbox.codes import Failure
from service.outbox.rules import MessageKind
from service.outbox.tables import EVERY_KIND, InboxMessage, SendingStop


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. `dedupe_key` makes it one for ever; `prompt` says what an answer to it would be about."""

    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: MessageKind
    dedupe_key: str
    due_at: datetime
    expires_at: datetime
    params: Mapping[str, Any] = field(default_factory=dict)
    occurrence_id: UUID | None = None
    prompt: str | None = None
    day: date | None = None
    priority: int = 5
    max_attempts: int = 2


_ENQUEUE = text(
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key,"
    "  occurrence_id, prompt, day, priority, state, due_at, expires_at, attempts, max_attempts, soft_fails,"
    "  lease_token, checks, created_at, updated_at) "
    "SELECT :clinic_id, a.id, a.client_id, a.contact_point_id, a.channel, a.kind, CAST(a.params AS jsonb),"
    "  a.dedupe_key, a.occurrence_id, a.prompt, a.day, a.priority, 'queued', a.due_at, a.expires_at, 0,"
    "  a.max_attempts, 0, 0, 0, :now, :now "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:client_ids AS uuid[]), CAST(:contact_point_ids AS uuid[]),"
    "  CAST(:channels AS text[]), CAST(:kinds AS text[]), CAST(:params AS text[]), CAST(:dedupe_keys AS text[]),"
    "  CAST(:occurrence_ids AS uuid[]), CAST(:prompts AS text[]), CAST(:days AS date[]), CAST(:priorities AS int[]),"
    "  CAST(:due_ats AS timestamptz[]), CAST(:expires_ats AS timestamptz[]), CAST(:max_attempts AS int[]))"
    "  AS a(id, client_id, contact_point_id, channel, kind, params, dedupe_key, occurrence_id, prompt, day, priority,"
    "  due_at, expires_at, max_attempts) "
    "ON CONFLICT (clinic_id, dedupe_key) DO NOTHING RETURNING id, dedupe_key"
)


async def enqueue(session: ClinicSession, outgoing: Outgoing, now: datetime) -> UUID | None:
    """Adds the message to the caller's transaction; None when one with this dedupe key exists already."""
    return (await enqueue_all(session, [outgoing], now)).get(outgoing.dedupe_key)


async def enqueue_all(session: ClinicSession, outgoing: Sequence[Outgoing], now: datetime) -> dict[str, UUID]:
    """Adds messages in one statement; returns the ids of those that are new by their dedupe keys."""
    if not outgoing:
        return {}
    values = {
        "ids": [new_id(now) for _ in outgoing],
        "client_ids": [one.client_id for one in outgoing],
        "contact_point_ids": [one.contact_point_id for one in outgoing],
        "channels": [one.channel for one in outgoing],
        "kinds": [one.kind.value for one in outgoing],
        "params": [msgspec.json.encode(one.params).decode() for one in outgoing],
        "dedupe_keys": [one.dedupe_key for one in outgoing],
        "occurrence_ids": [one.occurrence_id for one in outgoing],
        "prompts": [one.prompt for one in outgoing],
        "days": [one.day for one in outgoing],
        "priorities": [one.priority for one in outgoing],
        "due_ats": [one.due_at for one in outgoing],
        "expires_ats": [one.expires_at for one in outgoing],
        "max_attempts": [one.max_attempts for one in outgoing],
    }
    # What the session holds must be there first: a message points to its address and its due moment.
    await session.flush()
    rows = await session.execute(_ENQUEUE, {"clinic_id": session.clinic_id, "now": now, **values})
    return {row.dedupe_key: row.id for row in rows}


async def stop_sending(
    session: ClinicSession, channel: str, kind: MessageKind, failure: Failure, code: str, now: datetime
) -> None:
    """Nothing of this kind, or nothing at all, goes out on the channel until the failure may be over."""
    stopped = insert(SendingStop).values(
        clinic_id=session.clinic_id,
        channel=channel,
        kind=kind.value if failure.scope == "template" else EVERY_KIND,
        failure=failure.value,
        code=code,
        stopped_at=now,
        until_at=now + failure.stop,
    )
    # One that still stands keeps its beginning.
    since = case((col(SendingStop.until_at) > now, col(SendingStop.stopped_at)), else_=now)
    again = {
        "failure": failure.value,
        "code": code,
        "stopped_at": since,
        "until_at": func.greatest(col(SendingStop.until_at), now + failure.stop),
    }
    key = ["clinic_id", "channel", "kind"]
    await session.execute(stopped.on_conflict_do_update(index_elements=key, set_=again))
    record(session, now, "stop_sending", "sending_stop", None)


def deliver_to_inbox(
    session: ClinicSession,
    *,
    client_id: UUID | None,
    message_id: UUID,
    attempt_id: UUID,
    medium: str,
    sent_to: str,
    subject: str | None,
    body: str,
    html: str | None,
    headers: Mapping[str, str],
    now: datetime,
) -> None:
    """Keeps for the test inbox what a phone or a mail server would have received."""
    session.add(
        InboxMessage(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=client_id,
            message_id=message_id,
            attempt_id=attempt_id,
            medium=medium,
            sent_to=sent_to,
            subject=subject,
            body=body,
            html=html,
            headers=dict(headers),
            received_at=now,
        )
    )
