"""Two texts to one phone within half an hour become one: a check-in and the plan of one day, which one reply answers.

Only texts: a mail is answered by its button, and has one. Whoever comes later stands aside when the earlier one was
marked, in the same commit; when it was not, both go on alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from scheduler import claims
from scheduler.claims import Claimed
from scheduler.deciding import reasons_against
from service.database.tenancy import ClinicSession
from service.outbox.rules import MessageKind
from service.reminders.queries import Facts
from service.reminders.rules import Reason

# A worker takes only what waits or is its own: two that mark at once never wait for each other in a ring.
# Planned at most a lead and a window apart, so that the index on the client's newest messages finds them.
_PARTNERS = text(
    "SELECT a.id AS carrier_id, b.id, b.kind, b.occurrence_id, b.day, b.expires_at, o.reminder_id "
    "FROM message a JOIN message b ON b.clinic_id = a.clinic_id AND b.client_id = a.client_id"
    "  AND b.contact_point_id = a.contact_point_id AND b.day = a.day AND b.created_at BETWEEN"
    "  a.created_at - interval '2 hours' AND a.created_at + interval '2 hours'"
    "  AND (b.due_at, b.id) > (a.due_at, a.id) AND b.due_at <= a.due_at + interval '30 minutes' "
    "JOIN occurrence o ON o.clinic_id = b.clinic_id AND o.id = b.occurrence_id "
    "WHERE a.clinic_id = :clinic_id AND b.clinic_id = :clinic_id AND a.id = ANY(:ids)"
    "  AND (b.state = 'queued' OR b.state = 'leased' AND b.lease_owner = a.lease_owner) AND b.expires_at > now()"
    "  AND (a.kind = 'check_in' AND b.kind IN ('plan', 'anchor')"
    "    OR a.kind IN ('plan', 'anchor') AND b.kind = 'check_in') "
    "ORDER BY b.due_at DESC, b.id DESC FOR UPDATE OF b SKIP LOCKED"
)
_STAND_ASIDE = text(
    "UPDATE message SET state = 'suppressed', reason = :reason, settled_at = now(), lease_owner = NULL,"
    "  lease_until = NULL, updated_at = now() "
    "WHERE clinic_id = :clinic_id AND id = :id AND state IN ('queued', 'leased')"
)
_ONE_FOR_BOTH = text("UPDATE message SET kind = :kind WHERE clinic_id = :clinic_id AND id = :id")


@dataclass(frozen=True, slots=True)
class Partner:
    """The later one of two."""

    carrier_id: UUID
    id: UUID
    kind: str
    occurrence_id: UUID
    day: date
    expires_at: datetime
    reminder_id: UUID


async def partners(session: ClinicSession, claimed: Iterable[Claimed]) -> dict[UUID, Partner]:
    """By the earlier message's id, for a whole batch in one statement."""
    ids = [m.id for m in claimed if m.channel == "sms" and m.kind in ("check_in", "plan", "anchor")]
    rows = await session.execute(_PARTNERS, {"clinic_id": session.clinic_id, "ids": ids}) if ids else ()
    return {row.carrier_id: Partner(**row._mapping) for row in rows}


async def for_both(
    session: ClinicSession, message: Claimed, partner: Partner | None, known: Facts, now: datetime
) -> Claimed:
    """The message that speaks for both, or the same one when the later may not be sent, for whatever reason."""
    if partner is None:
        return message
    against = await reasons_against(
        session,
        known,
        client_id=message.client_id,
        reminder_id=partner.reminder_id,
        kind=partner.kind,
        day=partner.day,
        at=now,
        expires_at=partner.expires_at,
    )
    return message if against else replace(message, kind=MessageKind.BUNDLE.value)


async def stand_aside(session: ClinicSession, message: Claimed, partner: Partner | None) -> None:
    """After the mark: the ledger says that the later one was part of another message."""
    if partner is None or message.kind != MessageKind.BUNDLE:
        return
    reason, here = Reason.BUNDLED, {"clinic_id": session.clinic_id}
    await session.execute(_ONE_FOR_BOTH, here | {"id": message.id, "kind": message.kind})
    await session.execute(_STAND_ASIDE, here | {"id": partner.id, "reason": reason.value})
    await claims.tell_ledger(session, partner.occurrence_id, reason.state, reason.value)
