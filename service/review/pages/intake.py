"""The page of a client's intake, visits and hands-on treatments, and what is written there."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.catalogue.rules import Sentence
from service.errors import Conflict, FieldProblem, Refused
from service.ids import new_id
from service.intake import forms
from service.intake.actions import NewTreatment, keep_intake, note_treatment, note_visit, take_back
from service.intake.actions.booking import book_visit
from service.intake.tables import Treatment, Visit
from service.page import page
from service.remedies import day_read
from service.review.guards import Typed, own_form, whole_number
from service.review.pages.staff import Done
from service.review.views.intake import Unkept, intake_view
from service.terms import said
from service.words import translator

_DONE = {
    "intake": "Saved.",
    "visit": "The visit was noted.",
    "booked": "Saved.",
    "treatment": "The treatment was noted.",
    "gone": "Removed.",
}
_BAD_MINUTES = FieldProblem("/minutes", "range", "Use a whole number from 1 to 240.")
_OTHERWISE = "Somebody else was first. Read it again."


@get("/clients/{client_id:uuid}/intake", include_in_schema=False)
async def intake_page(client_id: FromPath[UUID], staff: AnyCaller, done: Done = "") -> Response[str]:
    return await _shown(client_id, staff, done=done)


@post("/clients/{client_id:uuid}/intake", include_in_schema=False)
async def save_intake(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """Filled in by the therapist with the client."""
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    reading = forms.read(form.pairs)
    if reading.problems:
        return await _shown(client_id, staff, Unkept(place="intake", form=form, reading=reading))
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            entry, base = _id(form, staff), whole_number(form.one("based_on"))
            await keep_intake(session, client, entry, reading.answers, staff.now, based_on=base)
    except Conflict:
        return await _shown(client_id, staff, Unkept(place="intake", form=form, reading=reading))
    return _back(client_id, "intake")


@post("/clients/{client_id:uuid}/visits", include_in_schema=False)
async def add_visit(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            await note_visit(session, client, staff.person.id, day_read(form.one("day")), form.one("note"), staff.now)
    except Refused as refused:
        return await _shown(client_id, staff, _unkept("visit", form, refused, staff))
    return _back(client_id, "visit")


@post("/clients/{client_id:uuid}/next-visit", include_in_schema=False)
async def book_next(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    """Left empty, none is booked."""
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            await book_visit(session, client, day_read(form.one("day")) if form.one("day") else None, staff.now)
    except Refused as refused:
        return await _shown(client_id, staff, _unkept("next-visit", form, refused, staff))
    return _back(client_id, "booked")


@post("/clients/{client_id:uuid}/treatments", include_in_schema=False)
async def add_treatment(request: AnyRequest, client_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
            await note_treatment(session, client, staff.person.id, _id(form, staff), _treatment(form), staff.now)
    except Refused as refused:
        return await _shown(client_id, staff, _unkept("treatment", form, refused, staff))
    except Conflict:
        return await _shown(client_id, staff, _unkept("treatment", form, Refused.one("", "stale", _OTHERWISE), staff))
    return _back(client_id, "treatment")


@post("/clients/{client_id:uuid}/visits/{visit_id:uuid}/remove", include_in_schema=False)
async def remove_visit(
    request: AnyRequest, client_id: FromPath[UUID], visit_id: FromPath[UUID], staff: AnyCaller
) -> Redirect:
    return await _remove(request, client_id, staff, Visit, visit_id)


@post("/clients/{client_id:uuid}/treatments/{treatment_id:uuid}/remove", include_in_schema=False)
async def remove_treatment(
    request: AnyRequest, client_id: FromPath[UUID], treatment_id: FromPath[UUID], staff: AnyCaller
) -> Redirect:
    return await _remove(request, client_id, staff, Treatment, treatment_id)


async def _remove(
    request: AnyRequest, client_id: UUID, staff: Caller, table: type[Visit] | type[Treatment], row_id: UUID
) -> Redirect:
    staff.require(Right.PRESCRIBE)
    await own_form(request, staff)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await take_back(session, client, table, row_id, staff.now)
    return _back(client_id, "gone")


def _back(client_id: UUID, done: str) -> Redirect:
    return Redirect(f"/clients/{client_id}/intake?done={done}", status_code=303)


def _id(form: Typed, staff: Caller) -> UUID:
    try:
        return UUID(form.one("entry"))
    except ValueError:
        return new_id(staff.now)


def _treatment(form: Typed) -> NewTreatment:
    words = form.one("minutes")
    minutes = whole_number(words)
    if words and minutes is None:
        raise Refused([_BAD_MINUTES])
    site, side = form.one("site") or None, form.one("side") or None
    return NewTreatment(form.one("kind"), day_read(form.one("day")), site, side, minutes, form.one("note"))


def _unkept(place: str, form: Typed, refused: Refused, staff: Caller) -> Unkept:
    locale = staff.person.locale
    problems = {one.pointer.strip("/"): said(Sentence(one.message), locale) for one in refused.problems}
    return Unkept(place=place, form=form, problems=problems)


async def _shown(client_id: UUID, staff: Caller, unkept: Unkept | None = None, done: str = "") -> Response[str]:
    staff.require(Right.SEE_RECORD)
    status = translator(staff.person.locale).gettext(_DONE[done]) if done in _DONE and unkept is None else None
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        view = await intake_view(session, staff, client, unkept, status)
    code = 200 if unkept is None else 422
    return page(
        "review/intake.html", locale=staff.person.locale, status_code=code, view=view, csrf=staff.csrf, band=staff.band
    )


handlers = [
    intake_page,
    save_intake,
    add_visit,
    book_next,
    add_treatment,
    remove_visit,
    remove_treatment,
]
