"""What somebody who answers by text texted, taken the way a provider's text is taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.accounts.tables import Client, ContactPoint
from service.conversation.actions.events import InboundText, store_text
from service.conversation.actions.texts import act_on_text
from service.conversation.queries import Sender
from service.database.tenancy import ClinicSession
from service.demo.days import Day
from service.demo.stories import Story
from service.diary.rules import Outcome, SkipReason
from service.ids import new_id
from service.settings import INBOX_NUMBER

_SIDES: Final = {"en": {"left": "L", "right": "R"}, "es": {"left": "izq", "right": "der"}}
_OUTCOMES: Final = {
    "en": {Outcome.DONE: "DONE", Outcome.PARTLY: "did half", Outcome.SKIPPED: "SKIP"},
    "es": {Outcome.DONE: "LISTO", Outcome.PARTLY: "hice la mitad", Outcome.SKIPPED: "hoy no puedo,"},
}
_REASONS: Final = {
    "en": {
        SkipReason.NO_TIME: "busy",
        SkipReason.HURTS: "hurts too much",
        SkipReason.UNSURE_HOW: "not sure how",
        SkipReason.NO_GEAR: "no band",
        SkipReason.UNWELL: "sick",
        SkipReason.AWAY: "away",
    },
    "es": {
        SkipReason.NO_TIME: "sin tiempo",
        SkipReason.HURTS: "duele mucho",
        SkipReason.UNSURE_HOW: "no se como",
        SkipReason.NO_GEAR: "sin banda",
        SkipReason.UNWELL: "gripe",
        SkipReason.AWAY: "de viaje",
    },
}


@dataclass(frozen=True, slots=True)
class Text:
    at: datetime
    body: str
    is_stop: bool = False


def texts_of(story: Story, days: Sequence[Day]) -> Iterator[Text]:
    sides, outcomes, reasons = _SIDES[story.locale], _OUTCOMES[story.locale], _REASONS[story.locale]
    for day in days:
        yield Text(day.told_at, f"{day.score} {sides[story.side]}" if day.has_site else str(day.score))
        if day.session is not None:
            reason = reasons[day.session.reason] if day.session.reason else ""
            yield Text(day.session.at, f"{outcomes[day.session.outcome]} {reason}".strip(" ,"))


async def take_text(session: ClinicSession, client: Client, phone: ContactPoint, text: Text, secret_key: str) -> None:
    """In the transaction of the client who sent it."""
    sender = Sender(session.clinic_id, client.id, phone.id, own_number=False, asked=None, told_before=False)
    told = InboundText(f"SM{new_id(text.at).hex}", phone.address, INBOX_NUMBER, text.body)
    event_id = await store_text(session, sender, told, text.at, is_stop=text.is_stop)
    await act_on_text(session, client.id, event_id, secret_key, text.at)
