"""An invitation: may the clinic write here? Opening the link changes nothing; its buttons open it, and answer."""

from collections.abc import Sequence
from typing import Literal

from litestar.response import Response

from service.accounts.guards import Edge
from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import contact_points
from service.accounts.tables import ContactPoint, Link
from service.conversation.actions.invites import accept, answerable, decline, open_invite
from service.portal.guards import link_page, link_tx
from service.portal.pages.showing import reader_of
from service.portal.rules import Form, Reader
from service.portal.rules.own import AGREES
from service.portal.schemas.invite import InviteView, InviteWay

Stage = Literal["closed", "open", "yes", "no", "answered"]
_LABELS = {"sms": "Send me texts", "email": "Send me emails"}


async def show_invite(link: Link, url: str, edge: Edge) -> Response[str]:
    async with link_tx(edge, link) as session:
        stage: Stage = "closed" if await answerable(session, link) else "answered"
    return await _page(link, url, edge, stage)


async def answer_invite(link: Link, url: str, edge: Edge, form: Form) -> Response[str]:
    answer, stage = form.one("answer"), "answered"
    async with link_tx(edge, link) as session:
        client = await find_client(session, link.client_id)
        points = await contact_points(session, client.id)
        first, asked = _ways(points, link, reader_of(client), form)
        match answer:
            case "open":
                stage = "open" if await open_invite(session, link, edge.now) else stage
            case "yes":
                ways = {way.channel: way.words for way in [first, *asked] if way.picked}
                stage = "yes" if await accept(session, link, ways, edge.now) else stage
            case "no":
                stage = "no" if await decline(session, link, edge.now) else stage
            case _:
                return await _page(link, url, edge, "open", form, "Tap one of the answers.")
    return await _page(link, url, edge, stage, form)  # type: ignore[arg-type]


async def _page(
    link: Link, url: str, edge: Edge, stage: Stage, form: Form | None = None, problem: str | None = None
) -> Response[str]:
    async with link_tx(edge, link) as session:
        client, clinic = await find_client(session, link.client_id), await find_clinic(session)
        points = await contact_points(session, client.id)
    reader = reader_of(client)
    first, also = _ways(points, link, reader, form or Form([]))
    view = InviteView(
        clinic_name=clinic.short_name,
        url=url,
        stage=stage,
        first=first,
        also=also,
        phone=clinic.phone,
        ends_at=reader.local(link.expires_at),
        problem=reader.say(problem) if problem else None,
    )
    return link_page("portal/invite.html", client, clinic, view, status_code=422 if problem else 200)


def _ways(points: Sequence[ContactPoint], link: Link, reader: Reader, form: Form) -> tuple[InviteWay, list[InviteWay]]:
    """An address that was stopped or does not work is not asked for again here."""
    here = next(point for point in points if point.id == link.contact_point_id)
    others = {p.channel for p in points if p.channel != here.channel and not (p.opted_out_at or p.invalid_at)}

    def way(channel: str, *, picked: bool) -> InviteWay:
        return InviteWay(channel, reader.say(_LABELS[channel]), reader.say(AGREES[channel]), picked)

    return way(here.channel, picked=True), [way(one, picked=one in form.each("also")) for one in sorted(others)]
