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
    return ExerciseProposal(
        exercise=_step(found.exercise, locale),
        verdict=verdict.name.lower(),  # type: ignore[arg-type]
        words=said(Sentence(VERDICTS["keep" if keeps else verdict], parts), locale),
        easier=_step(found.easier, locale) if found.easier else None,
        harder=_step(found.harder, locale) if found.harder else None,
        draft_url=_draft(found.exercise.code, verdict, step, f"/clients/{client_id}/plan/new"),
    )


def _draft(code: str, verdict: Verdict, step: Exercise | None, builder: str) -> str:
    """The plan with the step taken, not sent. To hold is to send it as it is, looked at where it holds."""
    if step is not None:
        return f"{builder}?swap={code}&for={step.code}"
    return f"{builder}?swap={code}" if verdict is Verdict.STOP_AND_TELL else f"{builder}?from=current#line-{code}"


def _step(exercise: Exercise, locale: str) -> ExerciseStep:
    return ExerciseStep(exercise.code, said(Sentence(exercise.name), locale))
