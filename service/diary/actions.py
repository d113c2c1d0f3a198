"""The one way anything enters a diary, whether from page, app, text, link or API. Corrections keep what stood before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.catalogue.library import shipped
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.rules import (
    CLIENT_BACK_DAYS,
    HabitValue,
    Outcome,
    Problem,
    SkipReason,
    day_problem,
    habit_answer,
    local_day,
    pain_score_problem,
)
from service.diary.tables import (
    DiaryEntry,
    DiaryRevision,
    ExerciseResult,
    ExerciseSession,
    HabitMark,
    PainEntry,
    PainSite,
)
from service.errors import FieldProblem, NotFound, Refused
from service.ids import new_id
from service.plans.queries import prescribed_on
from service.plans.tables import PlanHabit

Kept = TypeVar("Kept", bound=DiaryEntry)


@dataclass(frozen=True, slots=True)
class When:
    """`day` None is the client's today. `id` is the phone's own id: telling the same thing twice is one entry."""

    day: date | None = None
    done_at: datetime | None = None
    written_at: datetime | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewPain:
    score: int
    kind: str = "now"
    sites: Sequence[tuple[str | None, str | None]] = ()
    """Pairs of site and side; a side alone is allowed."""
    aggravators: Sequence[str] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """`done_items` are plan item ids; None with outcome done means all of them."""

    outcome: Outcome
    done_items: Sequence[UUID] | None = None
    reason: SkipReason | None = None
    pain: Mapping[str, int | None] = field(default_factory=dict)
    effort: str | None = None


def today_of(client: Client, now: datetime) -> date:
    return local_day(now, ZoneInfo(client.zone))


async def record_pain(
    session: ClinicSession, client: Client, new: NewPain, when: When, now: datetime
) -> PainEntry:
    day = _checked_day(session, client, when, now)
    _refuse(_pain_problems(new))
    seq = await next_seq(session, client.id)
    fields = {
        "kind": new.kind,
        "score": new.score,
        "aggravators": sorted(set(new.aggravators)),
        "note": new.note,
    }
    entry = await _keep(session, PainEntry, client, when, fields | {"day": day}, seq, now)
    await _replace_sites(session, entry, new.sites, seq, now)
    return entry


def _pain_problems(new: NewPain) -> list[FieldProblem]:
    problems = [_field("/score", pain_score_problem(new.score))] if pain_score_problem(new.score) else []
    known_sites = {site.id for site in shipped().sites}
    for index, (site, side) in enumerate(new.sites):
        if site is not None and site not in known_sites:
            problems.append(FieldProblem(f"/sites/{index}/site", "unknown", "Use a site of the catalogue."))
        if side not in (None, "left", "right", "both"):
            problems.append(FieldProblem(f"/sites/{index}/side", "unknown", "Use left, right or both."))
    for index, code in enumerate(new.aggravators):
        if code not in shipped().aggravators:
            problems.append(
                FieldProblem(f"/aggravators/{index}", "unknown", "Use an aggravator of the catalogue.")
            )
    return problems


async def _replace_sites(
    session: ClinicSession,
    entry: PainEntry,
    sites: Sequence[tuple[str | None, str | None]],
    seq: int,
    now: datetime,
) -> None:
    before = await queries.sites_of(session, entry.client_id, [entry.id])
    if [(row.site, row.side) for row in before] == list(sites):
        return
    for row in before:
        await session.delete(row)
    await session.flush()
    session.add_all(
        PainSite(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            sync_seq=seq,
            created_at=now,
            pain_entry_id=entry.id,
            position=position,
            site=site,
            side=side,
        )
        for position, (site, side) in enumerate(sites)
    )


async def record_session(
    session: ClinicSession, client: Client, new: NewSession, when: When, now: datetime
) -> ExerciseSession:
    """One session a day is kept unless the phone names its own: a second "done" corrects the first."""
    day = _checked_day(session, client, when, now)
    _refuse(_session_problems(new))
    prescribed = await prescribed_on(session, client.id, day)
    if prescribed is None or not prescribed[1]:
        raise Refused.one("/day", "no_plan", "There is no exercise plan for this day.")
    version_id, items = prescribed
    done = _done_items(items, new)
    seq = await next_seq(session, client.id)
    fields = {
        "day": day,
        "plan_version_id": version_id,
        "outcome": new.outcome.value,
        "reason": new.reason.value if new.reason else None,
        "effort": new.effort,
        **{f"pain_{name}": new.pain.get(name) for name in ("before", "during", "after")},
    }
    existing = await queries.sessions(session, client.id, day, day) if when.id is None else []
    known = When(day, when.done_at, when.written_at, existing[0].row.id) if existing else when
    entry = await _keep(session, ExerciseSession, client, known, fields, seq, now)
    await _keep_results(session, entry, items, done, seq, now)
    return entry


def _session_problems(new: NewSession) -> list[FieldProblem]:
    problems = [
        _field(f"/pain_{name}", problem)
        for name, score in new.pain.items()
        if score is not None and (problem := pain_score_problem(score))
    ]
    if new.reason is not None and new.outcome is not Outcome.SKIPPED:
        problems.append(
            FieldProblem("/reason", "only_skipped", "Give a reason only when the day was skipped.")
        )
    return problems


def _done_items(items: Sequence[UUID], new: NewSession) -> set[UUID]:
    """Raises NotFound for an item that is not in the version of that day, whoever's it is."""
    if new.outcome is Outcome.SKIPPED:
        return set()
    if new.done_items is None:
        return set(items)
    chosen = set(new.done_items)
    if not chosen <= set(items):
        raise NotFound
    return chosen


