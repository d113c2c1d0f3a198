"""Whether anything changed that a caseload shows, and for whom: what open pages of staff are told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import text

from service.accounts.rules import RIGHTS, Right, session_expired
from service.database.rows import uuids
from service.database.tenancy import ClinicSession

# Every write about a client counts up the client's number, a mark of staff and a text of nobody's do not. Of those
# the last few are enough: one that is committed late still comes among them.
_PULSE = text(
    "SELECT (SELECT coalesce(sum(seq), 0) FROM client_scope WHERE clinic_id = :clinic_id),"
    " ARRAY(SELECT id FROM review_mark WHERE clinic_id = :clinic_id ORDER BY id DESC LIMIT 8),"
    " ARRAY(SELECT (id, seen_at)::text FROM unplaced_text WHERE clinic_id = :clinic_id ORDER BY id DESC LIMIT 8),"
    " ARRAY(SELECT (id, role, active)::text FROM staff WHERE clinic_id = :clinic_id ORDER BY id)"
)
_STANDS = text(
    "SELECT c.id, c.therapist_id, s.seq,"
    " (SELECT max(m.marked_at) FROM review_mark m WHERE m.clinic_id = c.clinic_id AND m.client_id = c.id) AS marked_at "
    "FROM client c JOIN client_scope s ON s.clinic_id = c.clinic_id AND s.client_id = c.id "
    "WHERE c.clinic_id = :clinic_id"
)
_OPEN = text(
    "SELECT s.id, s.seen_at, s.expires_at, t.role FROM sign_in_session s "
    "JOIN staff t ON t.clinic_id = s.clinic_id AND t.id = s.staff_id "
    "WHERE s.clinic_id = :clinic_id AND s.id IN (SELECT unnest(CAST(:ids AS uuid[]))) "
    "AND s.revoked_at IS NULL AND t.active"
)


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a client's record is; what it says is nobody's business here."""

    therapist_id: UUID
    seq: int
    marked_at: datetime | None


async def pulse(session: ClinicSession) -> str:
    """Another one whenever something changed in the clinic. It says nothing of what."""
    return (await pulse_and_team(session))[0]


async def pulse_and_team(session: ClinicSession) -> tuple[str, str]:
    """And another one whenever somebody came, left or has another role, which changes nobody's record."""
    *records, team = (await session.execute(_PULSE, {"clinic_id": session.clinic_id})).one()
    pulse, of_team = (blake2b(repr(tuple(part)).encode(), digest_size=8).hexdigest() for part in (records, team))
    return pulse, of_team


async def stands(session: ClinicSession) -> Mapping[UUID, Stand]:
    rows = await session.execute(_STANDS, {"clinic_id": session.clinic_id})
    return {row.id: Stand(row.therapist_id, row.seq, row.marked_at) for row in rows}


async def may_still_look(session: ClinicSession, sessions: Collection[UUID], now: datetime) -> set[UUID]:
    """Of these sign-ins those that go on, of somebody who may see records."""
    rows = await session.execute(_OPEN, {"clinic_id": session.clinic_id, "ids": uuids(sessions)})
    return {
        row.id
        for row in rows
        if Right.SEE_RECORD in RIGHTS[row.role] and not session_expired(row.seen_at, row.expires_at, now, staff=True)
    }
