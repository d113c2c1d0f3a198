"""When somebody is asked about warning signs, and how soon a yes asks for care. Everything errs towards asking."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.accounts.rules.limits import PainLimits
from service.catalogue.library import FlagTier, shipped

WORDING: Final = 2
"""Kept with each answer. Raised with every change of a question, or of what is told after a yes."""

FULL_EVERY: Final = timedelta(weeks=4)
WEEK: Final = timedelta(days=7)
"""All questions in the beginning and every four weeks, the short ones every week (rr-cadence)."""

ASKS_FOR: Final = timedelta(hours=48)
"""How long a high score still asks: later, the weekly questions do. Our own choice."""

RESTS_FOR: Final = timedelta(hours=24)
"""All questions answered, another high score does not ask again for as long; danger words do. Our own choice."""

SHORT: Final = ("rf-saddle", "rf-bladder", "rf-fall", "rf-fever")
"""New numb saddle or bladder change; cannot bear weight after a fall; fever with hip pain (rr-cadence)."""

GROUPS: Final = {
    "Feeling, bladder and strength": ("cauda_equina", "nerve_deficit"),
    "Falls and weight on the leg": ("fracture", "bone_stress", "postop"),
    "Fever and belly": ("infection", "abdominal", "vascular"),
    "Breath and legs": ("clot",),
    "Low belly and private parts": ("pelvic",),
    "How you have been": ("malignancy", "malignancy_or_infection", "avascular", "age"),
}
"""Headings, as msgids, and the catalogue's groups under each: a long list is read in short pieces."""

HURTS_DAYS: Final = 7
"""In which somebody skips because it hurts too much, as often as the clinic's limit says: our own choice."""

NOT_WATCHED: Final = "This page is not watched day and night. In an emergency call %(number)s."

FLAGS: Final = {flag.id: flag for flag in shipped().red_flags}
_BY_URGENCY: Final = list(FlagTier)


class Why(StrEnum):
    """Why somebody is asked, what comes first being more urgent."""

    WORDS = "words"
    PAIN = "pain"
    FULL = "full"
    WEEKLY = "weekly"
    OWN = "own"  # told unasked, or at the question of staff


class Urgency(StrEnum):
    URGENT = "urgent"
    CAN_WAIT = "can_wait"


ON_EVENTS: Final = frozenset({Why.WORDS, Why.PAIN})
"""Asked before anything else; the others have their place among the day's questions."""


@dataclass(frozen=True, slots=True)
class Screen:
    why: Why
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Questions that were answered, and when; `full` when all of them were asked."""

    at: datetime
    full: bool


def is_alarming(score: int, usual: float | None, limits: PainLimits) -> bool:
    """`usual` is the person's own 14-day median."""
    return score >= limits.high_pain or (usual is not None and score - usual >= limits.pain_jump)


def is_full(asked: Collection[str]) -> bool:
    return set(FLAGS) <= set(asked)


def all_questions(why: Why) -> Screen:
    return Screen(why, tuple(FLAGS))


def due(
    now: datetime, told: Iterable[Told], *, pain_at: datetime | None, words_at: datetime | None, flag_open: bool
) -> Screen | None:
    """`pain_at` is when the newest alarming score was told, `words_at` when a danger sign was written that nobody has
    cleared. While a warning sign is open the regular questions wait: its therapist knows, and the plan rests."""
    answered = list(told)
    last_full = max((one.at for one in answered if one.full), default=None)
    if words_at is not None and (last_full is None or last_full < words_at):
        return all_questions(Why.WORDS)
    if pain_at is not None and now - pain_at < ASKS_FOR and (last_full is None or pain_at - last_full >= RESTS_FOR):
        return all_questions(Why.PAIN)
    if flag_open:
        return None
    if last_full is None or now - last_full >= FULL_EVERY:
        return all_questions(Why.FULL)
    last = max(one.at for one in answered)
    return Screen(Why.WEEKLY, SHORT) if now - last >= WEEK else None


def asks_urgency(now: datetime, hurts_at: Iterable[datetime], answered_at: datetime | None, limits: PainLimits) -> bool:
    """Whether somebody who skips their plan for pain, again, is asked if it can wait for the visit: only they can
    tell, and it decides whether the clinic calls. `hurts_at` is when they told it."""
    lately = sorted(at for at in hurts_at if now - at < timedelta(days=HURTS_DAYS))
    if len(lately) < limits.hurts_times or now - lately[-1] >= ASKS_FOR:
        return False
    return answered_at is None or answered_at < lately[-1]


def most_urgent(yes: Iterable[str]) -> FlagTier | None:
    """How soon the answers ask for care; None when none was yes."""
    tiers = [FLAGS[code].tier for code in yes]
    return min(tiers, key=_BY_URGENCY.index, default=None)


def by_urgency(yes: Iterable[str]) -> list[str]:
    return sorted(yes, key=lambda code: _BY_URGENCY.index(FLAGS[code].tier))


def care_words(tier: FlagTier | str) -> list[str]:
    """What is told after a yes, as msgids: fixed sentences, word for word those of the catalogue."""
    actions = shipped().flag_actions
    return [actions[tier].patient, NOT_WATCHED, actions["always"].patient]


def grouped(questions: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Under their headings, in the order of the catalogue."""
    listed = [(title, [code for code in questions if FLAGS[code].group in groups]) for title, groups in GROUPS.items()]
    return [(title, codes) for title, codes in listed if codes]
