"""What people call the codes we store: a msgid for each, and sentences in the reader's words."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from babel.numbers import format_decimal

from service import charts
from service.catalogue.library import shipped
from service.catalogue.rules import Sentence
from service.words import translator

SIDES: Mapping[str, str] = {"left": "left side", "right": "right side", "both": "both sides"}

AGGRAVATORS: Mapping[str, str] = {
    "on_waking": "on waking",
    "first_steps": "first steps",
    "morning": "in the morning",
    "during_day": "during the day",
    "evening": "in the evening",
    "night_lying_on_side": "at night, lying on the side",
    "night_any_position": "at night",
    "sitting": "sitting",
    "rising_from_chair": "getting up from a chair",
    "walking": "walking",
    "running": "running",
    "cycling": "cycling",
    "stairs_up": "going up stairs",
    "stairs_down": "going down stairs",
    "standing_long": "standing for long",
    "standing_on_one_leg": "standing on one leg",
    "lying_on_sore_side": "lying on the sore side",
    "crossing_legs": "crossing the legs",
    "driving": "car",
    "coughing_or_straining": "cough or strain",
}

QUALITIES: Mapping[str, str] = {quality.id: quality.label for quality in shipped().qualities}

RADIATES: Mapping[str, str] = {
    "no": "does not run down the leg",
    "to_thigh": "runs to the thigh",
    "to_knee": "runs to the knee",
    "to_calf": "runs to the calf",
    "to_foot": "runs to the foot",
}

EFFORTS: Mapping[str, str] = {"light": "easy", "somewhat_hard": "OK", "hard": "hard"}
"""How hard a session was: the three steps of the plan's own scale (LEAP-P3) in everyday words."""

RESPONSES: Mapping[str, str] = {"better": "better", "same": "the same", "worse": "worse"}
"""The morning after a session, against before it."""

FIX_ANSWERS: Mapping[str, str] = {"done": "done", "still_fine": "still fine", "not_any_more": "not any more"}
"""Of a one-off fix: the second and third when it is looked at again."""

SKIP_REASONS: Mapping[str, str] = {
    "no_time": "no time",
    "hurts": "it hurts too much",
    "unsure_how": "not sure how",
    "no_gear": "no gear",
    "unwell": "not well",
    "away": "away",
}

HABIT_CHOICES: Mapping[str, str] = {
    "back": "on the back",
    "did_not_cross": "did not cross",
    "front": "on the front",
    "left_on_top": "left leg on top",
    "mixed": "both ways",
    "no": "no",
    "no_long_drive": "no long drive",
    "no_long_sitting": "did not sit for long",
    "no_stairs": "no stairs",
    "non_sore_side_no_pillow": "on the good side, no pillow",
    "non_sore_side_pillow": "on the good side, with a pillow",
    "not_sure": "not sure",
    "right_on_top": "right leg on top",
    "sore_side": "on the sore side",
    "yes": "yes",
    "yes_each_2h": "yes, every 2 hours",
    "yes_each_hour": "yes, every hour",
}

ROUTINES: Mapping[str, str] = {
    "glute": "Glute strength",
    "hamstring": "Hamstring stretch",
    "nerve": "Nerve glides",
    "other": "Other exercises",
}
"""By the group of an exercise; a therapist may have named a routine otherwise."""

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}

_ASIDE = re.compile(r"\s*\([^()]*\)")


def site_label(code: str) -> str:
    """The library's name of a pain site."""
    return next((site.label for site in shipped().sites if site.id == code), code)


def pain_terms(
    qualities: Iterable[str], radiates: str | None, timing: Iterable[str], aggravators: Iterable[str]
) -> list[str]:
    """What pain is like, how far it runs, when it comes and what brings it on."""
    runs = [RADIATES[radiates]] if radiates else []
    return [*(QUALITIES[c] for c in qualities), *runs, *(AGGRAVATORS[c] for c in (*timing, *aggravators))]


COMMA = "%(first)s, %(rest)s"
SEMICOLON = "%(first)s; %(rest)s"


def listed(parts: list[Sentence], joint: str = COMMA) -> Sentence:
    """`a, b, c`; at least one part."""
    first, *rest = parts
    return Sentence(joint, {"first": first, "rest": listed(rest, joint)}) if rest else first


def prompt_words(prompt: str, locale: str) -> str:
    """A habit's question without its asides, to stand beside an answer or a strip of days."""
    return without_asides(said(Sentence(prompt), locale))


def without_asides(words: str) -> str:
    return _ASIDE.sub("", words)


def whole_or_part(amount: float) -> int | float:
    """For a sentence: 4, not 4.0; a part is said with the comma or point of its language."""
    return int(amount) if float(amount).is_integer() else amount


def said(sentence: Sentence, locale: str) -> str:
    """The sentence in this language. An instant is shown as a time of day in the zone it carries."""
    gettext = translator(locale).gettext
    # A catalogue's own header stands under the empty msgid.
    return sentence.read(lambda msgid: gettext(msgid) if msgid else "", _shown(locale))


def _shown(locale: str) -> Callable[[object], str]:
    def show(part: object) -> str:
        if isinstance(part, datetime):
            return charts.clock_time(part, locale)
        if isinstance(part, date):
            return charts.week_day(part, locale)
        if isinstance(part, float):
            return format_decimal(part, locale=locale)
        return str(part)

    return show
