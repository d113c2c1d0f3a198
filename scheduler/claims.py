"""The SQL of sending: claim, mark, record. `now()` in predicates, because an index cannot serve `clock_timestamp()`.

One rule carries the guarantee: nothing goes from `in_flight` back to `queued` without proof that the provider
did not take it (`evidence.proven_absent`, which starts from `uncertain`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database.tenancy import ClinicSession
from service.outbox.rules import MessageKind, passes_stop
from service.reminders.failures import withdraw_other_tries

_CLINICS_WITH_DUE = text(
    "SELECT clinic_id FROM message WHERE state = 'queued' AND due_at <= now() GROUP BY clinic_id ORDER BY min(due_at)"
)

# The CTE is a fence: without it the planner may update more rows than the limit.
_CLAIM = text(
    "WITH due AS MATERIALIZED ("
    "  SELECT id FROM message WHERE clinic_id = :clinic_id AND state = 'queued' AND due_at <= now()"
    "  AND expires_at > now() ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED) "
    "UPDATE message m SET state = 'leased', lease_token = m.lease_token + 1, lease_owner = :worker,"
    "  lease_until = now() + make_interval(secs => :lease), updated_at = now() "
    "FROM due, client c "
    "WHERE m.clinic_id = :clinic_id AND m.id = due.id AND c.clinic_id = :clinic_id AND c.id = m.client_id "
    "RETURNING m.id, m.client_id, m.contact_point_id, m.channel, m.kind, m.params, m.occurrence_id, m.day,"
    "  m.lease_token, m.priority, m.due_at, m.expires_at, m.soft_fails, c.zone, (SELECT o.reminder_id"
    "  FROM occurrence o WHERE o.clinic_id = :clinic_id AND o.id = m.occurrence_id) AS reminder_id"
)

_FUSE = text(
    "INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends) "
    "VALUES (:clinic_id, :contact_point_id, :day, :fuse, 1) "
    "ON CONFLICT (clinic_id, contact_point_id, day, fuse) DO UPDATE SET sends = send_fuse.sends + 1 "
    "WHERE send_fuse.sends < :cap RETURNING sends"
)

_GIVE_BACK_FUSE = text(
    "UPDATE send_fuse SET sends = sends - 1 WHERE clinic_id = :clinic_id AND contact_point_id = :contact_point_id"
    " AND day = :day AND fuse = :fuse AND sends > 0"
)

# FOR SHARE makes STOP final: a mark waits for an uncommitted STOP and then finds nothing, and a STOP waits for a mark.
_MARK = text(
    "WITH reachable AS ("
    "  SELECT id FROM contact_point WHERE clinic_id = :clinic_id AND id = :contact_point_id"
    "  AND (opted_out_at IS NULL OR :passes_stop) AND verified_at IS NOT NULL AND invalid_at IS NULL FOR SHARE), "
    "marked AS ("
    "  UPDATE message SET state = 'in_flight', attempts = attempts + 1,"
    "    lease_until = now() + make_interval(secs => :flight), updated_at = now()"
    "  WHERE clinic_id = :clinic_id AND id = :id AND state = 'leased' AND lease_token = :lease_token"
    "  AND expires_at > now() AND attempts < max_attempts AND EXISTS (SELECT 1 FROM reachable)"
    "  AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.clinic_id = :clinic_id AND a.message_id = :id"
    "    AND a.provider_message_id IS NOT NULL) RETURNING attempts) "
    "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256) "
    "SELECT :clinic_id, :attempt_id, :id, 1 + (SELECT count(*) FROM attempt a WHERE a.clinic_id = :clinic_id"
    "  AND a.message_id = :id), :lease_token, :provider, now(), :body_sha256 FROM marked RETURNING number"
)

_EVIDENCE = text(
    "UPDATE attempt SET finished_at = now(), outcome = :outcome, status_code = :status_code, provider_code = :code,"
    "  provider_message_id = COALESCE(:provider_message_id, provider_message_id), detail = :detail "
    "WHERE clinic_id = :clinic_id AND id = :attempt_id"
)

_RECORD = text(
    "UPDATE message SET state = :state, reason = :reason, provider_message_id = COALESCE(:provider_message_id,"
    "  provider_message_id), accepted_at = CASE WHEN :accepted THEN now() ELSE accepted_at END,"
    "  settled_at = CASE WHEN :settled THEN now() ELSE NULL END, due_at = COALESCE(:due_at, due_at),"
    "  attempts = attempts - :give_back, soft_fails = soft_fails + :soft_fail, check_at = :check_at,"
    "  params = CASE WHEN :settled AND kind IN ('sign_in_code', 'shared_code')"
    "    THEN CAST('{}' AS jsonb) ELSE params END,"
    "  lease_owner = NULL, lease_until = NULL, updated_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :id AND lease_token = :lease_token AND state = :from_state RETURNING id"
)

# Whatever was thought in the meantime: the provider has it. Only a newer try in flight speaks first.
_BELIEVE_PROOF = text(
    "UPDATE message m SET state = 'accepted', reason = NULL, provider_message_id = proof.provider_message_id,"
    "  accepted_at = now(), settled_at = now(), check_at = NULL, lease_owner = NULL, lease_until = NULL,"
    "  updated_at = now() "
    "FROM (SELECT provider_message_id FROM attempt WHERE clinic_id = :clinic_id AND message_id = :id"
    "  AND provider_message_id IS NOT NULL ORDER BY number LIMIT 1) proof "
    "WHERE m.clinic_id = :clinic_id AND m.id = :id"
    "  AND m.state NOT IN ('in_flight', 'accepted', 'delivered', 'undelivered') RETURNING m.id"
)

_OCCURRENCE_SENT = text(
    "UPDATE occurrence SET state = 'sent', reason = NULL, channel = :channel, settled_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :occurrence_id"
)

_OCCURRENCE = text(
    "UPDATE occurrence SET state = :state, reason = :reason, channel = COALESCE(:channel, channel), settled_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :occurrence_id AND state IN ('queued', 'sent')"
)


@dataclass(frozen=True, slots=True)
class Claimed:
    id: UUID
    client_id: UUID
    contact_point_id: UUID
    channel: str
    kind: str
    params: dict[str, Any]
    occurrence_id: UUID | None
    day: date | None
    lease_token: int
    priority: int
    due_at: datetime
    expires_at: datetime
    soft_fails: int
    zone: str
    reminder_id: UUID | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a message becomes. `give_back` returns the attempt when the provider certainly did not process it."""

    state: str
    reason: str | None = None
    provider_message_id: str | None = None
    due_at: datetime | None = None
    check_at: datetime | None = None
    give_back: int = 0
    soft_fail: int = 0

    @property
    def settled(self) -> bool:
        return self.state in ("accepted", "failed", "expired", "suppressed")


