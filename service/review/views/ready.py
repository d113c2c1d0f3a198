"""Texts that are ready to send to a client: two taps instead of a sentence on a small keyboard."""

from collections.abc import Mapping

from service.accounts.tables import Client, Clinic
from service.review.schemas.texts import ReadyText
from service.words import translator

_TEXTS: Mapping[str, str] = {
    "read": "I read your note. How are you today?",
    "silent": "I have not heard from you for some days. Is there something we can change?",
    "call": "Please call us when you have a minute: %(phone)s.",
    "well": "This looks good. Go on like this.",
}


def ready_texts(client: Client, clinic: Clinic) -> list[ReadyText]:
    say = translator(client.locale).gettext
    facts = {"phone": clinic.phone}
    return [ReadyText(code, say(words) % facts) for code, words in _TEXTS.items()]
