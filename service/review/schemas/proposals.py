"""What the 24-hour rule proposes for each exercise of the plan."""

from typing import Literal

from msgspec import Struct

VerdictName = Literal["advance", "hold", "step_back", "stop_and_tell"]


class ExerciseStep(Struct, frozen=True):
    code: str
    name: str


class ExerciseProposal(Struct, frozen=True, omit_defaults=True):
    """A proposal for the therapist, never applied by itself. `words` says what and why in a sentence; `easier` and
    `harder` are the next exercises of the chain, and `draft_url` opens the plan with that step as a draft."""

    exercise: ExerciseStep
    verdict: VerdictName
    words: str
    easier: ExerciseStep | None = None
    harder: ExerciseStep | None = None
    draft_url: str | None = None
