"""The SQL of sending: claim, mark, record. `now()` in predicates, because an index cannot serve `clock_timestamp()`.

One rule carries the guarantee: nothing goes from `in_flight` back to `queued` without proof that the provider
did not take it (`evidence.proven_absent`, which starts from `uncertain`).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.channels.base import unaddressed
from scheduler.messages import Claimed, Leased, Marking, Proof, Ready, Settlement
from scheduler.metrics import SETTLED
from service.database.rows import as_rows, octets, uuids
from service.database.tenancy import ClinicSession
from service.outbox.rules import MessageKind, passes_stop
from service.reminders.failures import withdraw_other_tries

# The oldest work first. The rest of them come with a later look, so that a process holds a bounded list.
_WORK = text(
    "SELECT clinic_id, channel FROM message WHERE state = 'queued' AND due_at <= now() GROUP BY clinic_id, channel "
    "ORDER BY min(due_at) LIMIT 1000"
)

_LEASE = (
    "UPDATE message m SET state = 'leased', lease_token = m.lease_token + 1, lease_owner = :worker,"
    "  lease_until = now() + make_interval(secs => :lease), updated_at = now() "
    "FROM due, client c "
    "WHERE m.clinic_id = :clinic_id AND m.id = due.id AND c.clinic_id = :clinic_id AND c.id = m.client_id "
    # In the order of `Claimed`.
    "RETURNING m.id, m.client_id, m.contact_point_id, m.channel, m.kind, m.params, m.occurrence_id, m.day,"
    "  m.lease_token, m.priority, m.due_at, m.expires_at, m.created_at, m.soft_fails, c.zone, (SELECT o.reminder_id"
    "  FROM occurrence o WHERE o.clinic_id = :clinic_id AND o.id = m.occurrence_id AND o.reason IS NULL) AS reminder_id"
)
# The CTE is a fence: without it the planner may update more rows than the limit.
_DUE = (
    "WITH due AS MATERIALIZED ("
    "  SELECT id FROM message WHERE clinic_id = :clinic_id AND channel = :channel AND state = 'queued'"
    "  AND due_at <= now() AND expires_at > now() ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED) "
)
# What may become one text with a claimed one (`bundling`) is not left to another batch.
_BESIDE = (
    "WITH due AS MATERIALIZED ("
    "  SELECT b.id FROM message a JOIN message b ON b.clinic_id = a.clinic_id AND b.client_id = a.client_id"
    "  AND b.contact_point_id = a.contact_point_id AND b.day = a.day AND b.created_at BETWEEN"
    "  a.created_at - interval '2 hours' AND a.created_at + interval '2 hours'"
    "  WHERE a.clinic_id = :clinic_id AND b.clinic_id = :clinic_id AND a.id = ANY(CAST(:ids AS uuid[]))"
    "  AND b.state = 'queued' AND b.due_at <= now() AND b.expires_at > now()"
    "  AND b.due_at BETWEEN a.due_at - interval '30 minutes' AND a.due_at + interval '30 minutes'"
    "  AND (a.kind = 'check_in' AND b.kind IN ('plan', 'anchor')"
    "    OR a.kind IN ('plan', 'anchor') AND b.kind = 'check_in') FOR UPDATE OF b SKIP LOCKED) "
)
_ALONE = (
    "WITH due AS MATERIALIZED (SELECT id FROM message WHERE clinic_id = :clinic_id AND id = :id AND state = 'queued'"
    "  AND due_at <= now() AND expires_at > now() FOR UPDATE SKIP LOCKED) "
)
_CLAIM, _CLAIM_BESIDE, _CLAIM_ALONE = text(_DUE + _LEASE), text(_BESIDE + _LEASE), text(_ALONE + _LEASE)
_DUE_IDS = text(
    "SELECT id FROM message WHERE clinic_id = :clinic_id AND channel = :channel AND state = 'queued'"
    "  AND due_at <= now() AND expires_at > now() ORDER BY due_at, id LIMIT :most"
)

_GIVE_BACK_FUSE = text(
    "UPDATE send_fuse SET sends = sends - 1 WHERE clinic_id = :clinic_id AND contact_point_id = :contact_point_id"
    " AND day = :day AND fuse = :fuse AND sends > 0"
)

# Makes STOP final: a mark waits for an uncommitted STOP and then sees it, and a STOP waits for a mark. Two marks to one
# address wait for each other too, so the statement after this one sees what is in flight; in one order, so that they
# never wait in a ring.
_LOCK_ADDRESSES = text(
    "SELECT id FROM contact_point WHERE clinic_id = :clinic_id AND id = ANY(CAST(:contact_point_ids AS uuid[])) "
    "ORDER BY id FOR NO KEY UPDATE"
)

# NOT IN is read once for the batch; what NOT EXISTS asks for each message was all that is in flight, again and again.
_MARK = text(
    "WITH asked AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:ready AS json)) AS r(id uuid,"
    "  contact_point_id uuid, lease_token int, attempt_id uuid, provider text, body_sha256 bytea, passes_stop bool,"
    "  fuse text, cap int)), "
    "fused AS ("
    "  SELECT a.id, COALESCE(f.sends, 0) >= a.cap AS blown FROM asked a LEFT JOIN send_fuse f"
    "  ON f.clinic_id = :clinic_id AND f.contact_point_id = a.contact_point_id AND f.day = :fuse_day"
    "  AND f.fuse = a.fuse), "
    "marked AS ("
    "  UPDATE message m SET state = 'in_flight', attempts = m.attempts + 1,"
    "    lease_until = now() + make_interval(secs => :flight), updated_at = now()"
    "  FROM asked a JOIN fused ON fused.id = a.id AND NOT fused.blown"
    "  JOIN contact_point cp ON cp.clinic_id = :clinic_id AND cp.id = a.contact_point_id"
    "    AND (cp.opted_out_at IS NULL OR a.passes_stop) AND cp.verified_at IS NOT NULL AND cp.invalid_at IS NULL"
    "  WHERE m.clinic_id = :clinic_id AND m.id = a.id AND m.state = 'leased' AND m.lease_token = a.lease_token"
    "  AND m.expires_at > now() AND m.attempts < m.max_attempts"
    "  AND a.contact_point_id NOT IN (SELECT o.contact_point_id FROM message o WHERE o.clinic_id = :clinic_id"
    "    AND o.state = 'in_flight')"
    "  AND NOT EXISTS (SELECT 1 FROM attempt t WHERE t.clinic_id = :clinic_id AND t.message_id = a.id"
    "    AND t.provider_message_id IS NOT NULL) RETURNING m.id), "
    "counted AS ("
    "  INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends)"
    "  SELECT :clinic_id, a.contact_point_id, :fuse_day, a.fuse, 1 FROM asked a JOIN marked ON marked.id = a.id"
    "  ON CONFLICT (clinic_id, contact_point_id, day, fuse) DO UPDATE SET sends = send_fuse.sends + 1), "
    "tried AS ("
    "  INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256)"
    "  SELECT :clinic_id, a.attempt_id, a.id, 1 + (SELECT count(*) FROM attempt t WHERE t.clinic_id = :clinic_id"
    "    AND t.message_id = a.id), a.lease_token, a.provider, now(), a.body_sha256"
    "  FROM asked a JOIN marked ON marked.id = a.id) "
    "SELECT fused.id, fused.blown, marked.id IS NOT NULL AS marked FROM fused LEFT JOIN marked ON marked.id = fused.id"
)

_EVIDENCE = text(
    "UPDATE attempt t SET finished_at = now(), outcome = a.outcome, status_code = a.status_code,"
    "  provider_code = a.code, provider_message_id = COALESCE(a.provider_message_id, t.provider_message_id),"
    "  detail = a.detail "
    "FROM json_to_recordset(CAST(:proofs AS json)) AS a(id uuid, outcome text, status_code int, code text,"
    "  provider_message_id text, detail text) "
    "WHERE t.clinic_id = :clinic_id AND t.id = a.id"
)

_RECORD = text(
    "WITH told AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:endings AS json)) AS e(id uuid,"
    "  lease_token int, state text, reason text, provider_message_id text, due_at timestamptz, give_back int,"
    "  soft_fail int, check_at timestamptz, settled bool, ledger_state text)), "
    "ours AS ("
    "  UPDATE message m SET state = t.state, reason = t.reason,"
    "    provider_message_id = COALESCE(t.provider_message_id, m.provider_message_id),"
    "    accepted_at = CASE WHEN t.state = 'accepted' THEN now() ELSE m.accepted_at END,"
    "    settled_at = CASE WHEN t.settled THEN now() END, due_at = COALESCE(t.due_at, m.due_at),"
    "    attempts = m.attempts - t.give_back, soft_fails = m.soft_fails + t.soft_fail, check_at = t.check_at,"
    "    params = CASE WHEN t.settled AND m.kind IN ('sign_in_code', 'shared_code')"
    "      THEN CAST('{}' AS jsonb) ELSE m.params END,"
    "    lease_owner = NULL, lease_until = NULL, updated_at = now()"
    "  FROM told t WHERE m.clinic_id = :clinic_id AND m.id = t.id AND m.lease_token = t.lease_token"
    "  AND m.state = :from_state RETURNING m.id, m.occurrence_id, m.channel), "
    "ledger AS ("
    "  UPDATE occurrence o SET state = t.ledger_state, reason = t.reason,"
    "    channel = CASE WHEN t.ledger_state = 'sent' THEN ours.channel ELSE o.channel END, settled_at = now()"
    "  FROM ours JOIN told t ON t.id = ours.id WHERE o.clinic_id = :clinic_id AND o.id = ours.occurrence_id"
    "  AND t.settled AND o.state IN ('queued', 'sent')) "
    "SELECT id FROM ours"
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


async def work(connection: AsyncConnection) -> list[tuple[UUID, str]]:
    """Which clinics have something due, and on which channel."""
    return [(row.clinic_id, row.channel) for row in await connection.execute(_WORK)]


async def claim(session: ClinicSession, channel: str, worker: str, most: int, lease: float) -> list[Claimed]:
    """Up to `most` due messages of one clinic and channel, or a few more; `lease` in seconds."""
    values = {"clinic_id": session.clinic_id, "worker": worker, "lease": lease}
    rows = await session.execute(_CLAIM, {**values, "channel": channel, "most": most})
    claimed = [Claimed(*row) for row in rows]
    if len(claimed) == most and channel == "sms":
        beside = await session.execute(_CLAIM_BESIDE, {**values, "ids": [message.id for message in claimed]})
        claimed += [Claimed(*row) for row in beside]
    return sorted(claimed, key=lambda message: (message.priority, message.due_at, message.id))


async def give_back_fuse(session: ClinicSession, message: Claimed, day: date) -> None:
    """The fuse counts what may have been sent; a try that certainly was not is taken back."""
    values = {"contact_point_id": message.contact_point_id, "day": day, "fuse": MessageKind(message.kind).fuse.value}
    await session.execute(_GIVE_BACK_FUSE, {"clinic_id": session.clinic_id, **values})


async def due(session: ClinicSession, channel: str, most: int) -> list[UUID]:
    values = {"clinic_id": session.clinic_id, "channel": channel, "most": most}
    return list((await session.execute(_DUE_IDS, values)).scalars())


async def claim_one(session: ClinicSession, message_id: UUID, worker: str, lease: float) -> list[Claimed]:
    values = {"clinic_id": session.clinic_id, "id": message_id, "worker": worker, "lease": lease}
    return [Claimed(*row) for row in await session.execute(_CLAIM_ALONE, values)]


async def mark(session: ClinicSession, ready: Sequence[Ready], flight: float, fuse_day: date) -> dict[UUID, Marking]:
    """Marks messages as possibly sent, each to another address, and says of each whether it may go. Durable with the
    caller's commit. `flight` in seconds; `fuse_day` is the UTC day that the fuse counts."""
    if not ready:
        return {}
    clinic = {"clinic_id": session.clinic_id}
    addresses = uuids(one.message.contact_point_id for one in ready)
    await session.execute(_LOCK_ADDRESSES, {**clinic, "contact_point_ids": addresses})
    values = {"ready": as_rows(map(_asked, ready)), "flight": flight, "fuse_day": fuse_day}
    rows = await session.execute(_MARK, {**clinic, **values})
    return {row.id: Marking.DONE if row.marked else Marking.FUSE if row.blown else Marking.NOT_NOW for row in rows}


