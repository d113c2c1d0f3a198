"""What the library holds beside exercises and habits."""

from enum import StrEnum
from typing import Literal

import msgspec

from service.catalogue.rules import Effort, Entry, Side, Span, Words


class Source(Entry, frozen=True):
    """`seen` is how sure we are: V read, L located, K general; None where the citing entry says it."""

    id: str
    cite: str
    url: str
    url2: str | None = None
    seen: Literal["V", "L", "K"] | None = None
    note: str | None = None


class Context(Entry, frozen=True):
    """A label a therapist picks. Never set by software, never shown to a client as a finding."""

    id: str
    name: str
    source: Words


class Phase(Entry, frozen=True):
    """`weeks` are the first and last programme week, both included."""

    name: str
    weeks: Span
    per_week: int
    exercises: Words
    alternates: dict[str, str] = msgspec.field(default_factory=dict)
    note: str | None = None
    effort: Effort | None = None


class Programme(Entry, frozen=True):
    id: str
    name: str
    contexts: Words
    weeks: int
    evidence: str
    phases: tuple[Phase, ...]
    must_habits: Words
    avoid_now: Words
    source: Words
    escalate: Words = ()


class Fix(Entry, frozen=True):
    """Something to put right once. After `recheck_days` one may ask whether it is still in place: our own figures."""

    id: str
    seed: str
    prompt: str
    recheck_days: int
    contexts: Words
    why: str
    strength: Literal["moderate", "weak"]
    source: Words


class Site(Entry, frozen=True):
    """Where it hurts. `differential_for_therapist` is something to consider, never shown to a client."""

    id: str
    label: str
    snomed: str | None
    sides: tuple[Side, ...]
    seed_hint: str
    differential_for_therapist: Words
    source: Words
    snomed_term: str | None = None
    icf: str | None = None


class Quality(Entry, frozen=True):
    """What the pain is like."""

    id: str
    label: str
    snomed: str | None
    source: Words


class Pattern(Entry, frozen=True):
    """What was reported together: one code of each group of `all_of` (sites, qualities, times, aggravators, how far it
    runs, warning signs). `suggests` are contexts for the therapist to consider; a `warning` suggests none."""

    reported: str
    all_of: tuple[Words, ...]
    suggests: Words
    source: Words
    warning: bool = False


class FlagTier(StrEnum):
    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    SOON = "soon"


class RedFlag(Entry, frozen=True):
    id: str
    tier: FlagTier
    ask: str
    group: str
    source: Words


class FlagAction(Entry, frozen=True):
    """What the person is told, word for word, and what the system does."""

    patient: str
    source: Words
    system: str | None = None


TIMES = frozenset({"on_waking", "morning", "during_day", "evening", "night_lying_on_side", "night_any_position"})
"""Of the one list of the file ("waking, first steps, sitting"), those that say when and not what brings it on."""
