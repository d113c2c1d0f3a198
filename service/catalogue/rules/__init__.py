"""Exercises and doses as values, and the checks a prescription has to pass.

Every figure comes from an entry of the shipped library, which names its source.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any, Literal, Self

import msgspec

Span = tuple[int, int]
Words = tuple[str, ...]

SECONDS_PER_REP = 4
"""For a tempo without figures ("slow"): our own assumption, two seconds each way."""

_TEMPO_SECONDS = re.compile(r"(\d+)(?:-\d+)? s\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the message catalogue and what goes into it; a part may be a sentence too."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def read(self, translate: Callable[[str], str], show: Callable[[object], str] = str) -> str:
        """`show` puts numbers, days and instants into the reader's words."""
        text = translate(self.msgid)
        parts = {
            name: part.read(translate, show) if isinstance(part, Sentence) else show(part)
            for name, part in self.params.items()
        }
        return text % parts if parts else text

    def __str__(self) -> str:
        return self.read(str)

    def stored(self) -> dict[str, Any]:
        parts = {name: p.stored() if isinstance(p, Sentence) else p for name, p in self.params.items()}
        return {"msgid": self.msgid, "params": parts}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        parts = {n: cls.from_stored(p) if isinstance(p, dict) else p for n, p in stored["params"].items()}
        return cls(stored["msgid"], parts)


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class WorkingSide(StrEnum):
    """Which leg is trained: the one that stands in a hip hitch, the one that moves in a clamshell."""

    MOVING = "moving"
    STANCE = "stance"
    BOTH = "both"


class Effort(StrEnum):
    LIGHT = "light"
    SOMEWHAT_HARD = "somewhat_hard"
    HARD = "hard"


