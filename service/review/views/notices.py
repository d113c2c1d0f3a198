"""What keeps messages from people, told to staff where they look every day: they would hear of it last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from service.accounts.guards import Caller
from service.accounts.queries import erasures_asked
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.outbox.codes import Failure
from service.outbox.rules import MESSAGES, MessageKind
from service.outbox.tables import EVERY_KIND, SendingStop
from service.review.queries import held_senders, standing_stops
from service.review.queries.reports import our_faults
from service.review.schemas import Notice
from service.terms import said

UNWRITTEN_SHOWN: Final = timedelta(days=7)
HELD_FOR: Final = timedelta(minutes=5)
"""What is over sooner than that, nobody needs to know."""

_NO_MAIL: Final = "Emails do not get through now. They wait, and go out when they can."
_HELD: Final = {
    "twilio": "Texts do not get through now. They wait, and go out when they can.",
    "smtp": _NO_MAIL,
    "postmark": _NO_MAIL,
}
_STOPPED: Final = {
    Failure.UNREGISTERED: "Texts stop until %(day)s at %(time)s: the phone company does not take them from our number.",
    Failure.RATE: "Texts stop until %(day)s at %(time)s: the phone company says that we send too many.",
}
_FILTERED: Final = "“%(what)s” is not sent as a text until %(day)s at %(time)s: the phone company held it back."

_RETURNED: Final = "The morning email to %(name)s comes back: the mailbox %(address)s does not take it."
_UNWRITTEN: Final = "A message could not be written on %(day)s at %(time)s:"
_FORGET: Final = "Asked to be forgotten on %(day)s:"
_UNHEARD: Final = "A report about a message could not be used on %(day)s at %(time)s:"


async def notices(session: ClinicSession, staff: Caller, clients: Sequence[Client], now: datetime) -> list[Notice]:
    """`now` is in the reader's zone."""
    locale = staff.person.locale
    held = await held_senders(session, now - HELD_FOR)
    sentences = [Sentence(_HELD[sender]) for sender in held if sender in _HELD]
    sentences += [_stopped(stop, now) for stop in await standing_stops(session, now)]
    ours = await our_faults(session, clients, now - UNWRITTEN_SHOWN)
    for mail in ours.returned:
        if mail.staff_id == staff.person.id or staff.may(Right.SETTINGS):
            sentences.append(Sentence(_RETURNED, {"name": mail.name, "address": mail.address}))
    found = [Notice(said(sentence, locale)) for sentence in sentences]
    asked = await erasures_asked(session, [client.id for client in clients])
    for client in clients:
        if (wish := asked.get(client.id)) is not None:
            words = Sentence(_FORGET, {"day": wish.asked_at.astimezone(now.tzinfo).date()})
            found.append(Notice(said(words, locale), client.id, client.name))
    for msgid, ones in ((_UNWRITTEN, ours.unwritten), (_UNHEARD, ours.unheard)):
        for one in ones:
            at = one.at.astimezone(now.tzinfo)
            words = Sentence(msgid, {"day": at.date(), "time": at})
            found.append(Notice(said(words, locale), one.client_id, one.name))
    return found


def _stopped(stop: SendingStop, now: datetime) -> Sentence:
    until = stop.until_at.astimezone(now.tzinfo)
    parts: dict[str, object] = {"day": until.date(), "time": until}
    if stop.kind == EVERY_KIND:
        return Sentence(_STOPPED[Failure(stop.failure)], parts)
    return Sentence(_FILTERED, {"what": Sentence(MESSAGES[MessageKind(stop.kind)].subject), **parts})
