"""Which mails about the caseload come due, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import Staff
from service.conversation.tables import ProviderEvent
from service.database.tenancy import ClinicSession
from service.reminders.reasons import Reason
from service.review.queries.cases import cases
from service.review.queries.unplaced import unplaced_for
from service.review.rules import Rule, Tier
from service.review.rules.digest import NotSent, Waiting
from service.review.rules.escalation import MailKind
from service.review.tables import DigestMail, DigestWish

BATCH = 50
_CLINICS = text("SELECT clinic_id FROM digest_wish WHERE next_at <= :now GROUP BY clinic_id ORDER BY min(next_at)")


@dataclass(frozen=True, slots=True)
class History:
    """Whether this database may be asked what was sent: not while sending is on hold, nor of what it forgot."""

    held: bool
    recovered_at: datetime | None


async def history(connection: AsyncConnection) -> History:
    row = (await connection.execute(text("SELECT held_since IS NOT NULL AS held, recovered_at FROM epoch"))).one()
    return History(row.held, row.recovered_at)


async def clinics_to_write(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS, {"now": now})).scalars())


async def wish_of(session: ClinicSession, staff_id: UUID) -> DigestWish | None:
    return await session.get(DigestWish, (session.clinic_id, staff_id))


async def due_wishes(session: ClinicSession, now: datetime) -> Sequence[DigestWish]:
    """Locked; those that another process is about to write are left to it."""
    statement = (
        select(DigestWish)
        .where(col(DigestWish.clinic_id) == session.clinic_id, col(DigestWish.next_at) <= now)
        .order_by(col(DigestWish.next_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def waiting_for(session: ClinicSession, staff: Staff, now: datetime) -> list[Waiting]:
    """Whoever nobody has looked at or put aside, as the caseload of this person orders them. `now` is in the
    clinic's zone."""
    own_only = staff.id if staff.role == "therapist" else None
    clients = [client for client in await accounts.clients_of(session, own_only) if client.state != "ended"]
    found = [case for case in await cases(session, clients, now, 1) if case.waits(now)]
    listed = sorted(found, key=lambda case: case.order(now))
    unplaced = [row for row, _ in await unplaced_for(session, own_only, now) if row.is_danger]
    nameless = [Waiting("", Tier.CALL, Rule.DANGER) for _ in unplaced]
    return nameless + [Waiting(case.client.name, case.triage.tier, case.triage.rule) for case in listed]


# Of each reader the newest mail that went out, or tried to. What was said of it is told by its own id.
RETURNED: Final = (
    "SELECT s.id AS staff_id, s.name, m.address, EXISTS (SELECT 1 FROM digest_mail e WHERE e.clinic_id = :clinic_id"
    "  AND e.staff_id = s.id AND e.day > m.day AND e.reason = :came_back) AS ended "
    "FROM digest_wish w JOIN staff s ON s.clinic_id = w.clinic_id AND s.id = w.staff_id AND s.active "
    "JOIN LATERAL (SELECT d.id, d.day, d.state, d.reason, d.address FROM digest_mail d WHERE d.clinic_id = :clinic_id"
    "  AND d.staff_id = s.id AND d.kind = 'caseload' AND d.state <> 'skipped'"
    "  ORDER BY d.day DESC LIMIT 1) m ON m.address = s.email "
    "WHERE w.clinic_id = :clinic_id AND (m.state = 'failed' AND m.reason = :invalid OR EXISTS (SELECT 1"
    "  FROM provider_event v WHERE v.clinic_id = :clinic_id AND v.attempt_id = m.id AND v.message_id IS NULL"
    "  AND v.attempt_id IS NOT NULL AND v.state IN ('gone', 'complaint')))"
)
_RETURNED = text(RETURNED)
ABOUT_RETURNED: Final = {"came_back": NotSent.CAME_BACK.value, "invalid": Reason.INVALID_ADDRESS.value}


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody whose mailbox did not take the last mail: it is gone, or its owner complained. `ended`: no more is sent
    there."""

    staff_id: UUID
    name: str
    address: str
    ended: bool


async def returned(session: ClinicSession) -> list[Returned]:
    rows = await session.execute(_RETURNED, {"clinic_id": session.clinic_id, **ABOUT_RETURNED})
    return [Returned(**row._mapping) for row in rows]


async def came_back(session: ClinicSession, mail_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these mails did not arrive, for whatever reason, or were complained about."""
    statement = select(col(ProviderEvent.attempt_id)).where(
        col(ProviderEvent.clinic_id) == session.clinic_id,
        col(ProviderEvent.attempt_id).in_(mail_ids),
        # As in the condition of the index.
        text("message_id IS NULL AND attempt_id IS NOT NULL"),
        col(ProviderEvent.state).in_(("gone", "undelivered", "complaint")),
    )
    return frozenset(one for one in await session.scalars(statement) if one is not None)


async def last_mails(session: ClinicSession, staff_id: UUID, most: int) -> Sequence[DigestMail]:
    """Newest first."""
    statement = (
        select(DigestMail)
        .where(
            col(DigestMail.clinic_id) == session.clinic_id,
            col(DigestMail.staff_id) == staff_id,
            col(DigestMail.kind) == MailKind.CASELOAD.value,
        )
        .order_by(col(DigestMail.day).desc())
        .limit(most)
    )
    return (await session.scalars(statement)).all()