async def _keep_results(
    session: ClinicSession,
    entry: ExerciseSession,
    items: Sequence[UUID],
    done: set[UUID],
    seq: int,
    now: datetime,
) -> None:
    before = {row.plan_item_id: row for row in await queries.results_of(session, entry.client_id, [entry.id])}
    for item in items:
        known = before.get(item)
        if known is not None:
            known.done, known.sync_seq = item in done, seq
            continue
        session.add(
            ExerciseResult(
                clinic_id=session.clinic_id,
                id=new_id(now),
                client_id=entry.client_id,
                sync_seq=seq,
                created_at=now,
                session_id=entry.id,
                plan_item_id=item,
                done=item in done,
            )
        )
    await session.flush()


async def mark_habit(
    session: ClinicSession, client: Client, plan_habit_id: UUID, value: HabitValue, when: When, now: datetime
) -> HabitMark:
    """One row for a habit and a day, however it was told; a later answer corrects it."""
    day = _checked_day(session, client, when, now)
    habit = await session.get(PlanHabit, (session.clinic_id, plan_habit_id))
    if habit is None or habit.client_id != client.id:
        raise NotFound
    columns, problem = habit_answer(habit.kind, habit.options, value)
    _refuse([_field("/value", problem)] if problem else [])
    fields: dict[str, Any] = dict(columns)
    seq = await next_seq(session, client.id)
    existing = await session.scalar(
        select(HabitMark).where(
            col(HabitMark.clinic_id) == session.clinic_id,
            col(HabitMark.client_id) == client.id,
            col(HabitMark.habit_key) == habit.habit_key,
            col(HabitMark.day) == day,
        )
    )
    known = When(day, when.done_at, when.written_at, existing.id if existing else when.id)
    fields |= {"day": day, "plan_habit_id": habit.id, "habit_key": habit.habit_key}
    return await _keep(session, HabitMark, client, known, fields, seq, now)


async def _keep(
    session: ClinicSession,
    table: type[Kept],
    client: Client,
    when: When,
    fields: dict[str, Any],
    seq: int,
    now: datetime,
) -> Kept:
    """Writes a new entry, or corrects the one with this id; the same thing told twice changes nothing."""
    kind = str(table.__tablename__)
    existing = await session.get(table, (session.clinic_id, when.id)) if when.id else None
    if existing is None:
        return await _add(session, table, client, when, fields, seq, now)
    if existing.client_id != client.id:
        raise NotFound
    changed = [name for name, value in fields.items() if getattr(existing, name) != value]
    if changed:
        session.add(_revision(session, kind, existing, now))
        existing.sqlmodel_update(
            fields | {"revision": existing.revision + 1, "sync_seq": seq, "written_at": now}
        )
        record(session, now, "correct", kind, existing.id, client_id=client.id, fields=changed)
    return existing


async def _add(
    session: ClinicSession,
    table: type[Kept],
    client: Client,
    when: When,
    fields: dict[str, Any],
    seq: int,
    now: datetime,
) -> Kept:
    entry = table(
        clinic_id=session.clinic_id,
        id=when.id or new_id(now),
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        done_at=when.done_at or now,
        written_at=when.written_at or when.done_at or now,
        received_at=now,
        entered_by="therapist" if session.actor.kind == "staff" else "client",
        channel=session.actor.channel,
        **fields,
    )
    session.add(entry)
    await session.flush()
    record(
        session, now, "create", str(table.__tablename__), entry.id, client_id=client.id, fields=list(fields)
    )
    return entry


def _revision(session: ClinicSession, kind: str, entry: DiaryEntry, now: datetime) -> DiaryRevision:
    return DiaryRevision(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=entry.client_id,
        entry_kind=kind,
        entry_id=entry.id,
        revision=entry.revision,
        body=msgspec.to_builtins(entry.model_dump(mode="json")),
        replaced_at=now,
        replaced_by=session.actor.id,
        channel=session.actor.channel,
    )


def _checked_day(session: ClinicSession, client: Client, when: When, now: datetime) -> date:
    today = today_of(client, now)
    if when.day is None:
        return today
    limit = None if session.actor.kind == "staff" else CLIENT_BACK_DAYS
    problem = day_problem(when.day, today, limit)
    if problem:
        raise Refused([_field("/day", problem)])
    return when.day


def _field(pointer: str, problem: Problem | None) -> FieldProblem:
    assert problem is not None
    return FieldProblem(pointer, problem.code, str(problem.message))


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Refused(problems)
