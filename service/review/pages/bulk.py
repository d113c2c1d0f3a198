"""One message to a part of the caseload. The page shows who gets it before anything is sent, and for two minutes after
it can be taken back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.conversation.actions.bulk import HOLD, sent_to, take_back, write_to_many
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.page import page
from service.review.guards import Typed, own_form
from service.review.rules import Tier
from service.review.schemas.bulk import BulkView
from service.review.views.bulk import Wish, bulk_view, own_clients
from service.words import translator

URL = "/bulk"
NOT_HERE = "Somebody you picked is not here any more. Look who is, and send again."
Sent = Annotated[UUID | None, QueryParameter(description="The message that was sent just now.")]
Number = Annotated[int | None, QueryParameter(description="From how many it was taken back.")]


@get(URL, include_in_schema=False)
async def bulk_page(
    staff: AnyCaller,
    tier: FromQuery[str] = "",
    therapist: FromQuery[str] = "",
    sent: Sent = None,
    back: Number = None,
) -> Response[str]:
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await bulk_view(session, staff, Wish(_tier(tier), _id(therapist)))
        view = replace(view, **await _news(session, staff, sent, back))
    return _page(staff, view)


@post(URL, include_in_schema=False)
async def send_to_many(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    entry = _id(form.one("entry"))
    try:
        if entry is None:
            raise Refused.one("/to", "unknown", "Use the form of the page.")
        async with staff.tx() as session:
            picked = set(form.each("to"))
            clients = [client for client in await own_clients(session, staff) if str(client.id) in picked]
            if len(clients) < len(picked):
                raise Refused.one("/to", "gone", NOT_HERE)
            words, key = form.one("text"), staff.settings.secret_key
            await write_to_many(session, clients, entry, words, key, staff.now)
    except Refused as refused:
        say = translator(staff.person.locale).gettext
        problems = {one.pointer.strip("/"): say(one.message) for one in refused.problems}
        async with staff.tx() as session:
            view = await bulk_view(session, staff, _wish(form, entry, problems))
        return _page(staff, view, 422)
    return Redirect(f"{URL}?sent={entry}", status_code=303)


@post(f"{URL}/undo", include_in_schema=False)
async def undo(request: AnyRequest, staff: AnyCaller) -> Redirect:
    staff.require(Right.SEE_RECORD)
    form = await own_form(request, staff)
    sent = _id(form.one("sent"))
    if sent is None:
        raise Refused.one("/sent", "unknown", "Use the buttons of the page.")
    async with staff.tx() as session:
        taken = await take_back(session, sent, staff.now)
    return Redirect(f"{URL}?back={taken}", status_code=303)


def _wish(form: Typed, entry: UUID | None, problems: dict[str, str]) -> Wish:
    picked = [one for one in map(_id, form.each("to")) if one]
    return Wish(_tier(form.one("tier")), _id(form.one("therapist")), picked, form.one("text"), entry, problems)


async def _news(session: ClinicSession, staff: Caller, sent: UUID | None, back: int | None) -> dict[str, Any]:
    """What the address says was done just now."""
    say = translator(staff.person.locale).ngettext
    if back is not None:
        words = say("Taken back from %(num)s person.", "Taken back from %(num)s people.", back)
        return {"status": words % {"num": back}}
    if sent is None:
        return {}
    written = await sent_to(session, sent)
    words = say("%(num)s person gets it.", "%(num)s people get it.", len(written)) % {"num": len(written)}
    until = max((row.sent_at for row in written), default=staff.now) + HOLD
    can_undo = bool(written) and staff.now < until
    return {"status": words, "sent": sent if can_undo else None, "undo_until": until if can_undo else None}


def _page(staff: Caller, view: BulkView, status_code: int = 200) -> Response[str]:
    return page(
        "review/bulk.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


def _tier(words: str) -> Tier | None:
    return Tier(words) if words in set(Tier) else None


def _id(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


handlers = [bulk_page, send_to_many, undo]
