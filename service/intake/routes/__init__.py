from datetime import date
from typing import Any
from uuid import UUID

from litestar import Router, delete, get, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller, Caller, record_of
from service.accounts.rules import Right
from service.diary.schemas import SiteOut
from service.intake import actions, queries, rules
from service.intake.actions import NewTreatment
from service.intake.actions.booking import book_visit
from service.intake.queries import Version
from service.intake.routes import helpers
from service.intake.rules import Answers, Goal
from service.intake.schemas import (
    CareList,
    GoalOut,
    IntakeIn,
    IntakeList,
    IntakeOut,
    NextVisitIn,
    PatternList,
    PatternOut,
    TreatmentIn,
    TreatmentOut,
    VisitIn,
    VisitOut,
)
from service.intake.tables import Treatment, Visit


def _given(value: Any) -> Any:
    return None if value is UNSET else value


def _known(value: Any) -> Any:
    return UNSET if value is None else value


@put("/clients/{client_id:uuid}/intakes/{intake_id:uuid}", operation_id="putIntake", tags=["intake"])
async def put_intake(
    client_id: FromPath[UUID], intake_id: FromPath[UUID], data: JSONBody[IntakeIn], caller: AnyCaller
) -> IntakeOut:
    """A new version under an id made by the phone; the same again changes nothing. Told as it is already, the newest
    version is the answer. A ticked warning sign opens a red flag."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        kept = await actions.keep_intake(
            session, client, intake_id, _answers(data), caller.now, based_on=_given(data.based_on)
        )
        return _intake_out(kept)


def _answers(data: IntakeIn) -> Answers:
    return Answers(
        sites=[(_given(site.site) or "", _given(site.side)) for site in data.sites],
        radiates=_given(data.radiates),
        qualities=data.qualities,
        timing=data.timing,
        aggravators=data.aggravators,
        onset=_given(data.onset),
        previous_care=_given(data.previous_care),
        goals=[Goal(goal.words, _given(goal.now), _given(goal.wanted)) for goal in data.goals],
        habits=data.habits,
        red_flags=data.red_flags,
    )


@get("/clients/{client_id:uuid}/intakes", operation_id="listIntakes", tags=["intake"])
async def list_intakes(client_id: FromPath[UUID], caller: AnyCaller) -> IntakeList:
    async with caller.tx() as session:
        await record_of(session, caller, client_id)
        return IntakeList([_intake_out(version) for version in await queries.versions(session, client_id)])


@get("/clients/{client_id:uuid}/patterns", operation_id="listPatterns", tags=["intake"])
async def list_patterns(client_id: FromPath[UUID], staff: AnyCaller) -> PatternList:
    """For staff, never for a client: what the newest intake has in common with patterns of the catalogue."""
    async with staff.tx() as session:
        await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        newest = await queries.newest(session, client_id)
    found = rules.patterns(newest.answers) if newest else []
    return PatternList([PatternOut(p.reported, list(p.suggests), p.warning, list(p.source)) for p in found])


@get("/clients/{client_id:uuid}/visits", operation_id="listVisits", tags=["intake"])
async def list_visits(client_id: FromPath[UUID], caller: AnyCaller) -> CareList:
    """Visits, and the hands-on treatments given."""
    async with caller.tx() as session:
        await record_of(session, caller, client_id)
        seen, given = await queries.visits(session, client_id), await queries.treatments(session, client_id)
    return CareList([_visit_out(visit) for visit in seen], [_treatment_out(treatment) for treatment in given])


@put("/clients/{client_id:uuid}/visits/{day:str}", operation_id="putVisit", tags=["intake"])
async def put_visit(
    client_id: FromPath[UUID], day: FromPath[date], data: JSONBody[VisitIn], staff: AnyCaller
) -> VisitOut:
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        visit = await actions.note_visit(session, client, staff.person.id, day, _given(data.note), staff.now)
        return _visit_out(visit)


@delete("/clients/{client_id:uuid}/visits/{visit_id:uuid}", operation_id="takeBackVisit", tags=["intake"])
async def take_back_visit(client_id: FromPath[UUID], visit_id: FromPath[UUID], staff: AnyCaller) -> None:
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await actions.take_back(session, client, Visit, visit_id, staff.now)


@put(
    "/clients/{client_id:uuid}/next-visit",
    operation_id="bookVisit",
    status_code=204,
    tags=["intake"],
)
async def put_next_visit(client_id: FromPath[UUID], data: JSONBody[NextVisitIn], staff: AnyCaller) -> None:
    """When the client comes next, in place of what was booked before."""
    await _book(client_id, data.day, staff)


@delete("/clients/{client_id:uuid}/next-visit", operation_id="unbookVisit", status_code=204, tags=["intake"])
async def delete_next_visit(client_id: FromPath[UUID], staff: AnyCaller) -> None:
    await _book(client_id, None, staff)


async def _book(client_id: UUID, day: date | None, staff: Caller) -> None:
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await book_visit(session, client, day, staff.now)


@put("/clients/{client_id:uuid}/treatments/{treatment_id:uuid}", operation_id="putTreatment", tags=["intake"])
async def put_treatment(
    client_id: FromPath[UUID], treatment_id: FromPath[UUID], data: JSONBody[TreatmentIn], staff: AnyCaller
) -> TreatmentOut:
    """The same again changes nothing. One that was wrong is taken back and noted anew."""
    new = NewTreatment(
        data.kind,
        _given(data.day),
        _given(data.site),
        _given(data.side),
        _given(data.minutes),
        _given(data.note),
    )
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        kept = await actions.note_treatment(session, client, staff.person.id, treatment_id, new, staff.now)
        return _treatment_out(kept)


@delete("/clients/{client_id:uuid}/treatments/{treatment_id:uuid}", operation_id="takeBackTreatment", tags=["intake"])
async def take_back_treatment(client_id: FromPath[UUID], treatment_id: FromPath[UUID], staff: AnyCaller) -> None:
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        await actions.take_back(session, client, Treatment, treatment_id, staff.now)


def _intake_out(version: Version) -> IntakeOut:
    row, told = version.row, version.answers
    return IntakeOut(
        id=row.id,
        version=row.version,
        day=row.day,
        told_at=row.created_at,
        entered_by=row.entered_by,
        channel=row.channel,
        sites=[SiteOut(site, _known(side)) for site, side in told.sites],
        radiates=_known(told.radiates),
        qualities=list(told.qualities),
        timing=list(told.timing),
        aggravators=list(told.aggravators),
        onset=_known(told.onset),
        previous_care=_known(told.previous_care),
        goals=[GoalOut(goal.words, _known(goal.now), _known(goal.wanted)) for goal in told.goals],
        habits=dict(told.habits),
        red_flags=list(told.red_flags or ()),
    )


def _visit_out(visit: Visit) -> VisitOut:
    return VisitOut(visit.id, visit.day, visit.staff_id, _known(visit.note))


def _treatment_out(row: Treatment) -> TreatmentOut:
    optional = {name: _known(getattr(row, name)) for name in ("site", "side", "minutes", "note")}
    return TreatmentOut(id=row.id, day=row.day, staff_id=row.staff_id, kind=row.kind, **optional)


routers = [
    Router(
        "/v1",
        route_handlers=[
            put_intake,
            list_intakes,
            list_patterns,
            list_visits,
            put_visit,
            take_back_visit,
            put_next_visit,
            delete_next_visit,
            put_treatment,
            take_back_treatment,
            *helpers.handlers,
        ],
    )
]
