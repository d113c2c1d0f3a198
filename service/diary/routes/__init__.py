from datetime import date
from typing import Any, Literal
from uuid import UUID

from litestar import Router, delete, get, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, UnsetType

from service.accounts.guards import AnyCaller, record_of
from service.database.tenancy import ClinicSession
from service.diary import actions, queries
from service.diary.actions import NewPain, NewSession, NewSet
from service.diary.entries import When, today_of
from service.diary.fix_reports import tell_fix, untell_fix
from service.diary.mornings import NewMorning, record_morning
from service.diary.queries import Pain, Session, results_of, sets_of, told_session
from service.diary.routes import red_flags
from service.diary.rules import Outcome, Response, SkipReason, window
from service.diary.schemas import (
    DiaryOut,
    FixAnswerIn,
    FixReportOut,
    HabitAnswerIn,
    HabitMarkOut,
    MorningIn,
    MorningOut,
    PainIn,
    PainOut,
    ResultOut,
    RevisionList,
    RevisionOut,
    SessionIn,
    SessionOut,
    SetOut,
    SiteOut,
)
from service.diary.tables import (
    DiaryEntry,
    DiaryRevision,
    ExerciseSession,
    ExerciseSet,
    FixReport,
    HabitMark,
    MorningAfter,
    PainEntry,
)
from service.errors import Refused
from service.plans.fixes import FixAnswer, told_as


def given(value: Any) -> Any:
    return None if value is UNSET else value


@put("/clients/{client_id:uuid}/pain-entries/{entry_id:uuid}", operation_id="putPainEntry", tags=["diary"])
async def put_pain(
    client_id: FromPath[UUID], entry_id: FromPath[UUID], data: JSONBody[PainIn], caller: AnyCaller
) -> PainOut:
    """Keeps a pain entry under an id made by the phone; the same again changes nothing, another score corrects it."""
    new = NewPain(
        score=data.score,
        kind=data.kind,
        sites=[(given(s.site), given(s.side)) for s in data.sites],
        aggravators=data.aggravators,
        note=given(data.note),
        radiates=given(data.radiates),
        qualities=data.qualities,
        timing=data.timing,
    )
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        when = When(given(data.day), given(data.done_at), id=entry_id)
        entry = await actions.record_pain(session, client, new, when, caller.now)
        await session.flush()
        return _pain_out(Pain(entry, list(await queries.sites_of(session, client_id, [entry.id]))))


@put("/clients/{client_id:uuid}/sessions/{entry_id:uuid}", operation_id="putSession", tags=["diary"])
async def put_session(
    client_id: FromPath[UUID], entry_id: FromPath[UUID], data: JSONBody[SessionIn], caller: AnyCaller
) -> SessionOut:
    sets = [NewSet(s.plan_item_id, given(s.reps), given(s.seconds), given(s.load), given(s.side)) for s in data.sets]
    counted = list(dict.fromkeys(one.plan_item_id for one in sets)) if data.outcome == "partly" else []
    new = NewSession(
        outcome=Outcome(data.outcome),
        done_items=(counted or None) if data.done_items is UNSET else data.done_items,
        reason=SkipReason(data.reason) if data.reason is not UNSET else None,
        pain={name: given(getattr(data, f"pain_{name}")) for name in ("before", "during", "after")},
        effort=given(data.effort),
        sets=sets,
    )
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        when = When(given(data.day), given(data.done_at), id=entry_id)
        entry = await actions.record_session(session, client, new, when, caller.now)
        results = await results_of(session, client_id, [entry.id])
        words = await red_flags.words_on_hold(session, client, caller, new.outcome)
        return _session_out(told_session(entry, results, await sets_of(session, client_id, [entry.id])), words)


@put(
    "/clients/{client_id:uuid}/habits/{plan_habit_id:uuid}/days/{day:str}",
    operation_id="putHabitMark",
    tags=["diary"],
)
async def put_habit(
    client_id: FromPath[UUID],
    plan_habit_id: FromPath[UUID],
    day: FromPath[date],
    data: JSONBody[HabitAnswerIn],
    caller: AnyCaller,
) -> HabitMarkOut:
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        when = When(day, given(data.done_at))
        return _habit_out(await actions.mark_habit(session, client, plan_habit_id, data.value, when, caller.now))


@put("/clients/{client_id:uuid}/mornings/{day:str}", operation_id="putMorning", tags=["diary"])
async def put_morning(
    client_id: FromPath[UUID], day: FromPath[date], data: JSONBody[MorningIn], caller: AnyCaller
) -> MorningOut:
    """The morning after the session of the day before `day`; the same again changes nothing, another corrects it."""
    new = NewMorning(Response(data.response), data.score)
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        when = When(day, given(data.done_at))
        return _morning_out(await record_morning(session, client, new, when, caller.now))


_FIX_DAY = "/clients/{client_id:uuid}/fixes/{plan_fix_id:uuid}/days/{day:str}"


@put(_FIX_DAY, operation_id="putFixReport", tags=["diary"])
async def put_fix(
    client_id: FromPath[UUID],
    plan_fix_id: FromPath[UUID],
    day: FromPath[date],
    data: JSONBody[FixAnswerIn],
    caller: AnyCaller,
) -> FixReportOut:
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        when = When(day, given(data.done_at))
        return _fix_out(await tell_fix(session, client, plan_fix_id, FixAnswer(data.answer), when, caller.now))


