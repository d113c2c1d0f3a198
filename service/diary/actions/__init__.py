"""The one way anything enters a diary, whether from page, app, text, link or API."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.database.reading import Reading, Rows
from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.actions.pain import NewPain, add_sites, drop_sites, record_pain, told_again
from service.diary.actions.sessions import NewSession, NewSet, put_back, record_session
from service.diary.entries import Told, When, checked_day, correct, field_problem, keep, refuse
from service.diary.rules import HabitValue, habit_answer
from service.diary.tables import DiaryEntry, ExerciseSession, HabitMark, PainEntry
from service.errors import NotFound
from service.plans.tables import PlanHabit

__all__ = [
    "NewPain",
    "NewSession",
    "NewSet",
    "mark_habit",
    "mark_habits",
    "record_pain",
    "record_session",
    "take_back",
    "told_again",
]


_MARKED = Reading(
    Rows(
        PlanHabit,
        "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.id = ANY(CAST(%(ids)s AS uuid[]))",
    ),
    # With those taken back: there is one row for a habit and a day.
    Rows(
        HabitMark,
        "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.day = %(day)s",
        columns=["id", "habit_key"],
    ),
)


async def mark_habit(
    session: ClinicSession, client: Client, plan_habit_id: UUID, value: HabitValue | None, when: When, now: datetime
) -> HabitMark:
    """One row for a habit and a day, however it was told; a later answer corrects it. None skips it for the day."""
    [mark] = await mark_habits(session, client, {plan_habit_id: value}, when, now)
    return mark


async def mark_habits(
    session: ClinicSession, client: Client, answers: Mapping[UUID, HabitValue | None], when: When, now: datetime
) -> list[HabitMark]:
    """Several of one day, by the id of the prescribed habit; only one alone may bring an id of its own. No answer at
    all is nothing to do. The same habit of two versions is told once: the answer that comes last stands."""
    if not answers:
        return []
    day = checked_day(session, client, when, now)
    # First: two taps at once wait for each other here, and the second reads what the first one told.
    seq = await next_seq(session, client.id)
    found = await _MARKED(session, client_id=client.id, day=day, ids=uuids(answers))
    own = {habit.id: habit for habit in found.of(PlanHabit)}
    if not answers.keys() <= own.keys():
        raise NotFound
    given = [own[plan_habit_id] for plan_habit_id in answers]
    habits = list({habit.habit_key: habit for habit in given}.values())
    told = [habit_answer(habit.kind, habit.options, answers[habit.id]) for habit in habits]
    refuse([field_problem("/value", problem) for _, problem in told if problem])
    existing = {mark.habit_key: mark.id for mark in found.of(HabitMark)}
    marks = []
    for habit, (columns, _) in zip(habits, told, strict=True):
        known = When(day, when.done_at, when.written_at, existing.get(habit.habit_key, when.id))
        fields = {"day": day, "plan_habit_id": habit.id, "habit_key": habit.habit_key, "kind": habit.kind}
        mark, _ = await keep(session, HabitMark, client, known, Told(dict(columns) | fields), seq, now)
        marks.append(mark)
    return marks


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
            await drop_sites(session, entry)
            add_sites(session, entry, [(site, side) for site, side in before.body["sites"]], seq, now)
        case ExerciseSession():
            await put_back(session, entry, before.body, seq, now)