async def clinics_with_due(connection: AsyncConnection) -> list[UUID]:
    return list((await connection.execute(_CLINICS_WITH_DUE)).scalars())


async def claim(session: ClinicSession, worker: str, most: int, lease: float) -> list[Claimed]:
    rows = await session.execute(
        _CLAIM, {"clinic_id": session.clinic_id, "worker": worker, "most": most, "lease": lease}
    )
    claimed = [Claimed(**row._mapping) for row in rows]
    return sorted(claimed, key=lambda message: (message.priority, message.due_at, message.id))


async def take_fuse(session: ClinicSession, message: Claimed, day: date, cap: int) -> bool:
    """Counts one send of this purpose to this address on this day; False when the fuse has blown."""
    return await session.scalar(_FUSE, _fuse_key(session, message, day) | {"cap": cap}) is not None


async def give_back_fuse(session: ClinicSession, message: Claimed, day: date) -> None:
    """The fuse counts what may have been sent; a try that certainly was not is taken back."""
    await session.execute(_GIVE_BACK_FUSE, _fuse_key(session, message, day))


def _fuse_key(session: ClinicSession, message: Claimed, day: date) -> dict[str, Any]:
    point_id, fuse = message.contact_point_id, MessageKind(message.kind).fuse.value
    return {"clinic_id": session.clinic_id, "contact_point_id": point_id, "day": day, "fuse": fuse}


async def mark(
    session: ClinicSession, message: Claimed, attempt_id: UUID, provider: str, body_sha256: bytes, flight: float
) -> bool:
    """Marks the message as possibly sent; False when it may not be sent now. Durable with the caller's commit."""
    values = {
        "clinic_id": session.clinic_id,
        "id": message.id,
        "contact_point_id": message.contact_point_id,
        "lease_token": message.lease_token,
        "flight": flight,
        "attempt_id": attempt_id,
        "provider": provider,
        "body_sha256": body_sha256,
        "passes_stop": passes_stop(MessageKind(message.kind), message.channel),
    }
    try:
        async with session.begin_nested():
            return await session.scalar(_MARK, values) is not None
    except IntegrityError:
        # Another message to the same address is in flight.
        return False


async def keep_evidence(
    session: ClinicSession,
    attempt_id: UUID,
    outcome: str,
    *,
    status_code: int | None = None,
    code: str | None = None,
    provider_message_id: str | None = None,
    detail: str | None = None,
) -> None:
    values = {
        "clinic_id": session.clinic_id,
        "attempt_id": attempt_id,
        "outcome": outcome,
        "status_code": status_code,
        "code": code,
        "provider_message_id": provider_message_id,
        "detail": detail[:500] if detail else None,
    }
    await session.execute(_EVIDENCE, values)


async def settle(
    session: ClinicSession, message_id: UUID, lease_token: int, settlement: Settlement, from_state: str
) -> bool:
    """Fenced by the lease token; False when somebody else has decided since."""
    values = {
        "clinic_id": session.clinic_id,
        "id": message_id,
        "lease_token": lease_token,
        "from_state": from_state,
        "state": settlement.state,
        "reason": settlement.reason,
        "provider_message_id": settlement.provider_message_id,
        "accepted": settlement.state == "accepted",
        "settled": settlement.settled,
        "due_at": settlement.due_at,
        "give_back": settlement.give_back,
        "soft_fail": settlement.soft_fail,
        "check_at": settlement.check_at,
    }
    return await session.scalar(_RECORD, values) is not None


async def believe_proof(session: ClinicSession, message: Claimed) -> None:
    """A try that the provider is known to have taken settles the message and its due moment, however late we heard."""
    values = {"clinic_id": session.clinic_id, "id": message.id}
    if await session.scalar(_BELIEVE_PROOF, values) is not None and message.occurrence_id is not None:
        moment = {"clinic_id": session.clinic_id, "occurrence_id": message.occurrence_id, "channel": message.channel}
        await session.execute(_OCCURRENCE_SENT, moment)
        await withdraw_other_tries(session, message.occurrence_id, message.id)


async def tell_ledger(
    session: ClinicSession,
    occurrence_id: UUID | None,
    state: str,
    reason: str | None,
    channel: str | None = None,
) -> None:
    if occurrence_id is None:
        return
    values = {
        "clinic_id": session.clinic_id,
        "occurrence_id": occurrence_id,
        "state": state,
        "reason": reason,
        "channel": channel,
    }
    await session.execute(_OCCURRENCE, values)
