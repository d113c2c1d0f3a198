"""Which habits are asked on a day, and for which stretch of days one answer counts. Days are local dates."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

MOST_A_DAY: Final = 5
"""More rows than that get ignored (the wording study of screens, 2.4: an opinion, not a trial's)."""


class Habit(Protocol):
    @property
    def habit_key(self) -> UUID: ...
    @property
    def cadence(self) -> str: ...


HabitT = TypeVar("HabitT", bound=Habit)


def period_of(cadence: str, day: date) -> tuple[date, date]:
    """First and last day that one answer counts for: the day, its week from Monday on, or its month."""
    if cadence == "weekly":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if cadence == "monthly":
        after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return day.replace(day=1), after - timedelta(days=1)
    return day, day


def asked_on(habits: Sequence[HabitT], told: Collection[tuple[UUID, date]], day: date) -> list[HabitT]:
    """In the therapist's order. A weekly or monthly habit is asked until it was told on an earlier day of its week or
    month. Of more than five, each day asks the next five in turn, so that each is asked equally often: which ones
    follows from the day alone, and no answer brings up another question."""
    open_ones = [habit for habit in habits if not _told_before(habit, told, day)]
    if len(open_ones) <= MOST_A_DAY:
        return open_ones
    first = day.toordinal() * MOST_A_DAY % len(open_ones)
    turn = [*open_ones[first:], *open_ones[:first]]
    today = [habit for habit in turn if (habit.habit_key, day) in told]
    chosen = {habit.habit_key for habit in [*today, *(h for h in turn if h not in today)][:MOST_A_DAY]}
    return [habit for habit in open_ones if habit.habit_key in chosen]


def asked_and_told(habits: Sequence[Habit], told: Collection[tuple[UUID, date]], day: date) -> tuple[int | None, int]:
    """How many are asked that day, None where there are none at all, and how many of them were told."""
    if not habits:
        return None, 0
    asked = asked_on(habits, told, day)
    return len(asked), sum((habit.habit_key, day) in told for habit in asked)


def _told_before(habit: Habit, told: Collection[tuple[UUID, date]], day: date) -> bool:
    first, _ = period_of(habit.cadence, day)
    return any((habit.habit_key, day - timedelta(days=back)) in told for back in range(1, (day - first).days + 1))
