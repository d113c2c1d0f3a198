"""The kinds of message, their words, and what a text may say. Msgids are English; catalogues hold the rest.

A text comes from the clinic's short name and holds no word for a body part, a condition, a move or a drug.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        "…": "...",
        "•": "-",
        "−": "-",
        "\t": " ",
    }
)
_EMOJI_PARTS: Final = frozenset("\ufe0f\u20e3\u200d")


class Segments(NamedTuple):
    """The parts a carrier bills, and the alphabet that decided it."""

    parts: int
    encoding: Literal["gsm7", "ucs2"]


def segments(text: str) -> Segments:
    """Whole parts hold 160 or 70 units; cut ones 153 or 67, and no character is cut in two."""
    if set(text) <= _GSM | _GSM_EXTENDED:
        return Segments(_parts([1 + (c in _GSM_EXTENDED) for c in text], 160, 153), "gsm7")
    return Segments(_parts([1 + (ord(c) > 0xFFFF) for c in text], 70, 67), "ucs2")


def _parts(sizes: list[int], whole: int, cut: int) -> int:
    if sum(sizes) <= whole:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > cut:
            count, used = count + 1, 0
        used += size
    return count


def normalise(text: str) -> str:
    """The same text in the GSM alphabet: plain quotes and dashes, and without the accents it lacks (á í ó ú).

    A name in another script stays as it is. ValueError: a picture, which would cut the text into short parts.
    """
    return "".join(_normal(c) for c in unicodedata.normalize("NFC", text).translate(_PLAIN))


def _normal(character: str) -> str:
    if character in _GSM or character in _GSM_EXTENDED:
        return character
    category = unicodedata.category(character)
    if category in ("So", "Cs", "Co", "Cn") or character in _EMOJI_PARTS:
        raise ValueError(f"Take out {character!r}: use words and plain signs only.")
    if category in ("Zs", "Pd"):
        return " " if category == "Zs" else "-"
    if category == "Cf":
        return ""
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in _GSM else character


def reading_grade(text: str) -> float:
    """United States school grade of an English text (Flesch-Kincaid)."""
    prose = re.sub(r"\S+://\S+", "", text)
    words = re.findall(r"[a-z']+|\d+", prose.lower())
    sentences = len(re.findall(r"[.!?]+(?=\s|$)|[^.!?\s]\s*(?=\n\n|\Z)", prose))
    if not words or not sentences:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    return max(1, groups - bool(re.search(r"[^l]e$|[^td]ed$", word)))


_BLOCKED: Final = re.compile(
    r"\b(?:pain|painful|ache|aching|sore|hurt|hip|groin|buttock|butt|glute|gluteal|hamstring|thigh|knee|leg|calf"
    r"|ankle|heel|foot|feet|spine|spinal|lumbar|low(?:er)? back|pelvi[sc]|muscle|tendon|nerve|joint|bone"
    r"|sciatica|bursitis|arthritis|osteo\w+|tendin\w+|piriformis|injur(?:y|ies|ed)|surger(?:y|ies)|operation|fracture"
    r"|cancer|diagnos\w+|disease|disabilit\w+|patient|symptom|treatment|rehab\w*|medicine|medication|drug|pill"
    r"|tablet|opioid|ibuprofen|paracetamol|acetaminophen|naproxen|tramadol|aspirin|steroid|injection|clamshell"
    r"|bridge|squat|lunge|plank|stretch(?:ing)?|deadlift|thrust|step[- ]up|sit to stand"
    r"|dolor|duel[ea]n?|cadera|ingle|nalga|gluteo|isquio\w*|muslo|rodilla|pierna|pantorrilla|tobillo|talon|pie"
    r"|columna|espalda|musculo|nervio|hueso|articulacion|ciatica|artrosis|artritis|lesion|cirugia|operacion"
    r"|fractura|diagnostico|enfermedad|paciente|sintoma|tratamiento|medicina|medicamento|farmaco|pastilla"
    r"|inyeccion|almeja|puente|sentadilla|zancada|plancha|estira\w*)(?:s|es)?\b"
)


def blocked_words(text: str) -> tuple[str, ...]:
    """Words that would tell a stranger who sees the screen why somebody gets texts; English and Spanish."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(c) != "Mn")
    return tuple(dict.fromkeys(match.group() for match in _BLOCKED.finditer(plain)))


class MessageKind(StrEnum):
    WELCOME = "welcome"
    CHECK_IN = "check_in"
    PLAN = "plan"
    HABIT = "habit"
    ANCHOR = "anchor"
    EVENING = "evening"
    LAPSE_3 = "lapse_3"
    LAPSE_10 = "lapse_10"
    WEEK = "week"
    PLAN_CHANGED = "plan_changed"
    TAPER = "taper"
    CHECK_IN_ACK = "check_in_ack"
    ROUNDED_ACK = "rounded_ack"
    PLAN_ACK = "plan_ack"
    LATER_ACK = "later_ack"
    SKIP_ACK = "skip_ack"
    UNDO_ACK = "undo_ack"
    NOTE_ACK = "note_ack"
    HIGH_ACK = "high_ack"
    UNCLEAR = "unclear"
    OUT_OF_RANGE = "out_of_range"
    NOT_WATCHED = "not_watched"
    STOPPED = "stopped"
    STARTED = "started"
    HELP = "help"
    SIGN_IN_CODE = "sign_in_code"


