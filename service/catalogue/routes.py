from typing import Literal

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Response

from service.accounts.guards import AnyCaller
from service.accounts.rules import Right
from service.catalogue import actions, queries
from service.catalogue.rules import Effort, Side, WorkingSide
from service.catalogue.rules.own import OwnExercise
from service.catalogue.schemas import (
    ExerciseList,
    ExerciseOut,
    HabitList,
    HabitOut,
    NewExercise,
    ShippedList,
)
from service.catalogue.tables import Exercise

ShippedKind = Literal["programme", "site", "red_flag", "context", "source"]


@get("/exercises", operation_id="listExercises", tags=["catalogue"])
async def list_exercises(caller: AnyCaller) -> ExerciseList:
    async with caller.tx() as session:
        return ExerciseList([_out(exercise) for exercise in await queries.exercises(session)])


@post("/exercises", operation_id="addExercise", tags=["catalogue"])
async def add_exercise(data: JSONBody[NewExercise], staff: AnyCaller) -> Response[ExerciseOut]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        await actions.add_exercise(session, _own(data), data.code, staff.now)
        added = await queries.exercises_by_code(session, [data.code])
    return Response(_out(added[data.code]), status_code=201)


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
    return HabitList([HabitOut(h.code, h.prompt, h.kind, h.cadence, h.origin, h.body) for h in found])  # type: ignore[arg-type]


@get("/catalogue/{kind:str}", operation_id="listCatalogue", tags=["catalogue"])
async def list_shipped(kind: FromPath[ShippedKind], staff: AnyCaller) -> ShippedList:
    """Programmes, pain sites, red-flag questions, contexts and sources, for staff."""
    async with staff.tx() as session:
        return ShippedList(await queries.shipped_entries(session, kind))


def _out(exercise: Exercise) -> ExerciseOut:
    return ExerciseOut(exercise.code, exercise.name, exercise.group_name, exercise.origin, exercise.body)  # type: ignore[arg-type]


routers = [Router("/v1", route_handlers=[list_exercises, add_exercise, list_habits, list_shipped])]
