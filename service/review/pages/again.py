"""A client's page again, with the form that could not be kept as it was typed, and what would be right beside it."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response
from msgspec.structs import replace

from service.accounts.guards import Caller
from service.errors import FieldProblem, Refused
from service.page import page
from service.review.guards import Typed
from service.review.pages.staff import client_view
from service.review.schemas.forms import Sent
from service.review.views.contexts import label_options
from service.words import translator


async def client_again(staff: Caller, client_id: UUID, place: str, form: Typed, refused: Refused) -> Response[str]:
    """`place` is the form's name on the page."""
    async with staff.tx() as session:
        view = await client_view(session, staff, client_id)
    if place == "labels":
        view = replace(view, labels=label_options(form.each("context"), staff.person.locale))
    return page(
        "review/client.html",
        locale=staff.person.locale,
        status_code=422,
        view=replace(view, sent=sent_as(place, form, refused.problems, staff.person.locale)),
        csrf=staff.csrf,
        band=staff.band,
    )


def sent_as(place: str, form: Typed, problems: Sequence[FieldProblem], locale: str) -> Sent:
    say = translator(locale).gettext
    typed = {name: form.one(name) for name, _ in form.pairs if name != "csrf"}
    return Sent(place, typed, {one.pointer.strip("/"): say(one.message) for one in problems})
