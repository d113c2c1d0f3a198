import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from msgspec import UNSET

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.catalogue.library import shipped
from service.catalogue.rules import Effort, LoadUnit, Sentence, Side, WorkingSide, minutes
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused, Stale
from service.plans import actions, queries
from service.plans.actions import HabitToPrescribe, ItemToPrescribe, Prescription, RecentPain
from service.plans.actions.contexts import set_contexts
from service.plans.queries import Content, Item
from service.plans.routes import running, starting
from service.plans.routes.starting import place_out, place_wanted
from service.plans.rules import WEEKDAYS, cadence_words, etag
from service.plans.schemas import (
    CadenceIn,
    ContextList,
    ContextOut,
    ContextsIn,
    DoseOut,
    ItemIn,
    ItemOut,
    PassedOut,
    PauseOut,
    PlanHabitOut,
    PlanHistory,
    PlanOut,
    PrescriptionIn,
    ReasonIn,
    fixes_out,
    lessons_out,
    once_of,
)
from service.plans.schemas.ahead import ahead_out, ahead_wanted
from service.plans.tables import PlanHabit, PlanWarning

_TYPES = {"side": Side, "working_side": WorkingSide, "load_unit": LoadUnit, "effort": Effort}
_DOSE_FIELDS = (
    "sets",
    "reps",
    "hold_seconds",
    "rest_seconds",
    "tempo",
    "load",
    "load_unit",
    "effort",
    "side",
)


@get("/clients/{client_id:uuid}/plan", operation_id="getPlan", tags=["plans"])
async def get_plan(client_id: FromPath[UUID], caller: AnyCaller) -> Response[PlanOut]:
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        content = await queries.current(session, client_id, _today(caller, client))
        return _with_etag(content, await _passed(session, caller, client_id))


@get("/clients/{client_id:uuid}/plan/versions", operation_id="listPlanVersions", tags=["plans"])
async def list_versions(client_id: FromPath[UUID], caller: AnyCaller) -> PlanHistory:
    async with caller.tx() as session:
        await record_of(session, caller, client_id)
        passed = await _passed(session, caller, client_id)
        return PlanHistory([plan_out(content, passed) for content in await queries.contents(session, client_id)])


async def _passed(session: ClinicSession, caller: Caller, client_id: UUID) -> Sequence[PlanWarning] | None:
    """A client is never told what a therapist was warned of: it names labels."""
    return None if caller.person.kind == "client" else await queries.warnings(session, client_id)


@post("/clients/{client_id:uuid}/plan", operation_id="prescribePlan", tags=["plans"])
async def prescribe(
    client_id: FromPath[UUID],
    data: JSONBody[PrescriptionIn],
    staff: AnyCaller,
    recent_pain: NamedDependency[RecentPain],
) -> Response[PlanOut]:
    """What speaks against it is answered with 422 `reason-needed`; with a reason for each warning it passes. While
    another plan runs: 409 `plan-runs`."""
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        sore = await recent_pain.sore_places(session, client_id, _today(staff, client))
        content = await actions.prescribe(session, client_id, prescription(data), staff.now, sore)
        return _with_etag(content, await queries.warnings(session, client_id), 201)


@put("/clients/{client_id:uuid}/plan", operation_id="changePlan", tags=["plans"])
async def change(
    request: AnyRequest,
    client_id: FromPath[UUID],
    data: JSONBody[PrescriptionIn],
    staff: AnyCaller,
    recent_pain: NamedDependency[RecentPain],
) -> Response[PlanOut]:
    """Needs `If-Match` with the ETag that was read; 412 when the plan changed since. Warns as prescribing does."""
    if "if-match" not in request.headers:
        raise Refused.one("If-Match", "required", "Send the ETag of the plan you read in the header If-Match.")
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        newest = await _newest(session, client_id)
        if request.headers["if-match"] != _etag(newest):
            raise Stale
        sore = await recent_pain.sore_places(session, client_id, _today(staff, client))
        number = newest.version.number
        content = await actions.change(session, client_id, prescription(data), number, staff.now, sore)
        return _with_etag(content, await queries.warnings(session, client_id))


@get("/clients/{client_id:uuid}/contexts", operation_id="listContexts", tags=["plans"])
async def list_contexts(client_id: FromPath[UUID], staff: AnyCaller) -> ContextList:
    """The labels a therapist picked for a client. Never told to the client."""
    async with staff.tx() as session:
        await record_of(session, staff, client_id)
        return await _contexts(session, client_id)


@put("/clients/{client_id:uuid}/contexts", operation_id="setContexts", tags=["plans"])
async def pick_contexts(client_id: FromPath[UUID], data: JSONBody[ContextsIn], staff: AnyCaller) -> ContextList:
    """These labels and no others; what is prescribed from now on is held against them."""
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await set_contexts(session, client_id, data.contexts, staff.now)
        return await _contexts(session, client_id)


async def _contexts(session: ClinicSession, client_id: UUID) -> ContextList:
    names = {context.id: context.name for context in shipped().contexts}
    picked = await queries.contexts(session, client_id)
    return ContextList([ContextOut(row.context, names.get(row.context, row.context), row.created_at) for row in picked])


async def _newest(session: ClinicSession, client_id: UUID) -> Content:
    running = await queries.running_content(session, client_id)
    if not running:
        raise NotFound
    return running[-1]


