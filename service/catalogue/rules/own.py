"""A clinic's own exercise: what may be said of it, and its entry in the shape of the shipped ones."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.catalogue.rules import DoseRange, Effort, Exercise, Side, Span, Words, WorkingSide
from service.errors import FieldProblem

GROUPS: Final = ("glute", "hamstring", "nerve")
STAGES: Final = ("functional", "isotonic", "isometric", "loaded", "static", "active", "pnf", "nerve")
BOUNDS: Final = {"sets": (1, 20), "reps": (1, 200), "hold_seconds": (0, 600)}
"""Our own figures, against slips of the pen."""
MOST_CUES: Final = 8
LONGEST_LINE: Final = 200
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class OwnExercise:
    name: str
    group: str
    sides: Sequence[Side]
    working_side: WorkingSide
    sets: Span
    reps: Span
    hold_seconds: Span
    stage: str = "functional"
    position: str = ""
    equipment: Words = ()
    cues: Words = ()
    rest_seconds: Span = (30, 90)
    per_day: Span = (1, 1)
    days_per_week: Span = (2, 7)
    effort: Effort = Effort.SOMEWHAT_HARD
    tempo: str = "slow"


def problems(own: OwnExercise) -> list[FieldProblem]:
    lines = {"cues": own.cues, "equipment": own.equipment, "position": (own.position,)}
    found = [
        FieldProblem(f"/{name}", "length", "Use at most 200 characters in a line.")
        for name, words in lines.items()
        if any(len(line) > LONGEST_LINE or not line.isprintable() for line in words)
    ]
    if not own.name.strip() or len(own.name) > LONGEST_NAME or not own.name.isprintable():
        found.append(FieldProblem("/name", "length", "Use 1 to 120 characters."))
    if len(own.cues) > MOST_CUES:
        found.append(FieldProblem("/cues", "many", "Use at most 8 lines: nobody keeps more in mind."))
    for name, (low, high) in BOUNDS.items():
        first, last = getattr(own, name)
        if not low <= first <= last <= high:
            message = {
                "sets": "Use 1 to 20, the lowest first.",
                "reps": "Use 1 to 200, the lowest first.",
                "hold_seconds": "Use 0 to 600, the lowest first.",
            }[name]
            found.append(FieldProblem(f"/{name}", "range", message))
    return found


def entry_of(own: OwnExercise, code: str) -> Exercise:
    """In the shape of the shipped ones; the clinic itself is its source."""
    return Exercise(
        id=code,
        name=own.name,
        group=own.group,  # type: ignore[arg-type]
        stage=own.stage,  # type: ignore[arg-type]
        level=1,
        position=own.position,
        equipment=own.equipment,
        targets={},
        sides=tuple(own.sides),
        working_side=own.working_side,
        dose=DoseRange(
            sets=own.sets,
            reps=own.reps,
            hold_seconds=own.hold_seconds,
            rest_seconds=own.rest_seconds,
            tempo=own.tempo,
            per_day=own.per_day,
            days_per_week=own.days_per_week,
            effort=own.effort,
        ),
        emg=None,
        easier=(),
        harder=(),
        fits=(),
        caution={},
        avoid={},
        cues=own.cues,
        mistakes=(),
        stop=(),
        source={},
    )


def own_of(entry: Exercise) -> OwnExercise:
    """What a clinic said of its exercise, to be said anew."""
    dose = entry.dose
    return OwnExercise(
        name=entry.name,
        group=entry.group,
        sides=entry.sides,
        working_side=entry.working_side,
        sets=dose.sets,
        reps=dose.reps,
        hold_seconds=dose.hold_seconds,
        stage=entry.stage,
        position=entry.position,
        equipment=entry.equipment,
        cues=entry.cues,
        rest_seconds=dose.rest_seconds,
        per_day=dose.per_day,
        days_per_week=dose.days_per_week,
        effort=dose.effort,
        tempo=dose.tempo,
    )


def code_of(name: str, taken: Sequence[str]) -> str:
    """Readable letters of the name, and a number where another one has them."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    stem = f"own-{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')}"[:50].strip("-")
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(code for code in numbered if code not in taken)
