"""The questions about warning signs by a link in a text, for whoever has no other way. Opening it tells nothing: they
come after a tap, name nobody, show nothing that was told before, and take one answer."""

from litestar.response import Response
from msgspec.structs import replace

from service.accounts.guards import Edge
from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.accounts.sign_in import use_link
from service.accounts.tables import Link
from service.errors import Refused
from service.portal import actions
from service.portal.guards import link_page, link_tx
from service.portal.pages.questions import asked_of, on_hold_view, questions_view
from service.portal.pages.showing import reader_of
from service.portal.rules import Form
from service.portal.schemas import SavedView


async def _ask(link: Link, url: str, edge: Edge, form: Form, problem: str | None = None) -> Response[str]:
    async with link_tx(edge, link) as session:
        client, clinic = await find_client(session, link.client_id), await find_clinic(session)
        asked = actions.questions_of(form) or await asked_of(session, client, edge.now)
        # Kept under the link's own id: however often it is sent, it is one answer.
        view = await questions_view(session, client, asked, form, problem)
    view = replace(view, entry=str(link.id), url=url, by_link=True)
    return link_page("portal/questions.html", client, clinic, view, status_code=422 if problem else 200)


async def answer_by_link(link: Link, url: str, edge: Edge, form: Form) -> Response[str]:
    if form.one("answer") == "start":
        return await _ask(link, url, edge, form)
    pairs = [pair for pair in form.pairs if pair[0] != "entry"]
    try:
        async with link_tx(edge, link) as session:
            client, clinic = await find_client(session, link.client_id), await find_clinic(session)
            own = Form([*pairs, ("entry", str(link.id))])
            screen = await actions.keep_red_flag_answers(session, client, own, edge.now)
            await use_link(session, link, edge.now)
    except Refused as refused:
        return await _ask(link, url, edge, form, refused.problems[0].message)
    reader = reader_of(client)
    if screen.told:
        view = replace(on_hold_view(clinic, screen.told, reader), by_link=True)
        return link_page("portal/on_hold.html", client, clinic, view)
    saved = SavedView(sentence=reader.say("Saved. Thank you."), clinic_name=clinic.short_name)
    return link_page("portal/saved.html", client, clinic, saved)
