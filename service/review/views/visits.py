"""Visits and hands-on treatments as lines through the charts, beside the changes of the plan."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.intake.queries import treatments, visits
from service.review.schemas import PlanChange
from service.review.views.intake import TREATMENTS
from service.terms import listed, said


async def visit_lines(session: ClinicSession, client_id: UUID, days: Sequence[date], locale: str) -> list[PlanChange]:
    """One for each day with any, numbered from the first on."""
    words: dict[date, list[str]] = {}
    for visit in await visits(session, client_id):
        words[visit.day] = ["Visit"]
    for treatment in await treatments(session, client_id):
        words.setdefault(treatment.day, []).append(TREATMENTS[treatment.kind])
    shown = [day for day in sorted(words) if days[0] <= day <= days[-1]]
    return [
        PlanChange(day, str(number), said(listed([Sentence(one) for one in dict.fromkeys(words[day])]), locale))
        for number, day in enumerate(shown, 1)
    ]