@delete(_FIX_DAY, operation_id="deleteFixReport", status_code=204, tags=["diary"])
async def delete_fix(
    client_id: FromPath[UUID], plan_fix_id: FromPath[UUID], day: FromPath[date], caller: AnyCaller
) -> None:
    """Takes back what was told of that day; there being nothing, it changes nothing."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        await untell_fix(session, client, plan_fix_id, When(day), caller.now)


@get("/clients/{client_id:uuid}/diary", operation_id="getDiary", tags=["diary"])
async def get_diary(
    client_id: FromPath[UUID],
    caller: AnyCaller,
    first: FromQuery[date | None] = None,
    last: FromQuery[date | None] = None,
) -> DiaryOut:
    """The last 28 days, or the days asked for; both ends included."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        first, last = asked_days(first, last, today_of(client, caller.now))
        return await _diary_out(session, client_id, first, last)


def asked_days(first: date | None, last: date | None, latest: date) -> tuple[date, date]:
    """Raises Refused for a window that runs backwards or is too long."""
    found = window(first, last, latest)
    if found is None:
        raise Refused.one("/first", "range", "Ask for 1 to 400 days, the first before the last.")
    return found


async def _diary_out(session: ClinicSession, client_id: UUID, first: date, last: date) -> DiaryOut:
    found = await queries.diary(session, client_id, first, last)
    return DiaryOut(
        first,
        last,
        [_session_out(entry) for entry in found.sessions],
        [_habit_out(mark) for mark in found.habits],
        [_pain_out(pain) for pain in found.pains],
        [_morning_out(morning) for morning in found.mornings],
        [_fix_out(row) for row in await queries.fix_reports(session, client_id) if first <= row.day <= last],
    )


@get(
    "/clients/{client_id:uuid}/diary/{kind:str}/{entry_id:uuid}/revisions", operation_id="listRevisions", tags=["diary"]
)
async def list_revisions(
    client_id: FromPath[UUID],
    kind: FromPath[Literal["pain_entry", "exercise_session", "habit_mark", "morning_after", "fix_report"]],
    entry_id: FromPath[UUID],
    caller: AnyCaller,
) -> RevisionList:
    """What an entry said before each correction."""
    async with caller.tx() as session:
        await record_of(session, caller, client_id)
        found = [r for r in await queries.revisions(session, kind, entry_id) if r.client_id == client_id]
    return RevisionList([_revision_out(revision) for revision in found])


def _revision_out(row: DiaryRevision) -> RevisionOut:
    return RevisionOut(
        revision=row.revision,
        replaced_at=row.replaced_at,
        replaced_by=row.replaced_by or UNSET,
        channel=row.channel,
        body=row.body,
        late=row.late > 0,
    )


def _entry_fields(entry: DiaryEntry) -> dict[str, Any]:
    names = ("id", "day", "done_at", "written_at", "received_at", "entered_by", "channel", "revision")
    return {name: getattr(entry, name) for name in names}


def _pain_out(pain: Pain) -> PainOut:
    entry: PainEntry = pain.entry
    return PainOut(
        **_entry_fields(entry),
        score=entry.score,
        kind=entry.kind,
        sites=[SiteOut(s.site or UNSET, s.side or UNSET) for s in pain.sites],  # type: ignore[arg-type]
        aggravators=entry.aggravators,
        qualities=entry.qualities,
        timing=entry.timing,
        radiates=entry.radiates or UNSET,
        note=entry.note or UNSET,
    )


def _session_out(session: Session, words: list[str] | UnsetType = UNSET) -> SessionOut:
    row: ExerciseSession = session.row
    optional = ("reason", "pain_before", "pain_during", "pain_after", "effort")
    return SessionOut(
        **_entry_fields(row),
        plan_version_id=row.plan_version_id,
        outcome=row.outcome,  # type: ignore[arg-type]
        results=[
            ResultOut(result.plan_item_id, result.done, [_set_out(s) for s in session.sets if s.result_id == result.id])
            for result in session.results
        ],
        words=words,
        **{name: getattr(row, name) for name in optional if getattr(row, name) is not None},
    )


def _set_out(one: ExerciseSet) -> SetOut:
    told = {name: getattr(one, name) for name in ("reps", "seconds", "load", "side")}
    return SetOut(one.number, **{name: value for name, value in told.items() if value is not None})


def _habit_out(mark: HabitMark) -> HabitMarkOut:
    return HabitMarkOut(
        **_entry_fields(mark), plan_habit_id=mark.plan_habit_id, habit_key=mark.habit_key, value=mark.value
    )


def _morning_out(entry: MorningAfter) -> MorningOut:
    return MorningOut(
        **_entry_fields(entry),
        session_id=entry.session_id,
        response=entry.response,  # type: ignore[arg-type]
        score=entry.score,
    )


def _fix_out(report: FixReport) -> FixReportOut:
    return FixReportOut(
        **_entry_fields(report),
        plan_fix_id=report.plan_fix_id,
        fix_key=report.fix_key,
        answer=told_as(report).value,
    )


routers = [
    Router(
        "/v1",
        route_handlers=[
            put_pain,
            put_session,
            put_habit,
            put_morning,
            put_fix,
            delete_fix,
            get_diary,
            list_revisions,
            *red_flags.handlers,
        ],
    )
]
