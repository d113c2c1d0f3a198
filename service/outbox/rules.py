"""The kinds of message, their words, and what a text may say. Msgids are English; the catalogues hold the rest.

A text comes from the clinic's neutral short name and holds no word for a body part, a condition, a move or a drug.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class MessageKind(StrEnum):
    WELCOME = "welcome"
    CHECK_IN = "check_in"
    PLAN = "plan"
    HABIT = "habit"
    CHECK_IN_ACK = "check_in_ack"
    PLAN_ACK = "plan_ack"
    SKIP_ACK = "skip_ack"
    NOTE_ACK = "note_ack"
    UNCLEAR = "unclear"
    OUT_OF_RANGE = "out_of_range"
    HIGH_ACK = "high_ack"
    NOT_WATCHED = "not_watched"
    STOPPED = "stopped"
    STARTED = "started"
    HELP = "help"
    SIGN_IN_CODE = "sign_in_code"


@dataclass(frozen=True, slots=True)
class MessageWords:
    """`sms` is the whole text. Mail has a `subject`, `lines`, and the word on its `button` when it has a link."""

    sms: str
    subject: str
    lines: tuple[str, ...]
    button: str | None = None


MESSAGES: Final[Mapping[MessageKind, MessageWords]] = {
    MessageKind.WELCOME: MessageWords(
        "%(clinic)s: you said yes to texts from us. Up to 1 a day. We will not put health details in texts. "
        "Reply STOP to end, HELP for help.",
        "Messages from %(clinic)s",
        ("You said yes to emails from us.", "We will not put health details in them."),
    ),
    MessageKind.CHECK_IN: MessageWords(
        "%(clinic)s: time for today's check-in. Reply with a number from 0 to 10, or tap %(link)s",
        "Today's check-in",
        ("It is time for today's check-in.", "It takes one tap."),
        "Check in",
    ),
    MessageKind.PLAN: MessageWords(
        "%(clinic)s: your plan for today is ready. Reply DONE when you finish, or tap %(link)s",
        "Your plan for today",
        ("Your plan for today is ready.", "Tell us when you finish. It takes one tap."),
        "I finished",
    ),
    MessageKind.HABIT: MessageWords(
        "%(clinic)s: how did today go? It takes a few taps: %(link)s",
        "How did today go?",
        ("How did today go?", "It takes a few taps."),
        "Tell us",
    ),
    MessageKind.CHECK_IN_ACK: MessageWords(
        "Got it: %(score)s. Saved for today. Wrong number? Text the right one.",
        "Saved",
        ("Got it: %(score)s. Saved for today.",),
    ),
    MessageKind.PLAN_ACK: MessageWords(
        "Saved. Well done. Reply with a number 0 to 10 to add today's score.",
        "Saved",
        ("Saved. Well done.",),
    ),
    MessageKind.SKIP_ACK: MessageWords(
        "OK, skipped for today. No need to catch up.", "Saved", ("OK, skipped for today. No need to catch up.",)
    ),
    MessageKind.NOTE_ACK: MessageWords(
        "Thanks. We kept your note for your therapist.",
        "Saved",
        ("Thanks. We kept your note for your therapist.",),
    ),
    MessageKind.UNCLEAR: MessageWords(
        "Thanks, we kept your note. You can also reply a number 0 to 10, DONE or SKIP. To stop texts, reply STOP.",
        "We kept your note",
        ("Thanks, we kept your note.",),
    ),
    MessageKind.OUT_OF_RANGE: MessageWords(
        "Please send one number from 0 to 10. 0 is none. 10 is the worst you can think of.",
        "One number, please",
        ("Please send one number from 0 to 10.", "0 is none. 10 is the worst you can think of."),
    ),
    MessageKind.HIGH_ACK: MessageWords(
        "Thanks, we saved %(score)s and told your clinic. They look at this in office hours. "
        "In an emergency call %(emergency)s now.",
        "Saved",
        ("Thanks, we saved %(score)s and told your clinic.", "In an emergency call %(emergency)s now."),
    ),
    MessageKind.NOT_WATCHED: MessageWords(
        "This line is not watched day and night. For an emergency call %(emergency)s. We passed your note to your clinic.",
        "We passed your note on",
        ("This line is not watched day and night.", "For an emergency call %(emergency)s."),
    ),
    MessageKind.STOPPED: MessageWords(
        "%(clinic)s: you will get no more texts from us. Your plan still works in the app. Reply START to get texts again.",
        "No more messages",
        ("You will get no more messages from us.",),
    ),
    MessageKind.STARTED: MessageWords(
        "%(clinic)s: you will get texts from us again. Reply STOP to end, HELP for help.",
        "Messages from %(clinic)s",
        ("You will get messages from us again.",),
    ),
    MessageKind.HELP: MessageWords(
        "%(clinic)s texts. Up to 1 a day. Call %(phone)s in office hours. Reply STOP to end. Msg and data rates may apply.",
        "Help",
        ("Call %(phone)s in office hours.",),
    ),
    MessageKind.SIGN_IN_CODE: MessageWords(
        "%(clinic)s: your sign-in code is %(code)s. Do not share it.",
        "Your sign-in code",
        ("Your sign-in code is %(code)s. Do not share it.",),
    ),
}

# What the notifier fills in itself, for every message.
KNOWN_PARAMS: Final = frozenset({"clinic", "phone", "emergency", "link"})


def required_params(kind: MessageKind) -> frozenset[str]:
    """The params a caller must give when it enqueues this kind."""
    words = MESSAGES[kind]
    texts = (words.sms, words.subject, *words.lines)
    named = {part.partition(")")[0] for text in texts for part in text.split("%(")[1:]}
    return frozenset(named) - KNOWN_PARAMS
