"""The one way anything enters a diary, whether from page, app, text, link or API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.queries import clinic
from service.accounts.tables import Client
from service.catalogue.library import shipped
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.entries import Fresh, Told, When, checked_day, correct, field_problem, keep, refuse
from service.diary.rules import HabitValue, Outcome, SkipReason, flare_until, habit_answer, pain_score_problem
from service.diary.tables import (
    DiaryEntry,
    ExerciseResult,
    ExerciseSession,
    HabitMark,
    PainEntry,
    PainSite,
)
from service.errors import FieldProblem, NotFound, Refused
from service.ids import new_id
from service.plans.queries import contents, prescribed_on
from service.plans.tables import PlanHabit


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
    """`done_items` are plan item ids; None means all of them when done, and "it was not said" when partly."""

    outcome: Outcome
    done_items: Sequence[UUID] | None = None
    reason: SkipReason | None = None
    pain: Mapping[str, int | None] = field(default_factory=dict)
    effort: str | None = None


async def record_pain(session: ClinicSession, client: Client, new: NewPain, when: When, now: datetime) -> PainEntry:
    day = checked_day(session, client, when, now)
    refuse(_pain_problems(new))
    seq = await next_seq(session, client.id)
    fields = {
        "kind": new.kind,
        "score": new.score,
        "aggravators": sorted(set(new.aggravators)),
        "note": new.note,
    }
    told = Told(fields | {"day": day}, {"sites": [list(pair) for pair in new.sites]})
    entry, fresh = await keep(session, PainEntry, client, when, told, seq, now)
    if fresh is not Fresh.SAME:
        with session.no_autoflush:
            entry.flare_until = flare_until(entry.score, entry.done_at, (await clinic(session)).flare_score)
        if fresh is Fresh.CORRECTED:
            await _drop_sites(session, entry)
        _add_sites(session, entry, new.sites, seq, now)
    return entry


def _pain_problems(new: NewPain) -> list[FieldProblem]:
    wrong_score = pain_score_problem(new.score)
    problems = [field_problem("/score", wrong_score)] if wrong_score else []
    known_sites = {site.id for site in shipped().sites}
    for index, (site, side) in enumerate(new.sites):
        if site is not None and site not in known_sites:
            problems.append(FieldProblem(f"/sites/{index}/site", "unknown", "Use a site of the catalogue."))
        if side not in (None, "left", "right", "both"):
            problems.append(FieldProblem(f"/sites/{index}/side", "unknown", "Use left, right or both."))
    for index, code in enumerate(new.aggravators):
        if code not in shipped().aggravators:
            problems.append(FieldProblem(f"/aggravators/{index}", "unknown", "Use an aggravator of the catalogue."))
    return problems


async def _drop_sites(session: ClinicSession, entry: PainEntry) -> None:
    for row in await queries.sites_of(session, entry.client_id, [entry.id]):
        await session.delete(row)
    # Those that come stand in their places.
    await session.flush()


def _add_sites(
    session: ClinicSession,
    entry: PainEntry,
    sites: Sequence[tuple[str | None, str | None]],
    seq: int,
    now: datetime,
) -> None:
    session.add_all(
        PainSite(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            sync_seq=seq,
            created_at=now,
            pain_entry_id=entry.id,
            pain_entry=entry,
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
    day = checked_day(session, client, when, now)
    refuse(_session_problems(new))
    prescribed = await prescribed_on(session, client.id, day)
    if prescribed is None or not prescribed[1]:
        raise Refused.one("/day", "no_plan", "There is no exercise plan for this day.")
    version_id, items = prescribed
    done = _done_items(items, new)
    seq = await next_seq(session, client.id)
    existing = await queries.sessions(session, client.id, day, day) if when.id is None else []
    # "Done" says nothing about pain: what was told of it stays, unless nothing was done.
    stands = existing[0].row if existing and new.outcome is not Outcome.SKIPPED else None
    fields = {
        "day": day,
        "plan_version_id": version_id,
        "outcome": new.outcome.value,
        "reason": new.reason.value if new.reason else None,
        "effort": new.effort,
        **{f"pain_{n}": new.pain.get(n, getattr(stands, f"pain_{n}", None)) for n in ("before", "during", "after")},
    }
    known = When(day, when.done_at, when.written_at, existing[0].row.id) if existing else when
    told = Told(fields, {"done_items": sorted(str(item) for item in done)})
    entry, fresh = await keep(session, ExerciseSession, client, known, told, seq, now)
    unsaid = new.outcome is Outcome.PARTLY and new.done_items is None
    if fresh is not Fresh.SAME:
        before = await queries.every_result_of(session, entry) if fresh is Fresh.CORRECTED else []
        _keep_results(session, entry, before, [] if unsaid else items, done, seq, now)
    return entry


def _session_problems(new: NewSession) -> list[FieldProblem]:
    problems = [
        field_problem(f"/pain_{name}", problem)
        for name, score in new.pain.items()
        if score is not None and (problem := pain_score_problem(score))
    ]
    if new.reason is not None and new.outcome is not Outcome.SKIPPED:
        problems.append(FieldProblem("/reason", "only_skipped", "Give a reason only when the day was skipped."))
    return problems


def _done_items(items: Sequence[UUID], new: NewSession) -> set[UUID]:
    """Raises NotFound for an item that is not in the version of that day, whoever's it is."""
    if new.outcome is Outcome.SKIPPED:
        return set()
    if new.done_items is None:
        # "Some of it" without saying which names none of them done; it is never counted as all.
        return set(items) if new.outcome is Outcome.DONE else set()
    chosen = set(new.done_items)
    if not chosen <= set(items):
        raise NotFound
    return chosen


