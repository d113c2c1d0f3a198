"""What a form of a page tells is kept, or shown again with what would be right: the same for a form that was sent now
and for one that waited in a phone's outbox (`outbox.js`)."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.response import Redirect, Response

from service.accounts.guards import Caller, check_form, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.errors import Conflict, Refused
from service.portal.actions.stale import PlanChanged
from service.portal.guards import own_page
from service.portal.rules import Form
from service.portal.schemas import PlanChangedView
from service.words import translator

Keep = Callable[[ClinicSession, Client], Awaitable[str]]
"""Keeps an answer, and says which page to go back to."""
Again = Callable[[Refused], Awaitable[Response[Any]]]
"""The page with what was typed."""


async def kept(client: Caller, form: Form, keep: Keep, again: Again, url: str = "/today/session#plan") -> Response[Any]:
    """Back to the page, or the page again with what was typed and what would be right beside it.

    What comes from an outbox is answered with data: which page to go back to, or what would be right. It says whose
    it is, so that nobody's answer is kept as another's. `url` takes an answer that was made for the plan before.
    """
    check_form(client, dict(form.pairs))
    is_from_outbox = bool(form.one("made_at"))
    if is_from_outbox and form.one("person") != str(client.person.id):
        # Named, so that the phone tells it from an answer that came too late.
        return Response({"signed_in": str(client.person.id)}, status_code=409)
    say = translator(client.person.locale).gettext
    try:
        async with client.tx() as session:
            back = await keep(session, await record_of(session, client, client.person.id))
    except PlanChanged as changed:
        return await _changed(client, changed, url)
    except Conflict:
        if not is_from_outbox:
            raise
        return Response({"problem": ""}, status_code=409)
    except Refused as refused:
        if is_from_outbox:
            return Response({"problem": say(refused.problems[0].message)}, status_code=422)
        return await again(refused)
    return Response({"back": back}, status_code=200) if is_from_outbox else Redirect(back, status_code=303)


async def _changed(client: Caller, changed: PlanChanged, url: str) -> Response[str]:
    async with client.tx() as session:
        own, clinic = await record_of(session, client, client.person.id), await find_clinic(session)
    say = translator(own.locale).gettext
    view = PlanChangedView(
        clinic_name=clinic.short_name,
        url=url,
        fields=changed.form.pairs,
        done=[say(name) for name in changed.done],
        gone=[say(name) for name in changed.gone],
        added=[say(name) for name in changed.added],
    )
    return own_page("portal/plan_changed.html", client, own, view, status_code=409)