class LoadUnit(StrEnum):
    KG = "kg"
    LB = "lb"
    BAND = "band"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Part of the shipped library."""


class DoseRange(Entry, frozen=True):
    """Lowest and highest of each field. `reps` counts one side, or all of them where the side is both."""

    sets: Span
    reps: Span
    hold_seconds: Span
    rest_seconds: Span
    tempo: str
    per_day: Span
    days_per_week: Span
    effort: Effort
    total_seconds_per_muscle_session: Span | None = None
    weekly_minutes_per_muscle: Span | None = None
    contract_seconds: Span | None = None
    contract_effort_percent: Span | None = None


class Emg(Entry, frozen=True):
    """Percent of maximal voluntary contraction in healthy adults: for ranking exercises, never a target."""

    gmax_pct_mvic: Span | None
    gmed_pct_mvic: Span | None
    band: Literal["unknown", "low", "moderate", "high", "very_high"]
    source: Words
    note: str | None = None


class Exercise(Entry, frozen=True):
    """`caution`, `avoid` and `not_before_week` (first programme week allowed) are by context."""

    id: str
    name: str
    group: Literal["glute", "hamstring", "nerve"]
    stage: Literal["isometric", "isotonic", "functional", "loaded", "static", "active", "pnf", "nerve"]
    level: int
    position: str
    equipment: Words
    targets: dict[Literal["primary", "secondary"], Words]
    sides: tuple[Side, ...]
    working_side: WorkingSide
    dose: DoseRange
    emg: Emg | None
    easier: Words
    harder: Words
    fits: Words
    caution: dict[str, str]
    avoid: dict[str, str]
    cues: Words
    mistakes: Words
    stop: Words
    source: dict[Literal["selection", "dose", "technique"], Words]
    side_note: str | None = None
    not_before_week: dict[str, int] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dose:
    """What is prescribed. `side` is None until somebody chooses it: a side is never guessed."""

    sets: int
    reps: int
    hold_seconds: int
    rest_seconds: int
    tempo: str | None
    load: float | None
    load_unit: LoadUnit | None
    effort: Effort | None
    side: Side | None
    working_side: WorkingSide


def dose_default(exercise: Exercise) -> Dose:
    """The low end of every range: the gentlest dose the sources know."""
    low = exercise.dose
    return Dose(
        sets=low.sets[0],
        reps=low.reps[0],
        hold_seconds=low.hold_seconds[0],
        rest_seconds=low.rest_seconds[0],
        tempo=low.tempo,
        load=None,
        load_unit=None,
        effort=low.effort,
        side=exercise.sides[0] if len(exercise.sides) == 1 else None,
        working_side=exercise.working_side,
    )


_TRAINED = {
    WorkingSide.MOVING: Sentence("This exercise trains the leg that moves."),
    WorkingSide.STANCE: Sentence("This exercise trains the leg that stands."),
}


RANGED = ("sets", "reps", "hold_seconds", "rest_seconds")
"""The fields of a dose that have a range; a therapist may leave it, and says why."""


def dose_problems(exercise: Exercise, dose: Dose) -> list[tuple[str, Sentence]]:
    """The fields outside what the library allows, each with what would be right."""
    problems = []
    for name in RANGED:
        low, high = getattr(exercise.dose, name)
        if not low <= getattr(dose, name) <= high:
            problems.append((name, _span_words(low, high)))
    problems += _load_problems(dose)
    if dose.side not in exercise.sides:
        problems.append(("side", _side_words(exercise.sides)))
    if exercise.working_side in _TRAINED and dose.working_side != exercise.working_side:
        problems.append(("working_side", _TRAINED[exercise.working_side]))
    return problems


def _span_words(low: int, high: int) -> Sentence:
    if low == high:
        return Sentence("Use %(value)s.", {"value": low})
    return Sentence("Use a whole number from %(low)s to %(high)s.", {"low": low, "high": high})


def _side_words(sides: tuple[Side, ...]) -> Sentence:
    if sides == (Side.BOTH,):
        return Sentence("This exercise works both sides at once: choose both.")
    if Side.BOTH in sides:
        return Sentence("Choose left, right or both.")
    return Sentence("Choose left or right.")


def _load_problems(dose: Dose) -> list[tuple[str, Sentence]]:
    if dose.load is not None and dose.load < 0:
        return [("load", Sentence("Use 0 or more."))]
    if dose.load is not None and dose.load_unit is None:
        return [("load_unit", Sentence("Choose kg, lb or band."))]
    if dose.load is None and dose.load_unit is not None:
        return [("load", Sentence("Say how much, or leave the unit out."))]
    return []


def rep_seconds(dose: Dose) -> int:
    """How long the moving of one rep lasts, beside its hold: the figures in its tempo, or `SECONDS_PER_REP`."""
    return sum(int(figure) for figure in _TEMPO_SECONDS.findall(dose.tempo or "")) or SECONDS_PER_REP


def rests_between_holds(dose: Dose) -> bool:
    """The rest falls between sets; in a single set of holds it falls between the holds."""
    return dose.sets == 1 and dose.hold_seconds > 0


def seconds(dose: Dose) -> int:
    """An estimate."""
    work = dose.sets * dose.reps * (dose.hold_seconds + rep_seconds(dose))
    rests = dose.reps - 1 if rests_between_holds(dose) else dose.sets - 1
    return work + rests * dose.rest_seconds


def minutes(*doses: Dose) -> int:
    """Whole minutes, rounded up once for all of them."""
    return ceil(sum(seconds(dose) for dose in doses) / 60)


class Guard(StrEnum):
    AVOID = "avoid"
    TOO_EARLY = "too_early"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class Contradiction:
    guard: Guard
    context: str
    reason: Sentence


def contradictions(exercise: Exercise, contexts: Collection[str], week: int | None = None) -> list[Contradiction]:
    """What speaks against this exercise for these labels, the gravest first. `week` is the programme week."""
    early = {
        context: Sentence("Not before week %(week)s of the programme.", {"week": first})
        for context, first in exercise.not_before_week.items()
        if week is not None and week < first
    }
    found: dict[Guard, Mapping[str, Sentence]] = {
        Guard.AVOID: {context: Sentence(why) for context, why in exercise.avoid.items()},
        Guard.TOO_EARLY: early,
        Guard.CAUTION: {context: Sentence(why) for context, why in exercise.caution.items()},
    }
    return [
        Contradiction(guard, context, reason)
        for guard, reasons in found.items()
        for context, reason in reasons.items()
        if context in contexts
    ]