def _asked(one: Ready) -> dict[str, Any]:
    message, kind = one.message, MessageKind(one.message.kind)
    return {
        "id": message.id,
        "contact_point_id": message.contact_point_id,
        "lease_token": message.lease_token,
        "attempt_id": one.attempt_id,
        "provider": one.provider,
        "body_sha256": octets(one.body_sha256),
        "passes_stop": passes_stop(kind, message.channel),
        "fuse": kind.fuse,
        "cap": one.cap,
    }


async def keep_evidence(session: ClinicSession, told: Sequence[Proof]) -> None:
    """Always written, also by a worker that has lost its lease."""
    rows = as_rows(
        {
            "id": proof.attempt_id,
            "outcome": proof.outcome,
            "status_code": proof.status_code,
            "code": proof.code,
            "provider_message_id": proof.provider_message_id,
            "detail": unaddressed(proof.detail)[:500] if proof.detail else None,
        }
        for proof in told
    )
    await session.execute(_EVIDENCE, {"clinic_id": session.clinic_id, "proofs": rows})


async def settle(session: ClinicSession, told: Sequence[tuple[Leased, Settlement]], from_state: str) -> set[UUID]:
    """Writes what messages become, and their ledger rows with them, each fenced by its lease token. Returns those that
    were still ours; about the others somebody else has decided since."""
    if not told:
        return set()
    values = {"from_state": from_state, "endings": as_rows(_ending(*one) for one in told)}
    ours = set((await session.execute(_RECORD, {"clinic_id": session.clinic_id, **values})).scalars())
    became = Counter((ending.state, ending.reason or "") for message, ending in told if message.id in ours)
    for labels, count in became.items():
        SETTLED.labels(*labels).inc(count)
    return ours


def _ending(message: Leased, ending: Settlement) -> dict[str, Any]:
    return {
        "id": message.id,
        "lease_token": message.lease_token,
        "state": ending.state,
        "reason": ending.reason,
        "provider_message_id": ending.provider_message_id,
        "due_at": ending.due_at,
        "give_back": ending.give_back,
        "soft_fail": ending.soft_fail,
        "check_at": ending.check_at,
        "settled": ending.settled,
        "ledger_state": ending.ledger_state,
    }


async def believe_proof(session: ClinicSession, message: Claimed) -> None:
    """A try that the provider is known to have taken settles the message and its due moment, however late we heard."""
    values = {"clinic_id": session.clinic_id, "id": message.id}
    if await session.scalar(_BELIEVE_PROOF, values) is not None and message.occurrence_id is not None:
        moment = {"clinic_id": session.clinic_id, "occurrence_id": message.occurrence_id, "channel": message.channel}
        await session.execute(_OCCURRENCE_SENT, moment)
        await withdraw_other_tries(session, message.occurrence_id, message.id)
