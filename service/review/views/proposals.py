"""The 24-hour rule in the therapist's words, with the step of the chain it means."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from service.catalogue.rules import Sentence
from service.catalogue.tables import Exercise
from service.progress.facts import ExerciseProposal as Found
from service.progress.loading import Verdict
from service.review.schemas.proposals import ExerciseProposal, ExerciseStep
from service.terms import said

VERDICTS: Mapping[Verdict | str, str] = {
    Verdict.ADVANCE: "Advance to %(step)s: %(why)s.",
    Verdict.HOLD: "Hold: %(why)s.",
    Verdict.STEP_BACK: "Step back to %(step)s: %(why)s.",
    "keep": "Step back: leave this one out, and go on with %(step)s, which is in the plan: %(why)s.",
    Verdict.STOP_AND_TELL: "Stop this exercise and talk with them: %(why)s.",
}


def proposals(found: Sequence[Found], client_id: UUID, locale: str) -> list[ExerciseProposal]:
    return [_proposal(one, client_id, locale) for one in found]


def _proposal(found: Found, client_id: UUID, locale: str) -> ExerciseProposal:
    verdict = found.proposal.verdict
    step = {Verdict.ADVANCE: found.harder, Verdict.STEP_BACK: found.easier or found.kept}.get(verdict)
    keeps = step is not None and step is found.kept
    parts = {"why": found.proposal.why, "step": Sentence(step.name) if step else ""}
    draft = f"/clients/{client_id}/plan/new?swap={found.exercise.code}&for={step.code}" if step else None
    return ExerciseProposal(
        exercise=_step(found.exercise, locale),
        verdict=verdict.name.lower(),  # type: ignore[arg-type]
        words=said(Sentence(VERDICTS["keep" if keeps else verdict], parts), locale),
        easier=_step(found.easier, locale) if found.easier else None,
        harder=_step(found.harder, locale) if found.harder else None,
        draft_url=draft,
    )


def _step(exercise: Exercise, locale: str) -> ExerciseStep:
    return ExerciseStep(exercise.code, said(Sentence(exercise.name), locale))
