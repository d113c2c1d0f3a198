"""Links in messages. Scanners open every link and run what they find, so opening one changes nothing.

Only its button does something: the one thing, for the one day, that the link was made for.
"""

from datetime import timedelta
from typing import Any

from litestar import post, route
from litestar.params import FromPath
from litestar.response import Redirect, Response
from msgspec.structs import replace

from service.accounts.guards import AnyEdge, AnyRequest, Edge
from service.accounts.guards.former import end_former
from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.accounts.rules import LinkPurpose
from service.accounts.rules.office import when_read
from service.accounts.sign_in import count_try
from service.accounts.tables import Client, Clinic, Link
from service.charts import long_day
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Refused, TooMany
from service.page import language_of, page
from service.portal import actions, rules
from service.portal.actions.again import send_again
from service.portal.actions.helping import keep_help
from service.portal.actions.stale import PlanChanged
from service.portal.guards import carry, form_of, known_link, link_page, link_tx, sign_in, usable_link
from service.portal.pages.carrying import remembered, typed_page
from service.portal.pages.invite import answer_invite, show_invite
from service.portal.pages.link_view import Told, link_view
from service.portal.pages.questions_link import answer_by_link
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.pages.week import week_before, week_view
from service.portal.queries import record_on
from service.portal.rules import Form, Reader, Unsaved
from service.portal.schemas import LinkEndedView, LinkView, PlanChangedView, SafetyNotice, SavedView, Status
from service.words import translator

A_DAY = timedelta(days=1)
TODAY = "/today"
AGAIN_OF_ONE, AGAIN_OF_ALL = 3, 6
"""New links a day in place of one, and of all that somebody has."""

_PLAN_SAVED = {
    "done": "Saved: you did all of it.",
    "partly": "Saved: you did some of it.",
    "skipped": "Saved: not today.",
}


_HELP_SAVED = {
    "done": "Saved: all of it is done.",
    "partly": "Saved: some of it is done.",
    "skipped": "Saved: not today.",
}