def _today(caller: Caller, client: Client) -> date:
    return caller.now.astimezone(ZoneInfo(client.zone)).date()


def prescription(data: PrescriptionIn) -> Prescription:
    return Prescription(
        title=data.title,
        starts_on=data.starts_on,
        items=[_item(index, item) for index, item in enumerate(data.items)],
        habits=[HabitToPrescribe(h.habit, _given(h.target), _given(h.habit_key)) for h in data.habits],
        note=_given(data.note),
        once=once_of(data),
        place=place_wanted(data),
        load_pain=data.load_pain,
        reasons={(_place(reason), reason.code): reason.reason.strip() for reason in data.reasons},
    )


def _place(reason: ReasonIn) -> int | None:
    found = re.search("[0-9]+", reason.pointer)
    return int(found[0]) if found else None


def _given(value: Any) -> Any:
    return None if value is UNSET else value


def _item(index: int, item: ItemIn) -> ItemToPrescribe:
    fields = {name: getattr(item, name) for name in (*_DOSE_FIELDS, "working_side")}
    chosen = {name: _TYPES.get(name, lambda v: v)(value) for name, value in fields.items() if value is not UNSET}
    return ItemToPrescribe(
        exercise=item.exercise,
        routine=_given(item.routine),
        dose_fields=chosen,
        cadence=_cadence(f"/items/{index}/cadence", item.cadence),
        cue=_given(item.cue),
        item_key=_given(item.item_key),
        ahead=ahead_wanted(item.ahead),
    )


def _cadence(pointer: str, cadence: CadenceIn) -> dict[str, Any]:
    """The cadence as columns of a plan item."""
    given = [n for n in ("weekdays", "times_per_week", "every_days") if getattr(cadence, n) is not UNSET]
    if len(given) != 1 or cadence.weekdays == []:
        raise Refused.one(pointer, "cadence", "Give one of weekdays, times_per_week or every_days.")
    columns: dict[str, Any] = {"cadence": given[0], "times_per_day": cadence.times_per_day}
    if cadence.weekdays is not UNSET:
        return columns | {"weekdays": _mask(cadence.weekdays)}
    return columns | {given[0]: getattr(cadence, given[0])}


def _mask(weekdays: Sequence[str]) -> int:
    names = [name.lower() for name in WEEKDAYS]
    return sum(1 << names.index(day) for day in set(weekdays))


def _etag(content: Content) -> str:
    return etag(str(content.plan.id), content.version.number)


def _with_etag(content: Content, passed: Sequence[PlanWarning] | None, status_code: int = 200) -> Response[PlanOut]:
    return Response(plan_out(content, passed), status_code=status_code, headers={"ETag": _etag(content)})


def plan_out(content: Content, passed: Sequence[PlanWarning] | None) -> PlanOut:
    """`passed` may hold those of other versions; None is for the client, who hears of no step allowed ahead either."""
    version = content.version
    keys = {item.row.id: item.row.item_key for item in content.items}
    return PlanOut(
        id=content.plan.id,
        title=content.plan.title,
        version=version.number,
        version_id=version.id,
        starts_on=version.starts_on,
        minutes=minutes(*(item.dose for item in content.items)),
        items=[_item_out(item, content, to_staff=passed is not None) for item in content.items],
        habits=[_habit_out(habit) for habit in content.habits],
        etag=_etag(content),
        changes=[str(Sentence.from_stored(line)) for line in version.change_lines],
        pauses=[PauseOut(p.from_day, p.until_day or UNSET) for p in content.pauses],
        ended_on=content.plan.ended_on or UNSET,
        note=version.note or UNSET,
        fixes=fixes_out(content),
        lessons=lessons_out(content),
        programme=place_out(content.place),
        load_pain=version.load_pain or UNSET,
        passed=[_passed_out(row, keys) for row in passed or () if row.plan_version_id == version.id],
    )


def _passed_out(row: PlanWarning, keys: Mapping[UUID, UUID]) -> PassedOut:
    return PassedOut(
        code=row.code,
        message=str(Sentence.from_stored(row.words)),
        source=row.sources,
        reason=row.reason,
        item_key=keys[row.plan_item_id] if row.plan_item_id else UNSET,
    )


def _item_out(item: Item, content: Content, *, to_staff: bool) -> ItemOut:
    row = item.row
    dose: dict[str, Any] = {
        name: value for name in DoseOut.__struct_fields__ if (value := getattr(row, name)) is not None
    }
    return ItemOut(
        id=row.id,
        item_key=row.item_key,
        exercise=item.exercise.code,
        name=item.exercise.name,
        routine=row.routine,
        dose=DoseOut(**dose),
        cadence=str(cadence_words(content.cadence(item))),
        cue=row.cue or UNSET,
        ahead=ahead_out(item) if to_staff else UNSET,
    )


def _habit_out(habit: PlanHabit) -> PlanHabitOut:
    return PlanHabitOut(
        id=habit.id,
        habit_key=habit.habit_key,
        habit=habit.habit_id,
        prompt=habit.prompt,
        kind=habit.kind,
        cadence=habit.cadence,
        options=habit.options,
        unit=habit.unit or UNSET,
        target=UNSET if habit.target is None else habit.target,
    )


routers = [
    Router(
        "/v1",
        route_handlers=[
            get_plan,
            list_versions,
            prescribe,
            change,
            list_contexts,
            pick_contexts,
            *running.handlers,
            *starting.handlers,
        ],
    )
]
