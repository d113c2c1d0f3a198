"""Questions about warning signs, and what is said after a yes: fixed sentences, the clinic's emergency number, and
that nobody may be watching. Only for whoever is signed in: the questions tell what somebody is treated for."""

from datetime import datetime
from typing import Any

from litestar import post, route
from litestar.params import FromQuery
from litestar.response import Redirect, Response
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, check_form, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client, Clinic
from service.catalogue.library import FlagTier
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules.screening import (
    FLAGS,
    NOT_WATCHED,
    WORDING,
    Screen,
    Why,
    all_questions,
    care_words,
    grouped,
    most_urgent,
)
from service.errors import Refused
from service.ids import new_id
from service.portal import actions
from service.portal.guards import form_of, own_page
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.queries import record_on
from service.portal.rules import Form, Reader
from service.portal.schemas import Choice, SafetyNotice
from service.portal.schemas.questions import OnHoldView, QuestionGroup, QuestionsView
from service.progress.facts import warning_signs_of


@route("/questions", http_method=READ)
async def show_questions(client: AnyCaller, saved: FromQuery[str] = "") -> Response[str]:
    """Those that are due; whoever comes unasked may answer all."""
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        asked = await asked_of(session, own, client.now)
        view = await questions_view(session, own, asked, Form([("entry", str(new_id(client.now)))]))
        if saved:
            view = replace(view, status=reader_of(own).say("Saved."))
    return own_page("portal/questions.html", client, own, view)


async def asked_of(session: ClinicSession, client: Client, now: datetime) -> Screen:
    record = await record_on(session, client, today_of(client, now))
    found = await warning_signs_of(session, client.id, record.diary, now)
    return found.asked or all_questions(Why.OWN)


async def questions_view(
    session: ClinicSession, client: Client, asked: Screen, form: Form, problem: str | None = None
) -> QuestionsView:
    reader, clinic = reader_of(client), await find_clinic(session)
    ticked = form.each("yes")
    groups = [
        QuestionGroup(reader.say(title), [Choice(code, reader.say(FLAGS[code].ask), code in ticked) for code in codes])
        for title, codes in grouped(asked.questions)
    ]
    words = reader.say(NOT_WATCHED) % {"number": clinic.emergency_number}
    return QuestionsView(
        clinic_name=clinic.short_name,
        safety=SafetyNotice(words, clinic.emergency_number),
        groups=groups,
        entry=form.one("entry"),
        why=asked.why.value,
        wording=WORDING,
        problem=reader.say(problem) if problem else None,
    )


@post("/questions")
async def answer(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    check_form(client, dict(form.pairs))
    try:
        async with client.tx() as session:
            own = await record_of(session, client, client.person.id)
            screen = await actions.keep_red_flag_answers(session, own, form, client.now)
    except Refused as refused:
        async with client.tx() as session:
            own = await record_of(session, client, client.person.id)
            asked = actions.questions_of(form) or await asked_of(session, own, client.now)
            view = await questions_view(session, own, asked, form, refused.problems[0].message)
        return own_page("portal/questions.html", client, own, view, status_code=422)
    return Redirect("/on-hold" if screen.yes else "/today?saved=questions#top", status_code=303)


def on_hold_view(clinic: Clinic, tier: FlagTier | str, reader: Reader) -> OnHoldView:
    number = {"number": clinic.emergency_number}
    first, *more = [reader.say(words) % number for words in care_words(tier)]
    return OnHoldView(
        clinic_name=clinic.short_name,
        safety=SafetyNotice(first, clinic.emergency_number, stops_plan=True),
        more=more,
        help_phone=clinic.phone,
    )


@route("/on-hold", http_method=READ)
async def show_on_hold(client: AnyCaller) -> Response[Any]:
    """What to do now, for as long as a warning sign is open."""
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        record = await record_on(session, own, today_of(own, client.now))
        found = await warning_signs_of(session, own.id, record.diary, client.now)
        clinic = await find_clinic(session)
    tier = most_urgent(found.yes)
    if tier is None:
        return Redirect("/today#top")
    view = on_hold_view(clinic, tier, reader_of(own))
    return own_page("portal/on_hold.html", client, own, view)


handlers = [show_questions, answer, show_on_hold]
