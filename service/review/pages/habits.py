"""The habits of the clinic's library, its own among them."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.catalogue.actions import add_habit, change_habit, hide_habit
from service.catalogue.queries import habit, habit_entry
from service.catalogue.rules.habits import own_of
from service.errors import Refused
from service.page import page
from service.review.guards import own_form
from service.review.pages.staff import Done, status_words
from service.review.schemas.habits import HabitView
from service.review.views.habits import habit_view, habits_view, kind_in, new_habit_view, read

Words = Annotated[str, QueryParameter(name="q", max_length=120)]


@get("/habits", include_in_schema=False)
async def habits_page(staff: AnyCaller, words: Words = "", which: FromQuery[str] = "") -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await habits_view(session, staff, words.strip(), which)
    return page("review/habits.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/habits/new", include_in_schema=False)
async def new_page(staff: AnyCaller, kind: FromQuery[str] = "") -> Response[str]:
    """First how it is answered, then the form for that."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await new_habit_view(session, staff, kind_in(kind))
    return _shown(staff, view)


@post("/habits/new", include_in_schema=False)
async def add(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    kind = kind_in(form.one("kind"))
    if kind is None:
        return Redirect("/habits/new", status_code=303)
    try:
        async with staff.tx() as session:
            made = await add_habit(session, read(form, kind), None, staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await new_habit_view(session, staff, kind, form, refused.problems)
        return _shown(staff, view, 422)
    return Redirect(f"/habits/{made}?done=habit", status_code=303)


@get("/habits/{habit_id:uuid}", include_in_schema=False)
async def habit_page(habit_id: FromPath[UUID], staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await habit_view(session, staff, habit_id)
    return _shown(staff, replace(view, status=status_words(staff, done)))


@post("/habits/{habit_id:uuid}", include_in_schema=False)
async def change(request: AnyRequest, habit_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            before = own_of(habit_entry(await habit(session, habit_id)))
            await change_habit(session, habit_id, read(form, before.kind, before), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await habit_view(session, staff, habit_id, form, refused.problems)
        return _shown(staff, view, 422)
    return Redirect(f"/habits/{habit_id}?done=own_habit", status_code=303)


@post("/habits/{habit_id:uuid}/hidden", include_in_schema=False)
async def hide(request: AnyRequest, habit_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.PRESCRIBE)
    hidden = (await own_form(request, staff)).one("hidden") == "yes"
    async with staff.tx() as session:
        await hide_habit(session, habit_id, hidden, staff.now)
    return Redirect(f"/habits/{habit_id}?done={'hidden' if hidden else 'shown'}", status_code=303)


def _shown(staff: Caller, view: HabitView, status_code: int = 200) -> Response[str]:
    return page(
        "review/habit.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [habits_page, new_page, add, habit_page, change, hide]
