"""Texts that are ready to send to a client: two taps instead of a sentence on a small keyboard."""

from collections.abc import Iterable, Mapping

from service.accounts.tables import Client, Clinic
from service.review.schemas.texts import ReadyText
from service.review.tables import ReadyText as OwnText
from service.words import translator

_TEXTS: Mapping[str, str] = {
    "read": "I read your note. How are you today?",
    "silent": "I have not heard from you for some days. Is there something we can change?",
    "call": "Please call us when you have a minute: %(phone)s.",
    "well": "This looks good. Go on like this.",
}


def ours_in(locale: str, clinic: Clinic) -> list[ReadyText]:
    say, facts = translator(locale).gettext, {"phone": clinic.phone}
    return [ReadyText(code, say(words) % facts) for code, words in _TEXTS.items()]


def ready_texts(client: Client, clinic: Clinic, own: Iterable[OwnText]) -> list[ReadyText]:
    """The clinic's own first, those of them that are written in the client's language; then ours."""
    theirs = [ReadyText(str(row.id), row.words[client.locale]) for row in own if client.locale in row.words]
    return [*theirs, *ours_in(client.locale, clinic)]
