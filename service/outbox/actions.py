from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy import case, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.audit.actions import record
from service.database.rows import as_rows
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.outbox.codes import Failure
from service.outbox.rules import MessageKind
from service.outbox.rules.wording import EDITABLE
from service.outbox.tables import EVERY_KIND, SendingStop


class Outgoing(Struct, frozen=True):
    """One message to send. `dedupe_key` makes it one for ever; `prompt` says what an answer to it would be about."""

    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: MessageKind
    dedupe_key: str
    due_at: datetime
    expires_at: datetime
    params: Mapping[str, Any] = {}
    occurrence_id: UUID | None = None
    prompt: str | None = None
    day: date | None = None
    priority: int = 5
    max_attempts: int = 2


_ENQUEUE = text(
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key,"
    "  occurrence_id, prompt, day, priority, state, due_at, expires_at, attempts, max_attempts, soft_fails,"
    "  lease_token, checks, created_at, updated_at) "
    "SELECT :clinic_id, a.id, a.client_id, a.contact_point_id, a.channel, a.kind,"
    # The clinic's own words, for a text alone or with another one in it.
    "  CASE WHEN a.channel = 'sms' AND a.kind = ANY(CAST(:editable AS text[])) THEN a.params || COALESCE("
    "    (SELECT jsonb_build_object('own', jsonb_object_agg(w.kind, w.words)) FROM own_wording w"
    "     JOIN client c ON c.clinic_id = w.clinic_id AND c.locale = w.locale"
    "     WHERE w.clinic_id = :clinic_id AND c.clinic_id = :clinic_id AND c.id = a.client_id"
    "     AND w.kind IN (a.kind, 'bundle') HAVING count(*) > 0), CAST('{}' AS jsonb)) ELSE a.params END, a.dedupe_key,"
    "  a.occurrence_id, a.prompt, a.day, a.priority, 'queued', a.due_at, a.expires_at, 0, a.max_attempts, 0, 0, 0,"
    "  :now, :now "
    "FROM json_to_recordset(CAST(:messages AS json)) AS a(id uuid, client_id uuid, contact_point_id uuid,"
    "  channel text, kind text, params jsonb, dedupe_key text, occurrence_id uuid, prompt text, day date,"
    "  priority int, due_at timestamptz, expires_at timestamptz, max_attempts int) "
    # Of whichever of the two: a due moment's, or that of what belongs to none.
    "ON CONFLICT DO NOTHING RETURNING id, dedupe_key"
)


async def enqueue(session: ClinicSession, outgoing: Outgoing, now: datetime) -> UUID | None:
    """Adds the message to the caller's transaction; None when one with this dedupe key exists already."""
    return (await enqueue_all(session, [outgoing], now)).get(outgoing.dedupe_key)


async def enqueue_all(session: ClinicSession, outgoing: Sequence[Outgoing], now: datetime) -> dict[str, UUID]:
    """Adds messages in one statement; returns the ids of those that are new by their dedupe keys."""
    if not outgoing:
        return {}
    rows = as_rows({"id": new_id(now), **structs.asdict(one)} for one in outgoing)
    # What the session holds must be there first: a message points to its address and its due moment.
    await session.flush()
    made = await session.execute(
        _ENQUEUE, {"clinic_id": session.clinic_id, "now": now, "messages": rows, "editable": list(EDITABLE)}
    )
    return {row.dedupe_key: row.id for row in made}


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


class Delivery(Struct, frozen=True):
    """What a phone or a mail server would have received, and when."""

    client_id: UUID | None
    message_id: UUID
    attempt_id: UUID
    medium: str
    sent_to: str
    subject: str | None
    body: str
    html: str | None
    headers: Mapping[str, str]
    at: datetime


_DELIVER = text(
    "INSERT INTO test_inbox_message (clinic_id, id, client_id, message_id, attempt_id, medium, sent_to, subject, body,"
    "  html, headers, received_at) "
    "SELECT :clinic_id, a.id, a.client_id, a.message_id, a.attempt_id, a.medium, a.sent_to, a.subject, a.body, a.html,"
    "  a.headers, a.at "
    "FROM json_to_recordset(CAST(:delivered AS json)) AS a(id uuid, client_id uuid, message_id uuid, attempt_id uuid,"
    "  medium text, sent_to text, subject text, body text, html text, headers jsonb, at timestamptz)"
)


async def deliver_to_inbox(session: ClinicSession, delivered: Sequence[Delivery]) -> None:
    """Keeps for the test inbox what goes nowhere else."""
    rows = as_rows({"id": new_id(one.at), **structs.asdict(one)} for one in delivered)
    await session.execute(_DELIVER, {"clinic_id": session.clinic_id, "delivered": rows})
