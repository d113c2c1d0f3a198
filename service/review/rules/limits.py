"""What the page of a clinic's limits says of each: its name for staff, and where its number is from."""

from collections.abc import Mapping
from typing import Final

from service.accounts.rules.limits import RANGES
from service.errors import FieldProblem, Refused
from service.review.rules.settings import Setting

OWN: Final = "Our own choice, not a trial's."

WORDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "Pain": {
        "high_pain": ("A score from here on asks about warning signs; far over the usual it is one to call", OWN),
        "pain_jump": (
            "Points over the person's own 14-day median that ask about warning signs, and are far over the usual",
            OWN,
        ),
        "pain_rise": (
            "Points by which the last three answers are over the start until somebody should look",
            "Less than 2 points is mostly too small to call (Salaffi and others, 2004).",
        ),
        "hurts_times": ("“It hurts too much”, so often in 7 days, until somebody should look", OWN),
    },
    "Silence": {
        "quiet_planned_days": ("Planned days in a row without any log until somebody counts as quiet", OWN),
        "invited_hours": ("Hours after an invitation that nobody followed until somebody counts as quiet", OWN),
        "unreached_texts": (
            "Texts in a row that did not arrive until we say so",
            "A phone that is off misses one, perhaps two. Our own choice, not a trial's.",
        ),
    },
    "The 24-hour rule": {
        "load_pain": (
            "The most pain during or after exercise that is acceptable",
            "The pain traffic light: 4 and 5 are acceptable, 6 is too much. Some clinics use 3.",
        ),
        "load_sessions": ("Sessions that must have gone well before more is proposed", OWN),
        "load_misses": (
            "Sessions running that went badly until the easier exercise is proposed",
            "General knowledge: hold on one miss, step back on two.",
        ),
        "load_percent": ("Percent of a week's planned days that must be done before more is proposed", OWN),
        "load_nights": (
            "Nights of a week broken by pain, and more than the week before, until less is proposed",
            "Night pain that rises is for the therapist (outer-hip tendon pain guidance).",
        ),
    },
    "Prescribing": {
        "guard_exercises": (
            "The most exercises at a time before a reason is asked for",
            "People keep up with two to four (Bachmann and others); LEAP comes to about four.",
        ),
        "guard_minutes": (
            "The most minutes of one round of the plan before a reason is asked for",
            "Our own choice. GLoBE's rounds took 10 to 15.",
        ),
        "guard_loaded_days": (
            "Days from one loaded session of a muscle to the next, at least",
            "48 to 72 hours between (American College of Sports Medicine).",
        ),
        "guard_sore_days": ("Days for which a place that hurt speaks against an exercise", OWN),
    },
}
"""By family, in the order of the page; all of them msgids."""

LIMITS: Final[Mapping[str, Setting]] = {
    name: Setting(RANGES[name].low, RANGES[name].high, *words)
    for family in WORDS.values()
    for name, words in family.items()
}


def refuse_looser(given: Mapping[str, int | None]) -> None:
    """Raises Refused with every limit that is out of its range, or no whole number."""
    wrong = [name for name, number in given.items() if number is None or not _fits(name, number)]
    if wrong:
        raise Refused([FieldProblem(f"/{name}", "range", LIMITS[name].hint) for name in wrong])


def _fits(name: str, number: int) -> bool:
    return RANGES[name].low <= number <= RANGES[name].high