@route("/r/{token:str}", http_method=READ)
async def open_link(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[str]:
    link = await usable_link(edge, token)
    if link is None:
        return _ended(request)
    if link.purpose == LinkPurpose.WEEK:
        return await _week_page(link, edge)
    if link.purpose == LinkPurpose.INVITE:
        return await show_invite(link, f"/r/{token}", edge)
    if link.purpose == LinkPurpose.QUESTIONS and link.used_at:
        # What was answered is shown to nobody.
        return _ended(request)
    async with link_tx(edge, link) as session:
        view, client, clinic = await link_view(session, link, f"/r/{token}", edge.now)
    picked = rules.score_of(request.query_params.get("answer", ""))
    return link_page("portal/link.html", client, clinic, replace(view, picked=None if picked is None else str(picked)))


@post("/r/{token:str}")
async def answer_link(request: AnyRequest, token: FromPath[str], edge: AnyEdge) -> Response[Any]:
    link = await usable_link(edge, token)
    if link is None:
        return await _sent_again(request, token, edge) if await _asks_again(request) else _ended(request)
    match LinkPurpose(link.purpose):
        case LinkPurpose.SIGN_IN:
            return await _signed_in(request, link, edge)
        case LinkPurpose.UNSUBSCRIBE:
            return await _unsubscribed(link, edge)
        case LinkPurpose.QUESTIONS:
            return await answer_by_link(link, f"/r/{token}", edge, form_of(request))
        case LinkPurpose.INVITE:
            return await answer_invite(link, f"/r/{token}", edge, form_of(request))
        case LinkPurpose.WEEK | LinkPurpose.LOOK:
            # There is nothing to answer here.
            return Redirect(f"/r/{token}", status_code=303)
        case _:
            return await _answered(link, token, form_of(request), edge)


async def _week_page(link: Link, edge: Edge) -> Response[str]:
    async with link_tx(edge, link) as session:
        client, clinic = await find_client(session, link.client_id), await find_clinic(session)
        today = today_of(client, edge.now)
        view = await week_view(session, client, week_before(link.day or today), today, in_full=False)
    view = replace(view, ends_at=reader_of(client).local(link.expires_at))
    return link_page("portal/week.html", client, clinic, view)


async def _signed_in(request: AnyRequest, link: Link, edge: Edge) -> Response[Any]:
    async with link_tx(edge, link) as session:
        token = await actions.sign_in_by_link(session, link, request.headers.get("user-agent", ""), edge.now)
    if token is None:
        return _ended(request)
    typed = remembered(request, edge.settings)
    answer = await typed_page(edge, link.client_id, token, typed) or Redirect("/today", status_code=303)
    await end_former(request, edge)
    sign_in(answer, edge.settings, token)
    carry(answer, edge.settings, "")
    return answer


async def _unsubscribed(link: Link, edge: Edge) -> Response[str]:
    """A mail program's own button posts here too (RFC 8058), with a body of its own that need not be read."""
    async with link_tx(edge, link) as session:
        await actions.unsubscribe(session, link, edge.now)
        client, clinic = await find_client(session, link.client_id), await find_clinic(session)
    sentence = translator(client.locale).gettext("You will get no more emails from us.")
    return link_page("portal/saved.html", client, clinic, SavedView(sentence=sentence, clinic_name=clinic.short_name))


async def _answered(link: Link, token: str, form: Form, edge: Edge) -> Response[str]:
    unsaved, url, habit, is_asked = None, f"/r/{token}", form.one("habit"), True
    try:
        async with link_tx(edge, link) as session:
            client = await find_client(session, link.client_id)
            keep = keep_help if link.purpose == LinkPurpose.HELPER else actions.keep_answer
            is_asked = await keep(session, client, link, form, edge.now)
    except PlanChanged as changed:
        return await _changed(link, url, changed, edge)
    except Refused as refused:
        unsaved = Unsaved(habit or "link", refused.problems[0].message, form)
    async with link_tx(edge, link) as session:
        view, client, clinic = await link_view(session, link, url, edge.now, Told(rules.id_of(habit), unsaved))
        asks = link.purpose == LinkPurpose.CHECK_IN and await _asks(session, client, link, edge)
    reader = reader_of(client)
    if unsaved is not None:
        return link_page("portal/link.html", client, clinic, view, status_code=422)
    if habit:
        saved = Status(habit, reader.say("Saved.")) if is_asked else Status("link", reader.say(actions.NO_LONGER_ASKED))
        return link_page("portal/link.html", client, clinic, replace(view, status=saved))
    when = when_read(clinic, edge.now, client.locale)
    told = _saved(view, form.one("answer"), clinic, reader, when, asks=asks)
    return link_page("portal/saved.html", client, clinic, told)


async def _changed(link: Link, url: str, changed: PlanChanged, edge: Edge) -> Response[str]:
    async with link_tx(edge, link) as session:
        client, clinic = await find_client(session, link.client_id), await find_clinic(session)
    view = PlanChangedView(clinic_name=clinic.short_name, url=url, fields=changed.form.pairs)
    return link_page("portal/plan_changed.html", client, clinic, view, status_code=409)


async def _asks(session: ClinicSession, client: Client, link: Link, edge: Edge) -> bool:
    record = await record_on(session, client, link.day or today_of(client, edge.now))
    return record.is_alarming(await find_clinic(session))


def _saved(view: LinkView, answer: str, clinic: Clinic, reader: Reader, when: str, *, asks: bool) -> SavedView:
    """`when` the clinic looks at it; `asks` after a score that the questions about warning signs follow."""
    safety = _safety(view, answer, clinic, reader, when, asks=asks)
    return SavedView(
        sentence=_sentence(view, answer, reader),
        clinic_name=view.clinic_name,
        change_url=None if view.purpose == "message" else view.url,
        more=[reader.say("Your clinic reads this %(when)s.") % {"when": when}] if view.purpose == "message" else [],
        safety=safety,
        today_url=None if view.purpose == "helper" else TODAY,
        # They are asked of whoever is signed in.
        questions_url="/questions" if safety and view.purpose == "check_in" else None,
    )


def _sentence(view: LinkView, answer: str, reader: Reader) -> str:
    day = long_day(view.about, reader.locale) if view.about else None
    if view.purpose == "helper":
        return reader.say(_HELP_SAVED[answer])
    if view.purpose == "plan":
        return reader.say("Saved for %(day)s.") % {"day": day} if day else reader.say(_PLAN_SAVED[answer])
    if view.purpose == "message":
        return reader.say("Sent.")
    words = reader.say("Saved: %(score)s for %(day)s." if day else "Saved: %(score)s for today.")
    return words % {"score": rules.score_of(answer), "day": day}


_IN_DANGER = "This page is not watched day and night. In an emergency call %(number)s."


def _safety(
    view: LinkView, answer: str, clinic: Clinic, reader: Reader, when: str, *, asks: bool
) -> SafetyNotice | None:
    score = rules.score_of(answer) if view.purpose == "check_in" else None
    is_high = score is not None and score >= clinic.high_pain
    if view.purpose == "message" or (score is not None and asks and not is_high):
        return SafetyNotice(reader.say(_IN_DANGER) % {"number": clinic.emergency_number}, clinic.emergency_number)
    if not is_high:
        return None
    words = reader.say("Thanks. Your clinic looks at this %(when)s. In an emergency call %(number)s now.")
    return SafetyNotice(words % {"number": clinic.emergency_number, "when": when}, clinic.emergency_number)


async def _asks_again(request: AnyRequest) -> bool:
    """Whether the button of our page was pressed; a mail program's own button sends a body of another kind."""
    try:
        return (form_of(request)).one("again") == "yes"
    except Refused:
        return False


async def _sent_again(request: AnyRequest, token: str, edge: Edge) -> Response[str]:
    """The same answer whether or not the link ever was, and whether or not anything is sent."""
    link = await known_link(edge, token)
    try:
        async with edge.database.installation_tx() as connection:
            await count_try(connection, ["again", token], AGAIN_OF_ONE, A_DAY, edge.now)
            if link is not None:
                whose = ["again", str(link.clinic_id), str(link.client_id)]
                await count_try(connection, whose, AGAIN_OF_ALL, A_DAY, edge.now)
    except TooMany:
        link = None
    if link is not None:
        async with link_tx(edge, link) as session:
            await send_again(session, link, edge.settings.secret_key, edge.now)
    locale = language_of(request.headers.get("accept-language"))
    return page("portal/link_ended.html", locale=locale, view=LinkEndedView(is_sent=True))


def _ended(request: AnyRequest) -> Response[str]:
    """The same for a link that has run out, one that was used up and one that never was."""
    locale = language_of(request.headers.get("accept-language"))
    return page("portal/link_ended.html", locale=locale, status_code=404, view=LinkEndedView())


handlers = [open_link, answer_link]
