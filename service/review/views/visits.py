"""Visits and hands-on treatments as lines through the charts, beside the changes of the plan."""

from collections.abc import Sequence
from datetime import date

from service.catalogue.rules import Sentence
from service.review.queries.person import Person
from service.review.schemas import PlanChange
from service.review.views.intake import TREATMENTS
from service.terms import listed, said


def visit_lines(known: Person, days: Sequence[date], locale: str) -> list[PlanChange]:
    """One for each day with any, numbered from the first on."""
    words: dict[date, list[str]] = {}
    for visit in known.visits:
        words[visit.day] = ["Visit"]
    for treatment in known.treatments:
        words.setdefault(treatment.day, []).append(TREATMENTS[treatment.kind])
    shown = [day for day in sorted(words) if days[0] <= day <= days[-1]]
    return [
        PlanChange(day, str(number), said(listed([Sentence(one) for one in dict.fromkeys(words[day])]), locale))
        for number, day in enumerate(shown, 1)
    ]
