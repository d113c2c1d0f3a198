"""The form on a client's page in which staff note what the client told them."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from service.catalogue.rules import Sentence
from service.diary.actions import NewPain, NewSession
from service.diary.rules import WORST_SCORE, Outcome, SkipReason
from service.diary.tables import PAIN_KINDS
from service.errors import FieldProblem, Refused
from service.remedies import day_read
from service.review.actions.noting import Noted
from service.review.guards import Typed, whole_number
from service.review.schemas.noting import Noting
from service.terms import SKIP_REASONS, said

T = TypeVar("T")
_KINDS = {"now": "right now", "worst_24h": "worst of 24 hours", "average_24h": "average of 24 hours"}


def noting(locale: str) -> Noting:
    return Noting(_pairs(SKIP_REASONS, locale), _pairs(_KINDS, locale))


def _pairs(words: Mapping[str, str], locale: str) -> list[tuple[str, str]]:
    return [(code, said(Sentence(label), locale)) for code, label in words.items()]


def read(form: Typed) -> Noted:
    """Raises Refused with every field that cannot be right."""
    problems: list[FieldProblem] = []
    day, entry = _gathered(lambda form: day_read(form.one("day")), form, problems), _gathered(_entry, form, problems)
    session, pain = _gathered(_session, form, problems), _gathered(_pain, form, problems)
    if not problems and session is None and pain is None:
        problems.append(FieldProblem("/outcome", "nothing", "Say what was done, or how much pain there was."))
    if problems or day is None or entry is None:
        raise Refused(problems)
    return Noted(day, entry, session, pain)


def _gathered(part: Callable[[Typed], T], form: Typed, problems: list[FieldProblem]) -> T | None:
    try:
        return part(form)
    except Refused as refused:
        problems += refused.problems
        return None


def _entry(form: Typed) -> UUID:
    try:
        return UUID(form.one("entry"))
    except ValueError:
        raise Refused.one("/entry", "unknown", "Use the buttons of the page.") from None


def _session(form: Typed) -> NewSession | None:
    outcome, reason = form.one("outcome"), form.one("reason")
    problems = [
        FieldProblem(f"/{name}", "unknown", "Use one of the answers.")
        for name, value, known in (("outcome", outcome, list(Outcome)), ("reason", reason, list(SkipReason)))
        if value and value not in known
    ]
    if problems:
        raise Refused(problems)
    during = _score(form, "during")
    if not outcome:
        if reason or during is not None:
            raise Refused.one("/outcome", "needed", "Say what was done of the plan.")
        return None
    pain = {} if during is None else {"during": during}
    return NewSession(Outcome(outcome), reason=SkipReason(reason) if reason else None, pain=pain)


def _pain(form: Typed) -> NewPain | None:
    score, kind, note = _score(form, "score"), form.one("kind") or "now", form.one("note") or None
    if kind not in PAIN_KINDS:
        raise Refused.one("/kind", "unknown", "Use one of the answers.")
    if score is None and note is not None:
        raise Refused.one("/score", "needed", "Say how much pain there was.")
    return None if score is None else NewPain(score, kind, note=note)


def _score(form: Typed, name: str) -> int | None:
    """None for a field left empty."""
    typed = form.one(name)
    score = whole_number(typed)
    if typed and (score is None or score > WORST_SCORE):
        raise Refused.one(f"/{name}", "pain_score", "Use a whole number from 0 to 10.")
    return score
