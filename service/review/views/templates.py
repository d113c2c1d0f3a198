"""The clinic's templates, to be named anew or taken away."""

from collections.abc import Sequence
from uuid import UUID

from service.accounts.guards import Caller
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.review.guards import bar_of
from service.review.schemas.forms import Field
from service.review.schemas.starting import TemplateRow, TemplatesView
from service.review.views.starting import templates_told
from service.terms import said


async def templates_view(
    session: ClinicSession,
    staff: Caller,
    wrong: UUID | None = None,
    typed: str = "",
    problems: Sequence[FieldProblem] = (),
) -> TemplatesView:
    """`wrong` is the one whose new name, as typed, cannot be right."""
    locale = staff.person.locale
    words = " ".join(said(Sentence(problem.message), locale) for problem in problems)
    return TemplatesView(
        bar=await bar_of(session, staff),
        templates=[
            TemplateRow(row.id, Field(typed, words) if row.id == wrong else Field(row.name), facts)
            for row, facts in await templates_told(session, locale)
        ],
    )
