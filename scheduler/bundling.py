"""Two texts to one phone within half an hour become one: a check-in and the plan of one day, which one reply answers.

Only texts: a mail is answered by its button, and has one. Whoever comes later stands aside when the earlier one was
marked, in the same commit; when it was not, both go on alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import text

from scheduler import claims
from scheduler.deciding import reason_against
from scheduler.messages import Claimed, Settlement
from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.outbox.rules import MessageKind
from service.reminders.facts import Facts
from service.reminders.reasons import Reason

# Only what waits or is of the same batch: two that mark at once never wait for each other in a ring.
# Planned at most a lead and a window apart, so that the index on the client's newest messages finds them.
_PARTNERS = text(
    "SELECT a.id AS carrier_id, b.id, b.lease_token, b.state, b.kind, b.day, b.expires_at, o.reminder_id "
    "FROM message a JOIN message b ON b.clinic_id = a.clinic_id AND b.client_id = a.client_id"
    "  AND b.contact_point_id = a.contact_point_id AND b.day = a.day AND b.created_at BETWEEN"
    "  a.created_at - interval '2 hours' AND a.created_at + interval '2 hours'"
    "  AND (b.due_at, b.id) > (a.due_at, a.id) AND b.due_at <= a.due_at + interval '30 minutes' "
    "JOIN occurrence o ON o.clinic_id = b.clinic_id AND o.id = b.occurrence_id AND o.reason IS NULL "
    "WHERE a.clinic_id = :clinic_id AND b.clinic_id = :clinic_id AND a.id = ANY(CAST(:ids AS uuid[]))"
    "  AND (b.state = 'queued' OR b.state = 'leased' AND b.lease_owner = a.lease_owner"
    "    AND b.id = ANY(CAST(:ids AS uuid[]))) AND b.expires_at > now()"
    "  AND (a.kind = 'check_in' AND b.kind IN ('plan', 'anchor')"
    "    OR a.kind IN ('plan', 'anchor') AND b.kind = 'check_in') "
    "ORDER BY b.due_at DESC, b.id DESC FOR UPDATE OF b SKIP LOCKED"
)
_FOR_BOTH = text("UPDATE message SET kind = :kind WHERE clinic_id = :clinic_id AND id = ANY(CAST(:ids AS uuid[]))")
_BUNDLED: Final = Settlement("suppressed", Reason.BUNDLED.value)


@dataclass(frozen=True, slots=True)
class Partner:
    """The later one of two, `queued` or `leased`."""

    carrier_id: UUID
    id: UUID
    lease_token: int
    state: str
    kind: str
    day: date
    expires_at: datetime
    reminder_id: UUID


async def partners(session: ClinicSession, claimed: Iterable[Claimed]) -> dict[UUID, Partner]:
    """By the earlier message's id, for a whole batch in one statement."""
    ids = [m.id for m in claimed if m.channel == "sms" and m.kind in ("check_in", "plan", "anchor")]
    rows = await session.execute(_PARTNERS, {"clinic_id": session.clinic_id, "ids": uuids(ids)}) if ids else ()
    return {row.carrier_id: Partner(**row._mapping) for row in rows}


def for_both(message: Claimed, partner: Partner | None, known: Mapping[UUID, Facts], now: datetime) -> Claimed:
    """The message that speaks for both, or the same one when the later may not be sent, for whatever reason."""
    if partner is None or partner.id not in known:
        return message
    against = reason_against(known[partner.id], partner.kind, at=now, expires_at=partner.expires_at)
    return message if against else replace(message, kind=MessageKind.BUNDLE.value)


async def stand_aside(session: ClinicSession, marked: Iterable[Claimed], pairs: Mapping[UUID, Partner]) -> None:
    """After the mark: the ledger says of each later one that it was part of another message."""
    aside = [pairs[m.id] for m in marked if m.kind == MessageKind.BUNDLE and m.id in pairs]
    if not aside:
        return
    carriers = [partner.carrier_id for partner in aside]
    values = {"clinic_id": session.clinic_id, "ids": uuids(carriers), "kind": MessageKind.BUNDLE.value}
    await session.execute(_FOR_BOTH, values)
    for state in ("queued", "leased"):
        await claims.settle(session, [(one, _BUNDLED) for one in aside if one.state == state], state)
