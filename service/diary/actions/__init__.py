"""The one way anything enters a diary, whether from page, app, text, link or API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
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
    "record_pain",
    "record_session",
    "take_back",
    "told_again",
]


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
            await drop_sites(session, entry)
            add_sites(session, entry, [(site, side) for site, side in before.body["sites"]], seq, now)
        case ExerciseSession():
            await put_back(session, entry, before.body, seq, now)
