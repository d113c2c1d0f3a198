"""The 24-hour rule in the therapist's words, with the step of the chain it means."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from msgspec.structs import replace

from service.catalogue.rules import Sentence
from service.catalogue.tables import Exercise
from service.plans.queries import Content
from service.plans.rules.ahead import Direction
from service.progress.facts import ExerciseProposal as Found
from service.progress.loading import Verdict
from service.review.schemas.proposals import ExerciseProposal, ExerciseStep, StepTaken
from service.review.views.allowing import step_words
from service.terms import said

VERDICTS: Mapping[Verdict | str, str] = {
    Verdict.ADVANCE: "Advance to %(step)s: %(why)s.",
    Verdict.HOLD: "Hold: %(why)s.",
    Verdict.STEP_BACK: "Step back to %(step)s: %(why)s.",
    "keep": "Step back: leave this one out, and go on with %(step)s, which is in the plan: %(why)s.",
    Verdict.STOP_AND_TELL: "Stop this exercise and talk with them: %(why)s.",
}


TOLD_FOR = timedelta(days=28)
"""How long after its first day a step that was taken by itself is shown among the proposals."""

_ALLOWED = {
    Direction.HARDER: "Allowed ahead by %(by)s until %(day)s: on to %(step)s.",
    Direction.EASIER: "Allowed ahead by %(by)s until %(day)s: back to %(step)s.",
}


def proposals(found: Sequence[Found], client_id: UUID, locale: str) -> list[ExerciseProposal]:
    return [_proposal(one, client_id, locale) for one in found]


def with_steps(
    found: Sequence[Found], client_id: UUID, names: Mapping[UUID, str], today: date, locale: str
) -> list[ExerciseProposal]:
    """With what is allowed ahead."""
    shown = zip(proposals(found, client_id, locale), found, strict=True)
    return [replace(one, allowed=_allowed(of, names, today, locale)) for one, of in shown]


def _allowed(found: Found, names: Mapping[UUID, str], today: date, locale: str) -> list[str]:
    ahead = found.ahead
    if ahead is None or ahead.until < today:
        return []
    parts = {"by": names.get(ahead.by, ""), "day": ahead.until}
    return [
        said(Sentence(_ALLOWED[way], {**parts, "step": step_words(step, ahead.steps[way].side)}), locale)
        for way, step in found.steps.items()
    ]


def steps_taken(versions: Sequence[Content], names: Mapping[UUID, str], today: date, locale: str) -> list[StepTaken]:
    """Of the plan that runs, the newest first."""
    running = [content for content in versions if content.plan.ended_on is None]
    taken = [
        (before, after)
        for before, after in pairwise(running)
        if after.version.step_key and after.version.starts_on > today - TOLD_FOR
    ]
    return [_taken(before, after, names, locale) for before, after in reversed(taken)]


def _taken(before: Content, after: Content, names: Mapping[UUID, str], locale: str) -> StepTaken:
    version = after.version
    parts = {
        "day": version.starts_on,
        "by": names.get(version.created_by, ""),
        "change": Sentence.from_stored(version.change_lines[0]),
        "why": Sentence.from_stored(version.step_why or {}),
    }
    words = said(Sentence("From %(day)s. %(change)s, by %(by)s. Why: %(why)s.", parts), locale)
    undo_url = f"/clients/{version.client_id}/plan/new?from=version:{before.version.id}"
    return StepTaken(words, undo_url)


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
