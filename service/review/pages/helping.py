"""Staff name a helper when the client said yes, and end that."""

from typing import Final
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.errors import FieldProblem, Refused
from service.intake.actions.helpers import NewHelper, end_helper, name_helper
from service.intake.queries.helpers import helpers
from service.intake.rules.helpers import HELPER_YES, helper_problems
from service.page import page
from service.review.actions.helping import send_link
from service.review.guards import Typed, own_form
from service.review.pages.staff import client_view
from service.review.rules.helping import SEND_YES
from service.review.views.helping import Naming, helping
from service.words import translator

NOT_AGREED: Final = "Read the words to the client, and tick them when they agree."


@post("/clients/{client_id:uuid}/helpers", include_in_schema=False, status_code=200)
async def add_helper(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str]:
    """The link stands in the answer and nowhere else: staff hand it over, or the client does."""
    staff.require(Right.SEE_RECORD)
    form, refused, made = await own_form(request, staff), Refused(), None
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id)
            new = _new(form, translator(client.locale).gettext(HELPER_YES), staff.clinic.country)
            named = await name_helper(session, client, new, staff.settings.secret_key, staff.now)
            if form.has("send"):
                await send_link(session, client, named.id, _send_yes(client), staff.person.id, staff.now)
        made = named
    except Refused as problem:
        refused = problem
    return await _page(staff, client_id, Naming(None if made else form, refused.problems, made))


@post("/clients/{client_id:uuid}/helpers/{helper_id:uuid}/send", include_in_schema=False)
async def send_to_helper(
    request: AnyRequest, client_id: FromPath[UUID], helper_id: FromPath[UUID], staff: AnyCaller
) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id)
            if not form.has("send"):
                raise Refused.one("/send", "consent", NOT_AGREED)
            await send_link(session, client, helper_id, _send_yes(client), staff.person.id, staff.now)
    except Refused as refused:
        return await _page(staff, client_id, Naming(problems=refused.problems, about=helper_id))
    return Redirect(f"/clients/{client_id}?done=helper_sent#helpers", status_code=303)


async def _page(staff: Caller, client_id: UUID, naming: Naming) -> Response[str]:
    async with staff.tx() as session:
        view = await client_view(session, staff, client_id)
        named = await helpers(session, client_id, staff.now)
        shown = await helping(session, staff, await record_of(session, staff, client_id), named, naming)
    return page(
        "review/client.html",
        locale=staff.person.locale,
        status_code=200 if naming.made else 422,
        view=replace(view, helping=shown),
        csrf=staff.csrf,
        band=staff.band,
    )


def _send_yes(client: Client) -> str:
    return translator(client.locale).gettext(SEND_YES)


def _new(form: Typed, wording: str, country: str) -> NewHelper:
    try:
        helper_id = UUID(form.one("entry"))
    except ValueError:
        raise Refused.one("/entry", "unknown", "Use the buttons of the page.") from None
    if not form.has("agreed"):
        wrong = helper_problems(form.one("name"), form.one("relation"), form.one("contact"), country)
        raise Refused([*wrong, FieldProblem("/agreed", "consent", NOT_AGREED)])
    return NewHelper(helper_id, form.one("name"), form.one("relation"), form.one("contact"), wording)


@post("/clients/{client_id:uuid}/helpers/{helper_id:uuid}/end", include_in_schema=False)
async def end_help(
    request: AnyRequest, client_id: FromPath[UUID], helper_id: FromPath[UUID], staff: AnyCaller
) -> Redirect:
    staff.require(Right.SEE_RECORD)
    await own_form(request, staff)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        await end_helper(session, client, helper_id, staff.now)
    return Redirect(f"/clients/{client_id}?done=helper_ended#helpers", status_code=303)


handlers = [add_helper, send_to_helper, end_help]
