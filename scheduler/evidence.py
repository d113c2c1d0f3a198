"""The SQL of what a crash or a silence left open: leases that are over, sends whose outcome is unknown."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.accounts.tables import ContactPoint
from service.database.sealing import opened, packed
from service.database.tenancy import ClinicSession

_CLINICS_TO_RECONCILE = text(
    "SELECT clinic_id FROM message WHERE state IN ('leased', 'in_flight') AND lease_until < now() "
    "UNION SELECT clinic_id FROM message WHERE state = 'uncertain' AND check_at <= now() "
    "UNION SELECT clinic_id FROM message WHERE state = 'queued' AND due_at <= now() AND expires_at <= now()"
)

# Whoever holds a row is deciding about it, and holds others: waiting for it could wait in a ring.
_EXPIRE = text(
    "WITH over AS MATERIALIZED (SELECT id FROM message WHERE clinic_id = :clinic_id AND state = 'queued'"
    "  AND due_at <= now() AND expires_at <= now() FOR UPDATE SKIP LOCKED), "
    "ended AS ("
    "  UPDATE message m SET state = 'expired', reason = 'outage', settled_at = now(), updated_at = now()"
    "  FROM over WHERE m.clinic_id = :clinic_id AND m.id = over.id RETURNING m.id, m.occurrence_id), "
    "ledger AS ("
    "  UPDATE occurrence o SET state = 'expired', reason = 'outage', settled_at = now()"
    "  FROM ended WHERE o.clinic_id = :clinic_id AND o.id = ended.occurrence_id AND o.state IN ('queued', 'sent')) "
    "SELECT id FROM ended"
)

_RELEASE_EXPIRED_LEASES = text(
    "WITH over AS MATERIALIZED (SELECT id FROM message WHERE clinic_id = :clinic_id AND state = 'leased'"
    "  AND lease_until < now() FOR UPDATE SKIP LOCKED) "
    "UPDATE message m SET state = 'queued', lease_owner = NULL, lease_until = NULL, updated_at = now() "
    "FROM over WHERE m.clinic_id = :clinic_id AND m.id = over.id RETURNING m.id"
)

_DOUBT_EXPIRED_FLIGHTS = text(
    "WITH over AS MATERIALIZED (SELECT id FROM message WHERE clinic_id = :clinic_id AND state = 'in_flight'"
    "  AND lease_until < now() FOR UPDATE SKIP LOCKED) "
    "UPDATE message m SET state = 'uncertain', reason = 'lease_over', lease_owner = NULL, lease_until = NULL,"
    "  check_at = now() + make_interval(secs => :first_look), updated_at = now() "
    "FROM over WHERE m.clinic_id = :clinic_id AND m.id = over.id RETURNING m.id"
)

# Whoever takes some to look at has them for a while: of many schedulers one asks the provider, and two looks at the
# same moment do not count as two.
_UNCERTAIN = text(
    # Nothing in it comes from outside.
    "WITH due AS MATERIALIZED (SELECT u.id FROM message u WHERE"  # noqa: S608
    "  u.clinic_id = :clinic_id AND u.state = 'uncertain'"
    "  AND u.check_at <= now() ORDER BY u.check_at, u.due_at LIMIT :most FOR UPDATE SKIP LOCKED), "
    "taken AS (UPDATE message t SET check_at = now() + make_interval(secs => :lease) FROM due"
    "  WHERE t.clinic_id = :clinic_id AND t.id = due.id RETURNING t.*) "
    "SELECT m.id, m.channel, m.occurrence_id, m.lease_token, m.attempts, m.max_attempts, m.checks,"
    # With unknown words it is the moment that counts, not the doubt.
    "  CASE WHEN a.body_sha256 = '' THEN m.due_at ELSE a.started_at END AS started_at, a.body_sha256, cp.address_mark,"
    f"  {packed(ContactPoint, 'address', 'cp')} AS address,"
    "  (SELECT min(p.provider_message_id) FROM attempt p WHERE p.clinic_id = m.clinic_id AND p.message_id = m.id)"
    "    AS provider_message_id,"
    "  now() - a.started_at >= make_interval(secs => :quarantine) AS quarantine_over,"
    "  m.expires_at > now() AS in_window "
    "FROM taken m "
    "JOIN LATERAL (SELECT x.* FROM attempt x WHERE x.clinic_id = m.clinic_id AND x.message_id = m.id"
    "  ORDER BY x.number DESC LIMIT 1) a ON true "
    "JOIN contact_point cp ON cp.clinic_id = m.clinic_id AND cp.id = m.contact_point_id ORDER BY m.due_at, m.id"
)

_SAME_WORDS = text(
    "SELECT provider_message_id FROM attempt WHERE clinic_id = :clinic_id AND body_sha256 = :body_sha256"
    " AND provider_message_id IS NOT NULL"
)

_WENT_TO = text(
    "SELECT known.id FROM contact_point cp"
    " JOIN message m ON m.clinic_id = cp.clinic_id AND m.client_id = cp.client_id AND m.contact_point_id = cp.id"
    " JOIN attempt a ON a.clinic_id = m.clinic_id AND a.message_id = m.id"
    " CROSS JOIN LATERAL (VALUES (a.provider_message_id), (m.provider_message_id)) known(id) "
    "WHERE cp.clinic_id = :clinic_id AND cp.address_mark = :mark AND known.id IS NOT NULL"
    " AND a.started_at >= CAST(:since AS timestamptz) - interval '1 day'"
)

_LAST_WORDS_TO_ADDRESS = (
    "FROM contact_point cp JOIN message o ON o.clinic_id = cp.clinic_id AND o.client_id = cp.client_id"
    "  AND o.contact_point_id = cp.id JOIN LATERAL (SELECT a.body_sha256 FROM attempt a"
    "    WHERE a.clinic_id = o.clinic_id AND a.message_id = o.id ORDER BY a.number DESC LIMIT 1) last ON true "
    "WHERE cp.clinic_id = :clinic_id AND cp.address_mark = :mark"
)
_OTHERS_IN_DOUBT = text(
    f"SELECT EXISTS (SELECT 1 {_LAST_WORDS_TO_ADDRESS} AND last.body_sha256 <> ''"
    " AND o.state IN ('in_flight', 'uncertain'))"
)
# What has unknown words stands for whichever text was found: which one it was, nobody knows.
_BY_GUESS = text(
    f"SELECT o.provider_message_id {_LAST_WORDS_TO_ADDRESS} AND last.body_sha256 = ''"
    " AND o.provider_message_id IS NOT NULL"
)

_LOCK_ADDRESS = text(
    "SELECT id FROM contact_point WHERE clinic_id = :clinic_id AND address_mark = :mark ORDER BY id FOR NO KEY UPDATE"
)

_CHECK_LATER = text(
    "UPDATE message SET checks = checks + :absent, check_at = now() + make_interval(secs => :next_look),"
    "  updated_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :id AND state = 'uncertain' AND lease_token = :lease_token"
)

_PROVEN_ABSENT = text(
    "UPDATE message SET state = 'queued', reason = NULL, check_at = NULL, checks = 0, updated_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :id AND state = 'uncertain' AND lease_token = :lease_token"
)


@dataclass(frozen=True, slots=True)
class Doubtful:
    id: UUID
    channel: str
    occurrence_id: UUID | None
    lease_token: int
    attempts: int
    max_attempts: int
    checks: int
    started_at: datetime
    body_sha256: bytes
    provider_message_id: str | None
    address: str = field(repr=False)
    address_mark: bytes
    quarantine_over: bool
    in_window: bool


async def clinics_to_reconcile(connection: AsyncConnection) -> list[UUID]:
    return list((await connection.execute(_CLINICS_TO_RECONCILE)).scalars())


async def expire(session: ClinicSession) -> int:
    """What was never sent in its window: ended, with the reason in the ledger."""
    return len((await session.execute(_EXPIRE, {"clinic_id": session.clinic_id})).all())


async def release_expired_leases(session: ClinicSession) -> int:
    return len((await session.execute(_RELEASE_EXPIRED_LEASES, {"clinic_id": session.clinic_id})).all())


async def doubt_expired_flights(session: ClinicSession, first_look: float) -> int:
    values = {"clinic_id": session.clinic_id, "first_look": first_look}
    return len((await session.execute(_DOUBT_EXPIRED_FLIGHTS, values)).all())


async def uncertain(session: ClinicSession, most: int, quarantine: float, lease: float) -> list[Doubtful]:
    """Some to look at now, the earliest moments first; for as long as the lease nobody else takes them."""
    values = {"clinic_id": session.clinic_id, "most": most, "quarantine": quarantine, "lease": lease}
    rows = await session.execute(_UNCERTAIN, values)
    return [Doubtful(**{**row._mapping, "address": opened(ContactPoint, "address", row.address)}) for row in rows]


async def ids_with_the_same_words(session: ClinicSession, body_sha256: bytes) -> frozenset[str]:
    """The provider's ids that other attempts with exactly these words have been given."""
    rows = await session.execute(_SAME_WORDS, {"clinic_id": session.clinic_id, "body_sha256": body_sha256})
    return frozenset(rows.scalars())