@dataclass(frozen=True, slots=True)
class MessageWords:
    """`sms` is the whole text. A mail has a subject, lines, and the word on its button when it has a link."""

    sms: str
    subject: str
    lines: tuple[str, ...]
    button: str | None = None


def _answer(sms: str, subject: str = "Saved") -> MessageWords:
    """The same sentence as a text and as a mail."""
    return MessageWords(sms, subject, (sms,))


MESSAGES: Final[Mapping[MessageKind, MessageWords]] = {
    MessageKind.WELCOME: MessageWords(
        "%(clinic)s: you said yes to texts from us. Up to 1 a day. No health details. "
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
    MessageKind.ANCHOR: MessageWords(
        "%(clinic)s: %(anchor)s is a good time for today's plan. Reply DONE or LATER. %(link)s",
        "Your plan for today",
        ("Your plan for today is ready: %(anchor)s is a good time.",),
        "I finished",
    ),
    MessageKind.EVENING: MessageWords(
        "%(clinic)s: still time for today's plan if you want it. A short one counts too. %(link)s",
        "Still time for today",
        ("There is still time for today's plan if you want it.", "A short one counts too."),
        "I finished",
    ),
    MessageKind.LAPSE_3: MessageWords(
        "%(clinic)s: a few days off is fine. Want a short plan to get going again? Reply EASY, or PAUSE for a break.",
        "A few days off is fine",
        ("A few days off is fine.", "Your plan is here when you want it."),
    ),
    MessageKind.LAPSE_10: MessageWords(
        "%(clinic)s: we will stop the daily texts for now. Your plan is still here. Reply BACK any time.",
        "We will be quiet for now",
        ("We will stop the daily messages for now.", "Your plan is still here."),
    ),
    MessageKind.WEEK: MessageWords(
        "%(clinic)s: your week is ready to look at. %(link)s",
        "Your week",
        ("Your week is ready to look at.",),
        "See your week",
    ),
    MessageKind.PLAN_CHANGED: MessageWords(
        "%(clinic)s: %(therapist)s made a change to your plan. Have a look before you start: %(link)s",
        "Your plan has changed",
        ("%(therapist)s made a change to your plan.", "Have a look before you start."),
        "See your plan",
    ),
    MessageKind.TAPER: MessageWords(
        "%(clinic)s: you are in a good rhythm, so we will text on %(days)s only. Want daily texts? Reply DAILY.",
        "You are in a good rhythm",
        ("You are in a good rhythm, so we will write on %(days)s only.",),
    ),
    MessageKind.CHECK_IN_ACK: _answer("Got it: %(score)s. Saved for today. Wrong number? Text the right one."),
    MessageKind.ROUNDED_ACK: _answer("Saved as %(score)s. Text the right one if not."),
    MessageKind.PLAN_ACK: _answer("Saved. Well done. Reply with a number 0 to 10 to add today's score."),
    MessageKind.LATER_ACK: _answer(
        "OK. We will text again at %(time)s. Reply SKIP if today will not work.", "Later today"
    ),
    MessageKind.SKIP_ACK: _answer("OK, skipped for today. No need to catch up."),
    MessageKind.UNDO_ACK: _answer("OK, we took back your last answer. You can send a new one."),
    MessageKind.NOTE_ACK: _answer("Thanks. We passed your note to your clinic."),
    MessageKind.HIGH_ACK: _answer(
        "Thanks, we saved %(score)s and told your clinic. They look at this in office hours. "
        "In an emergency call %(emergency)s now."
    ),
    MessageKind.UNCLEAR: _answer(
        "Thanks, we kept your note. You can also reply a number 0 to 10, DONE, SKIP or LATER. "
        "To stop texts, reply STOP."
    ),
    MessageKind.OUT_OF_RANGE: _answer(
        "Please send one number from 0 to 10. 0 is none. 10 is the worst you can think of.",
        "One number, please",
    ),
    MessageKind.NOT_WATCHED: _answer(
        "This line is not watched day and night. For an emergency call %(emergency)s. "
        "We passed your note to your clinic.",
        "We passed your note on",
    ),
    MessageKind.STOPPED: _answer(
        "%(clinic)s: you will get no more texts from us. Your plan still works in the app. "
        "Reply START to get texts again.",
        "No more messages",
    ),
    MessageKind.STARTED: _answer(
        "%(clinic)s: you will get texts from us again. Reply STOP to end, HELP for help.",
        "Messages from %(clinic)s",
    ),
    MessageKind.HELP: _answer(
        "%(clinic)s texts. Up to 1 a day. Call %(phone)s in office hours. "
        "Reply STOP to end. Msg and data rates may apply.",
        "Help",
    ),
    MessageKind.SIGN_IN_CODE: MessageWords(
        "%(clinic)s: your sign-in code is %(code)s. Do not share it. Or tap %(link)s",
        "Your sign-in code",
        ("Your sign-in code is %(code)s. Do not share it.", "Or sign in with one tap."),
        "Sign in",
    ),
}

# What the notifier fills in itself; the link only where the words have a button.
KNOWN_PARAMS: Final = frozenset({"clinic", "phone", "emergency", "link"})


def required_params(kind: MessageKind) -> frozenset[str]:
    """The params a caller must give when it enqueues this kind."""
    words = MESSAGES[kind]
    texts = " ".join((words.sms, words.subject, *words.lines))
    return frozenset(re.findall(r"%\((\w+)\)s", texts)) - KNOWN_PARAMS