def _keep_results(
    session: ClinicSession,
    entry: ExerciseSession,
    before: Sequence[ExerciseResult],
    items: Sequence[UUID],
    done: set[UUID],
    seq: int,
    now: datetime,
) -> None:
    """Results of other items (of the version before, or of a "done" that became "some of it") are taken back."""
    of_items = {row.plan_item_id: row for row in before}
    for row in before:
        if row.deleted_at is None and row.plan_item_id not in items:
            row.deleted_at, row.sync_seq = now, seq
    for item in items:
        known = of_items.get(item)
        if known is not None:
            known.done, known.deleted_at, known.sync_seq = item in done, None, seq
            continue
        session.add(
            ExerciseResult(
                clinic_id=session.clinic_id,
                id=new_id(now),
                client_id=entry.client_id,
                sync_seq=seq,
                created_at=now,
                session_id=entry.id,
                session=entry,
                plan_item_id=item,
                done=item in done,
            )
        )


async def mark_habit(
    session: ClinicSession, client: Client, plan_habit_id: UUID, value: HabitValue, when: When, now: datetime
) -> HabitMark:
    """One row for a habit and a day, however it was told; a later answer corrects it."""
    day = checked_day(session, client, when, now)
    habit = await session.get(PlanHabit, (session.clinic_id, plan_habit_id))
    if habit is None or habit.client_id != client.id:
        raise NotFound
    columns, problem = habit_answer(habit.kind, habit.options, value)
    refuse([field_problem("/value", problem)] if problem else [])
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
    fields |= {"day": day, "plan_habit_id": habit.id, "habit_key": habit.habit_key, "kind": habit.kind}
    mark, _ = await keep(session, HabitMark, client, known, Told(fields), seq, now)
    return mark


_STAYS = frozenset(DiaryEntry.model_fields) - {"day", "deleted_at"}


async def take_back(session: ClinicSession, client: Client, entry: DiaryEntry, now: datetime) -> None:
    """What an entry said before stands again; one that said nothing before is gone. Both keep what is taken back."""
    seq = await next_seq(session, client.id)
    before, parts = await queries.before(session, entry), await queries.parts_of(session, entry)
    if before is None or before.body["deleted_at"]:
        correct(session, entry, parts, Told({"deleted_at": now}), ["deleted_at"], seq, now)
        return
    stood = type(entry).model_validate(before.body)
    fields = {name: getattr(stood, name) for name in type(entry).model_fields if name not in _STAYS}
    correct(session, entry, parts, Told(fields), sorted(fields), seq, now)
    match entry:
        case PainEntry():
            await _drop_sites(session, entry)
            _add_sites(session, entry, [(site, side) for site, side in before.body["sites"]], seq, now)
        case ExerciseSession():
            done = {UUID(item) for item in before.body["done_items"]}
            known = await queries.every_result_of(session, entry)
            _keep_results(session, entry, known, await _items_told(session, entry, done), done, seq, now)


async def _items_told(session: ClinicSession, entry: ExerciseSession, done: set[UUID]) -> list[UUID]:
    """Those of its version; none when it was not said which part was done."""
    if entry.outcome == Outcome.PARTLY and not done:
        return []
    listed = await contents(session, entry.client_id)
    return [item.row.id for content in listed if content.version.id == entry.plan_version_id for item in content.items]
