"""Today: what to do, how it feels, what was done. Each card has a form of its own."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import post, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.response import Redirect, Response
from msgspec.structs import replace

from service.accounts.guards import (
    AnyCaller,
    AnyEdge,
    AnyRequest,
    Caller,
    own_record,
    provide_caller,
)
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules import Outcome
from service.diary.rules.screening import ON_EVENTS
from service.errors import Refused, SignInNeeded
from service.portal import actions, rules
from service.portal.actions.stale import PlanChanged
from service.portal.actions.undo import undo
from service.portal.guards import form_of, own_page
from service.portal.pages.keeping import Keep, kept
from service.portal.pages.showing import today_view
from service.portal.queries import everything_of, record_on
from service.portal.rules import Form, Unsaved
from service.portal.schemas import Status, TodayView
from service.progress.facts import warning_signs_of
from service.remedies import day_or_none
from service.words import translator

READ = [HttpMethod.GET, HttpMethod.HEAD]

_SENT = {
    "sent": "Sent. Your clinic reads this %(when)s.",
    "danger": "Sent. This page is not watched day and night. In an emergency call %(number)s now.",
    "stopped": "Sent. You will get no more texts from us.",
}
_URGENCY = {
    "urgent": "We told your clinic. They look at this %(when)s. In an emergency call %(number)s now.",
    "can_wait": "Saved. Your therapist sees it before your visit.",
}

_UNDONE = "undone-"
_ANCHORS = {"session": "plan", "pain": "pain", "morning": "morning"}


@route("/", http_method=READ)
async def front_door(request: AnyRequest, edge: AnyEdge) -> Redirect:
    try:
        caller = await provide_caller(request, edge)
    except SignInNeeded:
        return Redirect("/sign-in")
    return Redirect("/caseload" if caller.person.kind == "staff" else "/today")


@route("/today", http_method=READ)
async def show_today(request: AnyRequest, client: AnyCaller) -> Response[str]:
    return await _shown(client, saved=request.query_params.get("saved", ""))


async def _shown(client: Caller, *, saved: str = "", unsaved: Unsaved | None = None) -> Response[str]:
    async with client.tx() as session:
        own = own_record(session, client)
        found = await everything_of(session, own, client.clinic, today_of(own, client.now), client.now)
        await session.commit_meanwhile()
        view = today_view(found, client.clinic, client.now, unsaved)
        view = replace(view, status=_status(saved, view, translator(own.locale).gettext))
        return own_page("portal/today.html", client, own, view, status_code=422 if unsaved else 200)


def _status(saved: str, view: TodayView, say: Callable[[str], str]) -> Status | None:
    """`saved` names what the last form kept. Anything else in the address shows nothing."""
    if saved == "pain" and view.pain:
        words = say("Saved. %(score)s out of 10.") % {"score": view.last_score}
        return Status("safety" if view.safety else "pain", words, view.undo.get("pain"))
    known = {"number": view.emergency_number, "when": view.read_when}
    if saved in _URGENCY:
        return Status("session", say(_URGENCY[saved]) % known)
    if saved in _SENT:
        return Status("message", say(_SENT[saved]) % known)
    if saved == "changed":
        return Status("session", say(actions.KEPT_FOR_THE_NEW))
    if saved == "gone":
        return Status("habits", say(actions.NO_LONGER_ASKED))
    if saved == "questions":
        return Status("safety", say("Saved. Thank you."))
    if saved == "morning" and view.morning and view.morning.told:
        return Status("morning", say("Saved."), view.undo.get("morning"))
    rows = [*view.habits, *view.fixes, *view.yesterday]
    undone = saved.removeprefix(_UNDONE)
    if undone != saved and undone in {"pain", "morning", "session", *(row.place for row in rows)}:
        return Status(undone, say("Taken back."))
    told = {row.place for row in rows if row.answer is not None}
    told_of = day_or_none(saved)
    if told_of is not None and told_of < view.day and told_of not in view.untold:
        return Status("week", say("Saved."))
    is_kept = saved in told or (saved == "session" and view.session.value in list(Outcome))
    return Status(saved, say("Saved."), view.undo.get(saved)) if is_kept else None


@post("/today/session")
async def save_session(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        try:
            await actions.keep_session(session, own, form, client.now)
        except PlanChanged as changed:
            if not form.one("made_at"):
                raise
            # An outbox sends when nobody looks: what was done and is in the new plan is kept at once, and said so.
            await actions.keep_session(session, own, changed.form, client.now)
            return "/today?saved=changed#plan"
        day = form.one("day")
        return f"/today?saved={day}#week" if day else "/today?saved=session#plan"

    return await _kept(client, form, keep, place="session")


@post("/today/session/felt")
async def save_felt(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        await actions.keep_felt(session, own, form, client.now)
        return "/today?saved=session#plan"

    return await _kept(client, form, keep, place="session")


@post("/today/pain")
async def save_pain(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        is_alarming = await actions.keep_pain(session, own, form, client.now)
        return await _alarmed(session, own, client, "pain") if is_alarming else "/today?saved=pain#pain"

    return await _kept(client, form, keep, place="pain")


@post("/today/morning")
async def save_morning(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        is_alarming = await actions.keep_morning(session, own, form, client.now)
        return await _alarmed(session, own, client, "morning") if is_alarming else "/today?saved=morning#morning"

    return await _kept(client, form, keep, place="morning")


async def _alarmed(session: ClinicSession, own: Client, client: Caller, saved: str) -> str:
    """To the questions that ask what is behind it, unless they were answered just now. Whom to call stands at the
    top of either page."""
    record = await record_on(session, own, today_of(own, client.now))
    asked = (await warning_signs_of(session, own.id, record.diary, client.now)).asked
    return f"/questions?saved={saved}#top" if asked and asked.why in ON_EVENTS else f"/today?saved={saved}#top"


@post("/today/undo")
async def take_back(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    place = form.one("place")

    async def keep(session: ClinicSession, own: Client) -> str:
        await undo(session, own, form, client.now)
        return f"/today?saved={_UNDONE}{quote(place)}#{_ANCHORS.get(place) or f'habit-{quote(place)}'}"

    return await _kept(client, form, keep, place=place)


@post("/today/urgency")
async def save_urgency(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        return f"/today?saved={(await actions.keep_urgency(session, own, form, client.now)).value}#plan"

    return await _kept(client, form, keep, place="session")


@post("/today/habits/{plan_habit_id:uuid}")
async def save_habit(request: AnyRequest, plan_habit_id: FromPath[UUID], client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    place = "-".join([str(plan_habit_id), *filter(None, [form.one("day")])])

    async def keep(session: ClinicSession, own: Client) -> str:
        # The row of yesterday names its day.
        day = day_or_none(form.one("day")) or today_of(own, rules.told_at(form, client.now))
        is_asked = await actions.keep_habit(session, own, plan_habit_id, form, day, client.now)
        return f"/today?saved={place}#habit-{place}" if is_asked else "/today?saved=gone#habits"

    return await _kept(client, form, keep, place=place)


@post("/today/fixes/{plan_fix_id:uuid}")
async def save_fix(request: AnyRequest, plan_fix_id: FromPath[UUID], client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        day = today_of(own, rules.told_at(form, client.now))
        await actions.keep_fix(session, own, plan_fix_id, form, day, client.now)
        return f"/today?saved={plan_fix_id}#habit-{plan_fix_id}"

    return await _kept(client, form, keep, place=str(plan_fix_id))


@post("/today/messages")
async def send_message(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        sent = await actions.keep_message(session, own, form, client.now)
        return f"/today?saved={sent}#messages"

    return await _kept(client, form, keep, place="message")


@post("/today/messages/read")
async def mark_read(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        await actions.mark_read(session, own, form, client.now)
        return "/today#messages"

    return await _kept(client, form, keep, place="message")


async def _kept(client: Caller, form: Form, keep: Keep, *, place: str) -> Response[Any]:
    async def again(refused: Refused) -> Response[str]:
        [first, *_] = refused.problems
        words = translator(client.person.locale).gettext(first.message)
        return await _shown(client, unsaved=Unsaved(place, words, form, first.pointer))

    return await kept(client, form, keep, again)


handlers = [
    front_door,
    show_today,
    save_session,
    save_felt,
    save_pain,
    save_morning,
    take_back,
    save_urgency,
    save_habit,
    save_fix,
    send_message,
    mark_read,
]
