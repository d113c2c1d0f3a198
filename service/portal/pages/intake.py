"""What the clinic should know of the client, told by the client. Each save is a version; what it suggests to a
therapist is never shown here."""

from datetime import date
from typing import Any

from litestar import post, route
from litestar.params import FromQuery
from litestar.response import Redirect, Response
from msgspec import Struct

from service.accounts.guards import AnyCaller, AnyRequest, Caller, check_form, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client, Clinic
from service.catalogue.library import FlagTier, shipped
from service.diary.entries import today_of
from service.errors import Conflict, NotFound
from service.ids import new_id
from service.intake import forms, queries
from service.intake.actions import keep_intake
from service.intake.forms import IntakeForm, Reading
from service.intake.queries import Version
from service.intake.rules import Answers
from service.portal.guards import form_of, own_page
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules import Form, Reader, id_of
from service.portal.schemas import SafetyNotice

URL = "/today/intake"
_WHOLE_NUMBER = 6
"""Digits of a version number at most."""


class IntakePage(Struct, frozen=True, kw_only=True):
    """`told_on` is the local day of the version on screen, `told_by_staff` who wrote it."""

    clinic_name: str
    form: IntakeForm
    told_on: date | None = None
    told_by_staff: bool = False
    status: str | None = None
    safety: SafetyNotice | None = None


@route(URL, http_method=READ)
async def show_intake(client: AnyCaller, saved: FromQuery[str] = "") -> Response[str]:
    return await _shown(client, is_saved=saved == "yes")


@post(URL)
async def save_intake(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    check_form(client, dict(form.pairs))
    reading = forms.read(form.pairs)
    if reading.problems:
        return await _shown(client, again=(form, reading))
    try:
        async with client.tx() as session:
            own = await record_of(session, client, client.person.id)
            entry, based_on = _named(form, client)
            await keep_intake(session, own, entry, reading.answers, client.now, based_on=based_on)
    except (Conflict, NotFound):
        return await _shown(client, again=(form, reading))
    return Redirect(f"{URL}?saved=yes", status_code=303)


def _named(form: Form, client: Caller) -> tuple[Any, int | None]:
    base = form.one("based_on")
    known = base.isascii() and base.isdigit() and len(base) <= _WHOLE_NUMBER
    return id_of(form.one("entry")) or new_id(client.now), int(base) if known else None


async def _shown(client: Caller, *, is_saved: bool = False, again: tuple[Form, Reading] | None = None) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        newest = await queries.newest(session, own.id)
        clinic = await find_clinic(session)
    view = _page(own, clinic, newest, client, again[1] if again else None, is_saved)
    code = 200 if again is None else (422 if again[1].problems else 409)
    return own_page("portal/intake.html", client, own, view, status_code=code)


def _page(
    own: Client, clinic: Clinic, newest: Version | None, client: Caller, again: Reading | None, is_saved: bool
) -> IntakePage:
    reader = reader_of(own)
    answers = again.answers if again else (newest.answers if newest else Answers())
    form = forms.shown(
        URL,
        new_id(client.now),
        newest.row.version if newest else 0,
        answers,
        own.locale,
        again.problems if again else (),
        sent=again is not None,
        stale=again is not None and not again.problems,
    )
    told_today = newest is not None and newest.row.day == today_of(own, client.now)
    return IntakePage(
        clinic_name=clinic.short_name,
        form=form,
        told_on=newest.row.day if newest else None,
        told_by_staff=newest is not None and newest.row.entered_by == "therapist",
        status=reader.say("Saved. Your clinic can read it now.") if is_saved and newest and not again else None,
        safety=_safety(newest, clinic, reader) if newest and told_today else None,
    )


def _safety(told: Version, clinic: Clinic, reader: Reader) -> SafetyNotice | None:
    """The fixed words for the most urgent sign that was ticked today."""
    flags = {flag.tier for flag in shipped().red_flags if flag.id in (told.answers.red_flags or ())}
    tier = next((tier for tier in FlagTier if tier in flags), None)
    if tier is None:
        return None
    words = (shipped().flag_actions[tier].patient, shipped().flag_actions["always"].patient)
    return SafetyNotice(" ".join(reader.say(sentence) for sentence in words), clinic.emergency_number)


handlers = [show_intake, save_intake]
