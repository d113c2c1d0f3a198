"""What a plan can start from, where in a programme it is, and a clinic's templates."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.catalogue.library import Phase, Programme
from service.errors import NotFound, Refused
from service.plans import queries
from service.plans.actions import HabitToPrescribe, ItemToPrescribe
from service.plans.actions.templates import remove_template, rename_template, save_template
from service.plans.actions.versions import programme_of
from service.plans.queries import Content, starts
from service.plans.rules import WEEKDAYS
from service.plans.rules.programmes import Place, began_on
from service.plans.schemas import CadenceIn, HabitIn, ItemIn, PrescriptionIn, ProgrammeIn, ProgrammeOut
from service.plans.schemas.starting import (
    DraftOut,
    InProgrammeOut,
    NewTemplate,
    PhaseDueOut,
    PhaseOut,
    TemplateChange,
    TemplateList,
    TemplateOut,
)
from service.plans.starting import (
    Draft,
    FromProgramme,
    FromTemplate,
    FromVersion,
    InProgramme,
    Start,
    draft_of,
    due_words,
    in_programme,
)
from service.plans.tables import PlanTemplate


def place_wanted(data: PrescriptionIn) -> Place | UnsetType | None:
    """Without `began_on` it is worked out from the phase; what no programme has is refused where it is written."""
    asked = data.programme
    if asked is UNSET or asked is None:
        return asked
    if asked.began_on is not UNSET:
        return Place(asked.code, asked.phase, asked.began_on)
    programme = programme_of(asked.code)
    known = programme is not None and asked.phase <= len(programme.phases)
    begun = began_on(programme, asked.phase, data.starts_on) if programme and known else data.starts_on
    return Place(asked.code, asked.phase, begun)


def place_out(place: Place | None) -> ProgrammeOut | UnsetType:
    return ProgrammeOut(place.programme, place.phase, place.began_on) if place else UNSET


@get("/clients/{client_id:uuid}/plan/draft", operation_id="draftPlan", tags=["plans"])
async def draft(
    client_id: FromPath[UUID],
    staff: AnyCaller,
    programme: FromQuery[str | None] = None,
    phase: FromQuery[int | None] = None,
    template: FromQuery[UUID | None] = None,
    plan_version: Annotated[UUID | None, QueryParameter(description="Of this client, or of another one.")] = None,
) -> DraftOut:
    """A plan to be sent, from a programme, a template or a version of a plan. Prescribes nothing.

    Without `phase` a programme starts with its first, or goes on with the one after the running plan's.
    """
    start = _start(programme, phase, template, plan_version)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        versions = await queries.running_content(session, client_id)
        running = versions[-1] if versions else None
        today = staff.now.astimezone(ZoneInfo(client.zone)).date()
        starts_on = max(today, running.version.starts_on) if running else today
        return _draft_out(await draft_of(session, staff, client, start, running, starts_on), running, starts_on)


def _start(programme: str | None, phase: int | None, template: UUID | None, version: UUID | None) -> Start:
    if sum(given is not None for given in (programme, template, version)) != 1:
        raise Refused.one("/programme", "one", "Give one of programme, template and plan_version.")
    if phase is not None and programme is None:
        raise Refused.one("/phase", "needs", "A phase needs its programme.")
    if programme is not None:
        return FromProgramme(programme, phase)
    if template is not None:
        return FromTemplate(template)
    if version is None:
        raise NotFound
    return FromVersion(version)


def _draft_out(found: Draft, running: Content | None, starts_on: date) -> DraftOut:
    place = found.place
    items = [_item_in(item) for item in found.items]
    return DraftOut(
        PrescriptionIn(
            starts_on=starts_on,
            items=items,
            habits=[_habit_in(habit) for habit in found.habits],
            title=running.plan.title if running else "Home exercise plan",
            programme=ProgrammeIn(place.programme, place.phase, place.began_on) if place else None,
        ),
        [f"/items/{index}/side" for index, item in enumerate(items) if item.side is UNSET],
        list(found.left_out),
    )


def _item_in(item: ItemToPrescribe) -> ItemIn:
    given: dict[str, Any] = {"routine": item.routine, "cue": item.cue, "item_key": item.item_key, **item.dose_fields}
    fields = {name: value for name, value in given.items() if value is not None}
    return ItemIn(exercise=item.exercise, cadence=_cadence_in(item.cadence), **fields)


def _cadence_in(columns: Any) -> CadenceIn:
    kind, times = columns["cadence"], columns["times_per_day"]
    if kind == "weekdays":
        names = [name.lower() for bit, name in enumerate(WEEKDAYS) if columns["weekdays"] >> bit & 1]
        return CadenceIn(weekdays=names, times_per_day=times)  # type: ignore[arg-type]
    return CadenceIn(**{kind: columns[kind]}, times_per_day=times)


def _habit_in(habit: HabitToPrescribe) -> HabitIn:
    target = UNSET if habit.target is None else habit.target
    return HabitIn(habit.habit, target, habit.habit_key or UNSET)


@get("/clients/{client_id:uuid}/plan/programme", operation_id="getPlanProgramme", tags=["plans"])
async def get_programme(client_id: FromPath[UUID], staff: AnyCaller) -> InProgrammeOut:
    """Where in its programme the running plan is, and which phase may start; 404 when it is in none."""
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        today = staff.now.astimezone(ZoneInfo(client.zone)).date()
        labels = [row.context for row in await queries.contexts(session, client_id)]
        found = await in_programme(session, await queries.running_content(session, client_id), labels, today)
    if found is None:
        raise NotFound
    return _in_programme_out(found, client_id)


def _in_programme_out(found: InProgramme, client_id: UUID) -> InProgrammeOut:
    programme, place, due = found.programme, found.place, found.due
    path = f"/v1/clients/{client_id}/plan/draft?programme={programme.id}"
    return InProgrammeOut(
        code=programme.id,
        name=programme.name,
        phase=place.phase,
        began_on=place.began_on,
        week=found.week,
        phases=_phases_out(programme),
        due=PhaseDueOut(due.phase, str(due_words(due)), f"{path}&phase={due.phase}") if due else UNSET,
    )


def _phases_out(programme: Programme) -> list[PhaseOut]:
    return [_phase_out(number, phase) for number, phase in enumerate(programme.phases, 1)]


def _phase_out(number: int, phase: Phase) -> PhaseOut:
    first, last = phase.weeks
    return PhaseOut(number, phase.name, first, last, phase.per_week, list(phase.exercises), phase.note or UNSET)


@get("/plan-templates", operation_id="listPlanTemplates", tags=["plans"])
async def list_templates(staff: AnyCaller) -> TemplateList:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        return TemplateList([_template_out(found) for found in await starts.templates(session)])


@post("/plan-templates", operation_id="savePlanTemplate", tags=["plans"])
async def save(data: JSONBody[NewTemplate], staff: AnyCaller) -> Response[TemplateOut]:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        owner = await starts.version_owner(session, data.plan_version)
        if owner is None:
            raise NotFound
        await record_of(session, staff, owner, right=Right.PRESCRIBE)
        [content] = [c for c in await queries.contents(session, owner) if c.version.id == data.plan_version]
        made = await save_template(session, data.name, content, staff.now)
    return Response(_template_out(made), status_code=201)


@patch("/plan-templates/{template_id:uuid}", operation_id="renamePlanTemplate", tags=["plans"])
async def rename(template_id: FromPath[UUID], data: JSONBody[TemplateChange], staff: AnyCaller) -> TemplateOut:
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        return _template_out(await rename_template(session, template_id, data.name, staff.now))


@delete("/plan-templates/{template_id:uuid}", operation_id="removePlanTemplate", status_code=204, tags=["plans"])
async def remove(template_id: FromPath[UUID], staff: AnyCaller) -> None:
    """Plans that were made from it stay."""
    staff.require(Right.PRESCRIBE)
    async with staff.tx() as session:
        await remove_template(session, template_id, staff.now)


def _template_out(row: PlanTemplate) -> TemplateOut:
    exercises = list(dict.fromkeys(item["exercise"] for item in row.body["items"]))
    return TemplateOut(row.id, row.name, exercises, [habit["habit"] for habit in row.body["habits"]], row.created_at)


handlers = [draft, get_programme, list_templates, save, rename, remove]
