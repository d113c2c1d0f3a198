"""What is proposed to a therapist: by the 24-hour rule for each exercise, and by a programme for its next phase.
And what was applied, since it was allowed ahead."""

from typing import Literal

from msgspec import Struct

VerdictName = Literal["advance", "hold", "step_back", "stop_and_tell"]


class ExerciseStep(Struct, frozen=True):
    code: str
    name: str


class ExerciseProposal(Struct, frozen=True, omit_defaults=True):
    """A proposal for the therapist, not applied by itself unless it was allowed ahead. `words` says what and why in a
    sentence; `easier` and `harder` are the next exercises of the chain. `draft_url` opens the plan as a draft with that
    step taken: another exercise in its place, or it left out where it is to stop, or all as it is where it holds."""

    exercise: ExerciseStep
    verdict: VerdictName
    words: str
    easier: ExerciseStep | None = None
    harder: ExerciseStep | None = None
    draft_url: str | None = None
    allowed: list[str] = []
    """Steps that somebody allowed ahead: with those it is applied by itself, in the evening."""


class StepTaken(Struct, frozen=True):
    """A proposal that was applied, since somebody allowed it ahead. `undo_url` opens the version before as a draft."""

    words: str
    undo_url: str


class PhaseProposal(Struct, frozen=True):
    """A proposal for the therapist, never applied by itself; `draft_url` opens the plan with the phase as a draft."""

    words: str
    draft_url: str


class ProgrammeLine(Struct, frozen=True, omit_defaults=True):
    """`words` is "Hip osteoarthritis programme: phase 1 of 3, week 2"; `advice` is what the sources say of a phase."""

    words: str
    due: PhaseProposal | None = None
    advice: str | None = None
