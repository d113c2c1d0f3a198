"""The exercises of a day: what was done of them, set by set where somebody counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.entries import Fresh, Told, When, checked_day, field_problem, keep, refuse
from service.diary.rules import MOST_SETS, Outcome, SkipReason, pain_score_problem, set_problem
from service.diary.tables import ExerciseResult, ExerciseSession, ExerciseSet
from service.errors import FieldProblem, NotFound, Refused
from service.ids import new_id
from service.plans.queries import contents
from service.plans.tables import PlanItem


@dataclass(frozen=True, slots=True)
class NewSet:
    """One set of one plan item. `load` is in the unit that the plan prescribes."""

    plan_item_id: UUID
    reps: int | None = None
    seconds: int | None = None
    load: float | None = None
    side: str | None = None

    @property
    def told(self) -> list[Any]:
        return [self.reps, self.seconds, self.load, self.side]


@dataclass(frozen=True, slots=True)
class NewSession:
    """`done_items` are plan item ids; None means all of them when done, and "it was not said" when partly. `sets` come
    in the order done; None says nothing of them."""

    outcome: Outcome
    done_items: Sequence[UUID] | None = None
    reason: SkipReason | None = None
    pain: Mapping[str, int | None] = field(default_factory=dict)
    effort: str | None = None
    sets: Sequence[NewSet] | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is kept item by item. `items` are those that anything was said of."""

    items: Sequence[UUID]
    done: set[UUID]
    sets: Sequence[NewSet]

    def as_lists(self) -> dict[str, list[Any]]:
        return {
            "done_items": sorted(str(item) for item in self.done),
            "sets": sorted([str(s.plan_item_id), number, *s.told] for number, s in _numbered(self.sets)),
        }


def _numbered(sets: Iterable[NewSet]) -> Iterable[tuple[int, NewSet]]:
    """Each with its number among those of its item, from 1."""
    counts: dict[UUID, int] = {}
    for one in sets:
        counts[one.plan_item_id] = counts.get(one.plan_item_id, 0) + 1
        yield counts[one.plan_item_id], one


async def record_session(
    session: ClinicSession, client: Client, new: NewSession, when: When, now: datetime
) -> ExerciseSession:
    """One session a day is kept unless the phone names its own: a second "done" corrects the first."""
    day = checked_day(session, client, when, now)
    refuse(_problems(new))
    # First: two taps at once wait for each other here, and the second reads what the first one told.
    seq = await next_seq(session, client.id)
    prescribed, told = await queries.prescribed_and_told(session, client.id, day)
    if prescribed is None or not prescribed[1]:
        raise Refused.one("/day", "no_plan", "There is no exercise plan for this day.")
    version_id, items = prescribed
    done = _done_items(items, new)
    refuse(await _set_problems(session, client.id, new.sets or (), done))
    existing = told if when.id is None else []
    # "Done" says nothing about pain and sets: what was told of them stays, unless nothing was done.
    stands = existing[0] if existing and new.outcome is not Outcome.SKIPPED else None
    parts = _parts(items, done, new, stands)
    fields = {"day": day, "plan_version_id": version_id, **_columns(new, stands.row if stands else None)}
    known = When(day, when.done_at, when.written_at, existing[0].row.id) if existing else when
    entry, fresh = await keep(session, ExerciseSession, client, known, Told(fields, parts.as_lists()), seq, now)
    if fresh is not Fresh.SAME:
        await _keep_parts(session, entry, parts, seq, now, is_new=fresh is Fresh.NEW)
    return entry


def _parts(items: Sequence[UUID], done: set[UUID], new: NewSession, stands: queries.Session | None) -> _Parts:
    """ "Some of it" again, without saying which, leaves what was named before."""
    if new.outcome is Outcome.PARTLY and new.done_items is None:
        was_partly = stands is not None and stands.row.outcome == Outcome.PARTLY
        named = {result.plan_item_id for result in stands.results if result.done} if stands and was_partly else set()
        done = named & set(items)
        items = items if done else []
    sets = new.sets if new.sets is not None else [one for one in _sets_of(stands) if one.plan_item_id in done]
    return _Parts(items, done, sets)


def _columns(new: NewSession, stands: ExerciseSession | None) -> dict[str, Any]:
    return {
        "outcome": new.outcome.value,
        "reason": new.reason.value if new.reason else None,
        "effort": new.effort or (stands.effort if stands else None),
        **{f"pain_{n}": new.pain.get(n, getattr(stands, f"pain_{n}", None)) for n in ("before", "during", "after")},
    }


def _sets_of(told: queries.Session | None) -> list[NewSet]:
    if told is None:
        return []
    items = {result.id: result.plan_item_id for result in told.results}
    return [NewSet(items[s.result_id], s.reps, s.seconds, s.load, s.side) for s in told.sets if s.result_id in items]


