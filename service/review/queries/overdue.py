"""Whose alerts may be overdue, and what was sent because of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.queries import clinic
from service.accounts.tables import Client, Staff
from service.database.tenancy import ClinicSession
from service.review.rules.escalation import MailKind
from service.review.rules.pain import FRESH_DAYS
from service.review.tables import DigestMail

LATELY: Final = timedelta(days=31)
"""Long before, every step of it was taken."""

_CLINICS = text("SELECT clinic_id FROM clinic WHERE alerts_at <= :now ORDER BY alerts_at")
# Somebody told something that may put them among those to call; whether it does, and since when, is for `cases`.
_MAYBE = text(
    "SELECT c.id FROM client c WHERE c.clinic_id = :clinic_id AND c.state <> 'ended' AND ("
    "  EXISTS (SELECT 1 FROM red_flag f WHERE f.clinic_id = :clinic_id AND f.client_id = c.id"
    "    AND f.closed_at IS NULL AND f.deleted_at IS NULL)"
    "  OR EXISTS (SELECT 1 FROM red_flag_screen s WHERE s.clinic_id = :clinic_id AND s.client_id = c.id"
    "    AND s.answered_at > :lately AND s.yes <> '{}')"
    "  OR EXISTS (SELECT 1 FROM urgency_answer u WHERE u.clinic_id = :clinic_id AND u.client_id = c.id"
    "    AND u.answered_at > :lately AND u.answer = 'urgent')"
    "  OR EXISTS (SELECT 1 FROM thread_message m WHERE m.clinic_id = :clinic_id AND m.client_id = c.id"
    "    AND m.sent_at > :lately AND m.direction = 'in' AND m.reading ~ '(^| )danger( |$)')"
    "  OR EXISTS (SELECT 1 FROM pain_entry p WHERE p.clinic_id = :clinic_id AND p.client_id = c.id"
    "    AND p.day > CAST(:lately_pain AS date) AND p.score >= :high AND p.deleted_at IS NULL))"
)


async def clinics_to_look_through(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Through the door `find_work`."""
    return list((await connection.execute(_CLINICS, {"now": now})).scalars())


async def maybe_to_call(session: ClinicSession, now: datetime) -> list[Client]:
    values = {
        "clinic_id": session.clinic_id,
        "lately": now - LATELY,
        # A day more, for every zone.
        "lately_pain": now - timedelta(days=FRESH_DAYS + 1),
        "high": (await clinic(session)).high_pain,
    }
    ids = list((await session.execute(_MAYBE, values)).scalars())
    if not ids:
        return []
    statement = select(Client).where(col(Client.clinic_id) == session.clinic_id, col(Client.id).in_(ids))
    return list((await session.scalars(statement)).all())


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody was told, or was to be, that nobody looked in time."""

    name: str
    due_at: datetime
    state: str
    reason: str | None


async def told_of(session: ClinicSession, client_id: UUID, rule: str, since: datetime | None) -> Sequence[Told]:
    """The first step first."""
    statement = (
        select(col(Staff.name), col(DigestMail.due_at), col(DigestMail.state), col(DigestMail.reason))
        .join(Staff, (col(Staff.clinic_id) == session.clinic_id) & (col(Staff.id) == col(DigestMail.staff_id)))
        .where(
            col(DigestMail.clinic_id) == session.clinic_id,
            col(DigestMail.kind) == MailKind.OVERDUE.value,
            col(DigestMail.client_id) == client_id,
            col(DigestMail.rule) == rule,
            col(DigestMail.since) == since,
        )
        .order_by(col(DigestMail.step), col(Staff.name))
    )
    return [Told(*row) for row in (await session.execute(statement)).all()]
