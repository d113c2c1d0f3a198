"""The clinic's library: its exercises, its own among them, and its own pictures and videos of any."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyEdge, AnyRequest, Caller, provide_caller, provide_staff
from service.accounts.guards.sent import keep_sent
from service.accounts.rules import Right
from service.catalogue.actions import add_exercise, change_exercise, hide_exercise
from service.catalogue.actions.media import remove_media
from service.catalogue.guards import MOST_OF_BODY, Form, alt_in, fields_alone, take_media
from service.catalogue.queries import entry_of, exercise
from service.catalogue.rules.media import TAKES, Kind
from service.catalogue.rules.own import own_of
from service.errors import Forbidden, Refused, SignInNeeded
from service.page import page
from service.review.guards import check_whose, own_form
from service.review.pages.staff import Done, status_words
from service.review.schemas.exercises import ExerciseView
from service.review.views.exercises import exercise_view, exercises_view, new_view, read

Words = Annotated[str, QueryParameter(name="q", max_length=120)]


@get("/exercises", include_in_schema=False)
async def exercises_page(staff: AnyCaller, words: Words = "", which: FromQuery[str] = "") -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await exercises_view(session, staff, words.strip(), which)
    return page("review/exercises.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/exercises/new", include_in_schema=False)
async def new_page(staff: AnyCaller) -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await new_view(session, staff)
    return _shown(staff, view)


@post("/exercises/new", include_in_schema=False)
async def add(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            made = await add_exercise(session, read(form), None, staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await new_view(session, staff, form, refused.problems)
        return _shown(staff, view, 422)
    return Redirect(f"/exercises/{made}?done=exercise", status_code=303)


@get("/exercises/{exercise_id:uuid}", include_in_schema=False)
async def exercise_page(exercise_id: FromPath[UUID], staff: AnyCaller, done: Done = "") -> Response[str]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        view = await exercise_view(session, staff, exercise_id)
    return _shown(staff, replace(view, status=status_words(staff, done)))


@post("/exercises/{exercise_id:uuid}", include_in_schema=False)
async def change(request: AnyRequest, exercise_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    staff.require(Right.PRESCRIBE)
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            before = own_of(entry_of(await exercise(session, exercise_id)))
            await change_exercise(session, exercise_id, read(form, before), staff.now)
    except Refused as refused:
        async with staff.tx() as session:
            view = await exercise_view(session, staff, exercise_id, form, refused.problems)
        return _shown(staff, view, 422)
    return Redirect(f"/exercises/{exercise_id}?done=settings", status_code=303)


@post("/exercises/{exercise_id:uuid}/hidden", include_in_schema=False)
async def hide(request: AnyRequest, exercise_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    staff.require(Right.PRESCRIBE)
    hidden = (await own_form(request, staff)).one("hidden") == "yes"
    async with staff.tx() as session:
        await hide_exercise(session, exercise_id, hidden, staff.now)
    return Redirect(f"/exercises/{exercise_id}?done={'hidden' if hidden else 'shown'}", status_code=303)


async def sender(request: AnyRequest, kind: FromPath[Kind], edge: AnyEdge) -> Caller:
    """Whoever may not send gets back what they wrote beside the file. The file is not read."""
    try:
        staff = await provide_staff(await provide_caller(request, edge))
        staff.require(Right.PRESCRIBE)
    except (SignInNeeded, Forbidden):
        keep_sent(request, list((await fields_alone(request, kind)).items()), picks=TAKES[kind])
        raise
    return staff


@post(
    "/exercises/{exercise_id:uuid}/{kind:str}",
    dependencies={"staff": Provide(sender)},
    include_in_schema=False,
    request_max_body_size=MOST_OF_BODY,
    opt={"reads_its_own_body": True},
)
async def send_media(
    request: AnyRequest, exercise_id: FromPath[UUID], kind: FromPath[Kind], staff: AnyCaller
) -> Response[str] | Redirect:
    """Without a file, new words for the one that is there."""

    async def check(fields: Form) -> None:
        keep_sent(request, list(fields.items()), picks=TAKES[kind])
        await check_whose(request, staff)
        async with staff.tx() as session:
            await exercise(session, exercise_id)

    sent = await take_media(request, staff, exercise_id, kind, check)
    if sent.refused:
        problems, alt = sent.refused.problems, alt_in(sent.fields)
        async with staff.tx() as session:
            view = await exercise_view(session, staff, exercise_id, problems=problems, sent=(kind, alt))
        return _shown(staff, view, 422)
    return Redirect(f"/exercises/{exercise_id}?done=media", status_code=303)


@post("/exercises/{exercise_id:uuid}/{kind:str}/remove", include_in_schema=False)
async def take_away(
    request: AnyRequest, exercise_id: FromPath[UUID], kind: FromPath[Kind], staff: AnyCaller
) -> Redirect:
    staff.require(Right.PRESCRIBE)
    await own_form(request, staff)
    async with staff.tx() as session:
        await remove_media(session, exercise_id, kind, staff.now)
    return Redirect(f"/exercises/{exercise_id}?done=media_removed", status_code=303)


def _shown(staff: Caller, view: ExerciseView, status_code: int = 200) -> Response[str]:
    return page(
        "review/exercise.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


handlers = [exercises_page, new_page, add, exercise_page, change, hide, send_media, take_away]
