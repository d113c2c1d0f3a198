"""Texts that are nobody's for sure, for whoever may read them."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.rules.office import office_hours
from service.accounts.tables import Client, Clinic
from service.catalogue.library import FlagTier
from service.conversation import queries as conversation
from service.conversation.rules import UNPLACED_KEPT
from service.conversation.tables import UnplacedText
from service.database.tenancy import ClinicSession
from service.review.rules.alerts import look_by


async def unplaced_for(
    session: ClinicSession, therapist_id: UUID | None, now: datetime
) -> list[tuple[UnplacedText, list[Client]]]:
    """With their possible senders: a therapist sees what may be from a client of theirs, and what is from nobody
    known; without a therapist, all."""
    rows = await conversation.unplaced(session, now - UNPLACED_KEPT)
    if not rows:
        return []
    by_id = {client.id: client for client in await accounts.clients_of(session, therapist_id)}
    found = []
    for row in rows:
        points = await accounts.contact_points_with(session, row.sent_from)
        maybe = [by_id[point.client_id] for point in points if point.client_id in by_id]
        if maybe or row.reason == "unknown_number":
            found.append((row, maybe))
    return found


def look_by_of(row: UnplacedText, clinic: Clinic) -> datetime | None:
    """By when somebody should have read it, in the clinic's zone: whoever wrote of danger may be anybody's client. None
    for one that can wait."""
    if not row.is_danger:
        return None
    office = office_hours(clinic.office_hours, clinic.closed_days)
    return look_by(row.received_at.astimezone(ZoneInfo(clinic.zone)), FlagTier.EMERGENCY, office)
