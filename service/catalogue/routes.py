from collections.abc import Mapping
from typing import Literal

from litestar import Router, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.response import Response

from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.rules import Right
from service.catalogue import actions, queries
from service.catalogue.actions.media import remove_media
from service.catalogue.guards import MOST_OF_BODY, Form, take_media
from service.catalogue.queries.media import current_media
from service.catalogue.rules import Effort, Side, WorkingSide
from service.catalogue.rules.habits import Good, OwnHabit
from service.catalogue.rules.media import Kind
from service.catalogue.rules.own import OwnExercise
from service.catalogue.schemas import (
    ExerciseList,
    ExerciseOut,
    HabitList,
    HabitOut,
    MediaOut,
    NewExercise,
    NewHabit,
    ShippedList,
)
from service.catalogue.tables import Exercise, ExerciseMedia, Habit
from service.catalogue.views import address_of
from service.database.tenancy import ClinicSession
from service.errors import NotFound

ShippedKind = Literal["programme", "site", "red_flag", "context", "source"]


@get("/exercises", operation_id="listExercises", tags=["catalogue"])
async def list_exercises(caller: AnyCaller) -> ExerciseList:
    async with caller.tx() as session:
        media = await current_media(session)
        return ExerciseList([_out(row, media.get(row.id, {})) for row in await queries.exercises(session)])


@post("/exercises", operation_id="addExercise", tags=["catalogue"])
async def add_exercise(data: JSONBody[NewExercise], staff: AnyCaller) -> Response[ExerciseOut]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        await actions.add_exercise(session, _own(data), data.code, staff.now)
        added = await queries.exercises_by_code(session, [data.code])
    return Response(_out(added[data.code], {}), status_code=201)


@put(
    "/exercises/{code:str}/media/{kind:str}",
    operation_id="putExerciseMedia",
    tags=["catalogue"],
    request_max_body_size=MOST_OF_BODY,
    opt={"reads_its_own_body": True},
)
async def put_exercise_media(
    request: AnyRequest, code: FromPath[str], kind: FromPath[Kind], staff: AnyCaller
) -> ExerciseOut:
    """The clinic's own picture (JPEG, PNG, WebP; 5 MB) or video (MP4 with H.264; 30 MB), as multipart/form-data: first
    `alt`, what it shows, then `file`. Without a file, new words for the one that is there."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        row = await _exercise(session, code)
    sent = await take_media(request, staff, row.id, kind, _no_page)
    if sent.refused:
        raise sent.refused
    return await _shown(staff, code)


@delete(
    "/exercises/{code:str}/media/{kind:str}",
    operation_id="removeExerciseMedia",
    tags=["catalogue"],
    status_code=200,
)
async def remove_exercise_media(code: FromPath[str], kind: FromPath[Kind], staff: AnyCaller) -> ExerciseOut:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        row = await _exercise(session, code)
        await remove_media(session, row.id, kind, staff.now)
    return await _shown(staff, code)


async def _no_page(_: Form) -> None:
    """A program's form holds nothing that says which page wrote it."""


async def _exercise(session: ClinicSession, code: str) -> Exercise:
    found = await queries.exercises_by_code(session, [code])
    if code not in found:
        raise NotFound
    return found[code]


async def _shown(staff: Caller, code: str) -> ExerciseOut:
    async with staff.tx() as session:
        row = await _exercise(session, code)
        return _out(row, (await current_media(session, [row.id])).get(row.id, {}))


def _own(data: NewExercise) -> OwnExercise:
    return OwnExercise(
        name=data.name,
        group=data.group,
        sides=[Side(side) for side in data.sides],
        working_side=WorkingSide(data.working_side),
        sets=data.sets,
        reps=data.reps,
        hold_seconds=data.hold_seconds,
        stage=data.stage,
        position=data.position,
        equipment=tuple(data.equipment),
        cues=tuple(data.cues),
        rest_seconds=data.rest_seconds,
        per_day=data.per_day,
        days_per_week=data.days_per_week,
        effort=Effort(data.effort),
        tempo=data.tempo,
    )


@get("/habits", operation_id="listHabits", tags=["catalogue"])
async def list_habits(caller: AnyCaller) -> HabitList:
    async with caller.tx() as session:
        found = await queries.habits(session)
    return HabitList([_habit_out(habit) for habit in found])


@post("/habits", operation_id="addHabit", tags=["catalogue"])
async def add_habit(data: JSONBody[NewHabit], staff: AnyCaller) -> Response[HabitOut]:
    staff.require(Right.PRESCRIBE)
    good = Good(data.good.rule, data.good.value, tuple(data.good.values))
    own = OwnHabit(data.prompt, data.kind, data.cadence, good, data.why, data.unit, tuple(data.options))
    async with staff.tx() as session:
        await actions.add_habit(session, own, data.code, staff.now)
        added = await queries.habits_by_code(session, [data.code])
    return Response(_habit_out(added[data.code]), status_code=201)


def _habit_out(habit: Habit) -> HabitOut:
    return HabitOut(habit.code, habit.prompt, habit.kind, habit.cadence, habit.origin, habit.body)  # type: ignore[arg-type]


@get("/catalogue/{kind:str}", operation_id="listCatalogue", tags=["catalogue"])
async def list_shipped(kind: FromPath[ShippedKind], staff: AnyCaller) -> ShippedList:
    """Programmes, pain sites, red-flag questions, contexts and sources, for staff."""
    async with staff.tx() as session:
        return ShippedList(await queries.shipped_entries(session, kind))


def _out(exercise: Exercise, media: Mapping[str, ExerciseMedia]) -> ExerciseOut:
    shown = [
        MediaOut(row.kind, address_of(row), row.alt, row.content_type, row.width, row.height)  # type: ignore[arg-type]
        for row in media.values()
    ]
    return ExerciseOut(exercise.code, exercise.name, exercise.group_name, exercise.origin, exercise.body, shown)  # type: ignore[arg-type]


handlers = [
    list_exercises,
    add_exercise,
    put_exercise_media,
    remove_exercise_media,
    list_habits,
    add_habit,
    list_shipped,
]
routers = [Router("/v1", route_handlers=handlers)]
