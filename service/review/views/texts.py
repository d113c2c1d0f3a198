"""Texts that are nobody's for sure, as the page shows them, in the clinic's own time."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.conversation.rules import shown_words
from service.conversation.tables import UnplacedText as Row
from service.database.tenancy import ClinicSession
from service.review.guards import texts_for
from service.review.queries.unplaced import look_by_of
from service.review.rules import shortened
from service.review.schemas.texts import DangerText, UnplacedText
from service.words import translator


async def danger_texts(session: ClinicSession, staff: Caller, now: datetime) -> list[DangerText]:
    """The oldest first: who wrote it has waited longest. `now` is in the reader's zone."""
    say = translator(staff.person.locale).gettext
    clinic = await accounts.clinic(session)
    alarming = [(row, look_by_of(row, clinic)) for row, _ in await texts_for(session, staff) if row.is_danger]
    return [
        DangerText(
            id=row.id,
            at=row.received_at.astimezone(now.tzinfo),
            text=shortened(_words(row, say)),
            look_by=by,
            is_overdue=by is not None and by <= now,
        )
        for row, by in reversed(alarming)
    ]


async def unplaced_texts(session: ClinicSession, staff: Caller) -> list[UnplacedText]:
    clinic = await accounts.clinic(session)
    zone = ZoneInfo(clinic.zone)
    return [
        UnplacedText(
            id=row.id,
            at=row.received_at.astimezone(zone),
            text=_words(row, translator(staff.person.locale).gettext),
            sent_from=row.sent_from,
            is_shared=row.reason == "two_people",
            is_danger=row.is_danger,
            was_asked=row.asked_at is not None,
            maybe=[(client.id, client.name) for client in maybe],
            look_by=(by := look_by_of(row, clinic)),
            is_overdue=by is not None and by <= staff.now,
        )
        for row, maybe in await texts_for(session, staff)
    ]


def _words(row: Row, say: Callable[[str], str]) -> str:
    return shown_words(row.body or "", row.pictures > 0, say)
