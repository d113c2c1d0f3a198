"""The labels that a therapist picks for a client: what is prescribed is held against them."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, record_of
from service.accounts.rules import Right
from service.errors import GONE, Refused
from service.plans.actions.contexts import set_contexts
from service.review.guards import own_form
from service.review.pages.again import client_again


@post("/clients/{client_id:uuid}/contexts", include_in_schema=False)
async def pick_labels(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """The boxes that are ticked, and no others."""
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            await set_contexts(session, client_id, form.each("context"), staff.now)
    except Refused:
        return await client_again(staff, client_id, "labels", form, Refused.one("/context", "gone", GONE))
    return Redirect(f"/clients/{client_id}?done=labels#labels", status_code=303)


handlers = [pick_labels]