def _problems(new: NewSession) -> list[FieldProblem]:
    problems = [
        field_problem(f"/pain_{name}", problem)
        for name, score in new.pain.items()
        if score is not None and (problem := pain_score_problem(score))
    ]
    if new.reason is not None and new.outcome is not Outcome.SKIPPED:
        problems.append(FieldProblem("/reason", "only_skipped", "Give a reason only when the day was skipped."))
    if new.outcome is Outcome.SKIPPED:
        problems += _not_of_a_skipped_day(new)
    return problems


def _not_of_a_skipped_day(new: NewSession) -> list[FieldProblem]:
    """Pain may be told: who stops at once because it hurts has skipped."""
    hint = "Leave this out when the day was skipped."
    told = {"/effort": new.effort, "/sets": new.sets}
    return [FieldProblem(pointer, "not_skipped", hint) for pointer, value in told.items() if value]


async def _set_problems(
    session: ClinicSession, client_id: UUID, sets: Sequence[NewSet], done: set[UUID]
) -> list[FieldProblem]:
    loaded = await _loaded(session, client_id, [s.plan_item_id for s in sets if s.load is not None])
    problems = []
    for index, (number, one) in enumerate(_numbered(sets)):
        if number > MOST_SETS:
            problems.append(FieldProblem(f"/sets/{index}", "too_many", "Use at most 50 sets of an exercise."))
        if one.plan_item_id not in done:
            hint = "Name an exercise that was done in this session."
            problems.append(FieldProblem(f"/sets/{index}/plan_item_id", "not_done", hint))
        if one.load is not None and one.plan_item_id not in loaded:
            hint = "Leave the load out: the plan asks for none here, so it has no unit."
            problems.append(FieldProblem(f"/sets/{index}/load", "no_load", hint))
        wrong = set_problem(one.reps, one.seconds, one.load)
        if wrong:
            problems.append(field_problem(f"/sets/{index}{wrong[0]}", wrong[1]))
    return problems


async def _loaded(session: ClinicSession, client_id: UUID, items: Sequence[UUID]) -> set[UUID]:
    """Those of them that the plan prescribes a load for."""
    if not items:
        return set()
    statement = select(col(PlanItem.id)).where(
        col(PlanItem.clinic_id) == session.clinic_id,
        col(PlanItem.client_id) == client_id,
        col(PlanItem.id).in_(items),
        col(PlanItem.load_unit).is_not(None),
    )
    return set((await session.scalars(statement)).all())


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


async def _keep_parts(
    session: ClinicSession, entry: ExerciseSession, parts: _Parts, seq: int, now: datetime, *, is_new: bool
) -> None:
    before = [] if is_new else await queries.every_result_of(session, entry)
    if not is_new:
        await _drop_sets(session, entry)
    results = _keep_results(session, entry, before, parts, seq, now)
    session.add_all(
        ExerciseSet(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            sync_seq=seq,
            created_at=now,
            result_id=results[one.plan_item_id].id,
            result=results[one.plan_item_id],
            number=number,
            reps=one.reps,
            seconds=one.seconds,
            load=one.load,
            side=one.side,
        )
        for number, one in _numbered(parts.sets)
    )


async def _drop_sets(session: ClinicSession, entry: ExerciseSession) -> None:
    for row in await queries.sets_of(session, entry.client_id, [entry.id]):
        await session.delete(row)
    # Those that come stand in their places.
    await session.flush()


def _keep_results(
    session: ClinicSession,
    entry: ExerciseSession,
    before: Sequence[ExerciseResult],
    parts: _Parts,
    seq: int,
    now: datetime,
) -> dict[UUID, ExerciseResult]:
    """By plan item. Those of other items (of the version before, or of a "done" that became "some of it") are taken
    back."""
    kept = {row.plan_item_id: row for row in before}
    for row in before:
        if row.deleted_at is None and row.plan_item_id not in parts.items:
            row.deleted_at, row.sync_seq = now, seq
    for item in parts.items:
        known = kept.get(item)
        if known is not None:
            known.done, known.deleted_at, known.sync_seq = item in parts.done, None, seq
            continue
        kept[item] = ExerciseResult(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            sync_seq=seq,
            created_at=now,
            session_id=entry.id,
            session=entry,
            plan_item_id=item,
            done=item in parts.done,
        )
        session.add(kept[item])
    return kept


async def put_back(
    session: ClinicSession, entry: ExerciseSession, body: Mapping[str, Any], seq: int, now: datetime
) -> None:
    """The parts that an entry had before, as its revision names them."""
    done = {UUID(item) for item in body["done_items"]}
    sets = [NewSet(UUID(item), *told) for item, _, *told in sorted(body.get("sets", []))]
    parts = _Parts(await _items_told(session, entry, done), done, sets)
    await _keep_parts(session, entry, parts, seq, now, is_new=False)


async def _items_told(session: ClinicSession, entry: ExerciseSession, done: set[UUID]) -> list[UUID]:
    """Those of its version; none when it was not said which part was done."""
    if entry.outcome == Outcome.PARTLY and not done:
        return []
    listed = await contents(session, entry.client_id)
    return [item.row.id for content in listed if content.version.id == entry.plan_version_id for item in content.items]
