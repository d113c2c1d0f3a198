"""Texts that are nobody's for sure, as the page shows them, in the clinic's own time."""

from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.conversation.rules import shown_words
from service.database.tenancy import ClinicSession
from service.review.guards import texts_for
from service.review.schemas import UnplacedText
from service.words import translator


async def unplaced_texts(session: ClinicSession, staff: Caller) -> list[UnplacedText]:
    zone = ZoneInfo((await accounts.clinic(session)).zone)
    return [
        UnplacedText(
            id=row.id,
            at=row.received_at.astimezone(zone),
            text=shown_words(row.body or "", row.pictures > 0, translator(staff.person.locale).gettext),
            sent_from=row.sent_from,
            is_shared=row.reason == "two_people",
            is_danger=row.is_danger,
            was_asked=row.asked_at is not None,
            maybe=[(client.id, client.name) for client in maybe],
        )
        for row, maybe in await texts_for(session, staff)
    ]
