"""What a text may say: its alphabet, its length, its level, and the words that would tell a stranger too much."""

import re
import unicodedata
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


_ALPHABET: Final = _GSM | _GSM_EXTENDED


def segments(text: str) -> Segments:
    """Whole parts hold 160 or 70 units; cut ones 153 or 67, and no character is cut in two."""
    if _ALPHABET.issuperset(text):
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
    # Nearly every text is in the alphabet already, and each is written while a database waits.
    if _ALPHABET.issuperset(text):
        return text
    return "".join(map(_normal, unicodedata.normalize("NFC", text).translate(_PLAIN)))


def _normal(character: str) -> str:
    if character in _ALPHABET:
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
