"""The numbers of the rules about pain, silence, exercise and plans, which a clinic may make stricter and never looser.

Pure: a rule gets the limits of its family as an argument, read from the clinic's row by `limits_of`. What each comes
with is its default; the docstring of its family says where that is from. `within` gives the range and so its stricter
side, and the table's CHECKs, the form and the API all take it from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, TypeVar


def within(usual: int, strictest: int) -> int:
    """The field of a limit: its default, and how strict it may be at most, below or above that."""
    made: int = field(default=usual, metadata={"strictest": strictest})
    return made


@dataclass(frozen=True, slots=True)
class PainLimits:
    """When what somebody tells is for the clinic to look at, and asks them about warning signs.

    high_pain    a score from which somebody is asked, and, far over their usual, is to be called: our own choice
    pain_jump    so much over the person's own 14-day median: our own choice
    pain_rise    the median of the last three answered days, so much over the start: 2 points [SALAFFI]
    hurts_times  "it hurts too much" so often in 7 days: our own choice
    """

    high_pain: int = within(8, 6)
    pain_jump: int = within(3, 2)
    pain_rise: int = within(2, 1)
    hurts_times: int = within(2, 1)


@dataclass(frozen=True, slots=True)
class SilenceLimits:
    """When nobody hears of somebody. All three are our own choice.

    quiet_planned_days  planned days in a row without any log
    invited_hours       after an invitation that nobody followed
    unreached_texts     in a row; a phone that is off misses one, perhaps two
    """

    quiet_planned_days: int = within(3, 2)
    invited_hours: int = within(72, 24)
    unreached_texts: int = within(3, 2)


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """What the 24-hour rule goes by.

    load_pain      the most pain during or after exercise: 4 and 5 are acceptable, 6 and more ask for less (PAIN-TL,
                   PAIN-TL2); some plans use 3 (PURE-FAI, MD-HITCH)
    load_sessions  that must have gone well before more is proposed: our own choice (K), used in `progress_default`
    load_misses    the same trigger on so many sessions running asks for the easier exercise (`regress_default`:
                   PAIN-TL2, GK)
    load_percent   of the planned days of a week that must have been done: our own choice (K), used in
                   `progress_default`
    load_nights    of a week, woken by pain, from which a rise is for the therapist (`rv-night`: PP-GT, GK)
    """

    load_pain: int = within(5, 3)
    load_sessions: int = within(3, 6)
    load_misses: int = within(2, 1)
    load_percent: int = within(70, 100)
    load_nights: int = within(3, 1)


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What the prescribing guard warns from.

    guard_exercises    at a time: adherence falls beyond two to four [BACHMANN]; LEAP comes to about four families
                       [LEAP-P3]. `programme_rules.max_active_exercises` of the clinical catalogue
    guard_minutes      of one round of the whole plan: our own figure, no source was found. GLoBE's rounds took 10 to 15
                       [GLOBE]
    guard_loaded_days  from one loaded session of a muscle to the next, at least: 48 to 72 h between [ACSM-RES]
    guard_sore_days    how long a place that hurt speaks against an exercise: our own figure; two of the 7-day windows
                       that pain is compared in (clinical facts 4.2)
    """

    guard_exercises: int = within(4, 1)
    guard_minutes: int = within(20, 5)
    guard_loaded_days: int = within(2, 3)
    guard_sore_days: int = within(14, 28)


FAMILIES: Final = (PainLimits, SilenceLimits, LoadLimits, GuardLimits)
Family = TypeVar("Family", PainLimits, SilenceLimits, LoadLimits, GuardLimits)


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`; what it comes with is one of the two, and a clinic may only go away from it."""

    usual: int
    low: int
    high: int


def _ranges() -> Iterator[tuple[str, Range]]:
    for family in FAMILIES:
        comes_with = family()
        for one in fields(family):
            usual, strictest = getattr(comes_with, one.name), one.metadata["strictest"]
            yield one.name, Range(usual, min(usual, strictest), max(usual, strictest))


RANGES: Final[Mapping[str, Range]] = dict(_ranges())


def limits_of(family: type[Family], clinic: object) -> Family:
    """`clinic` has a column for each."""
    return family(**{name: getattr(clinic, name) for name in family.__slots__})
