from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.outbox.codes import Failure
from service.outbox.rules import MessageKind
from service.outbox.tables import EVERY_KIND, InboxMessage, Message, SendingStop


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


async def enqueue(session: ClinicSession, outgoing: Outgoing, now: datetime) -> UUID | None:
    """Adds the message to the caller's transaction; None when one with this dedupe key exists already."""
    row = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "client_id": outgoing.client_id,
        "contact_point_id": outgoing.contact_point_id,
        "channel": outgoing.channel,
        "kind": outgoing.kind.value,
        "params": dict(outgoing.params),
        "dedupe_key": outgoing.dedupe_key,
        "occurrence_id": outgoing.occurrence_id,
        "prompt": outgoing.prompt,
        "day": outgoing.day,
        "priority": outgoing.priority,
        "state": "queued",
        "due_at": outgoing.due_at,
        "expires_at": outgoing.expires_at,
        "attempts": 0,
        "max_attempts": outgoing.max_attempts,
        "soft_fails": 0,
        "lease_token": 0,
        "checks": 0,
        "created_at": now,
        "updated_at": now,
    }
    statement = insert(Message).values(row).on_conflict_do_nothing(index_elements=["clinic_id", "dedupe_key"])
    inserted: UUID | None = await session.scalar(statement.returning(Message.id))  # type: ignore[call-overload]
    return inserted


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


async def deliver_to_inbox(
    session: ClinicSession,
    *,
    client_id: UUID,
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
    await session.flush()