async def ids_of_address(session: ClinicSession, message: Doubtful) -> frozenset[str]:
    """The provider's ids of all that is known to have gone to this address lately, whoever it belongs to."""
    values = {"clinic_id": session.clinic_id, "mark": message.address_mark, "since": message.started_at}
    return frozenset((await session.execute(_WENT_TO, values)).scalars())


async def others_in_doubt(session: ClinicSession, message: Doubtful) -> bool:
    """Whether something whose words are known is out to this address: a text there may be that one."""
    values = {"clinic_id": session.clinic_id, "mark": message.address_mark}
    return bool(await session.scalar(_OTHERS_IN_DOUBT, values))


async def ids_by_guess(session: ClinicSession, message: Doubtful) -> frozenset[str]:
    """The provider's ids of texts to this address that stand for a message of which nobody knows the words."""
    values = {"clinic_id": session.clinic_id, "mark": message.address_mark}
    return frozenset((await session.execute(_BY_GUESS, values)).scalars())


async def lock_address(session: ClinicSession, message: Doubtful) -> None:
    await session.execute(_LOCK_ADDRESS, {"clinic_id": session.clinic_id, "mark": message.address_mark})


async def check_later(session: ClinicSession, message: Doubtful, next_look: float, *, absent: bool) -> None:
    values = {"clinic_id": session.clinic_id, "id": message.id, "lease_token": message.lease_token}
    await session.execute(_CHECK_LATER, values | {"next_look": next_look, "absent": int(absent)})


async def proven_absent(session: ClinicSession, message: Doubtful) -> None:
    values = {"clinic_id": session.clinic_id, "id": message.id, "lease_token": message.lease_token}
    await session.execute(_PROVEN_ABSENT, values)
